import { Component, type ComponentChildren } from 'preact';

interface Props {
  readonly children: ComponentChildren;
}

/** What can not be drawn is said, and takes nothing else with it. */
export class Caught extends Component<Props, { readonly reason?: string }> {
  static override getDerivedStateFromError(error: unknown): { readonly reason: string } {
    return { reason: error instanceof Error ? error.message : String(error) };
  }

  override render({ children }: Props, { reason }: { readonly reason?: string }) {
    if (reason === undefined) return <>{children}</>;
    return (
      <section class="empty" role="alert">
        <h2>This can not be shown</h2>
        <p>
          <bdi class="code">{reason.slice(0, 200)}</bdi>
        </p>
        <button type="button" onClick={() => location.reload()}>
          Reload
        </button>
      </section>
    );
  }
}
