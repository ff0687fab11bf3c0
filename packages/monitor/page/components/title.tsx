import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import type { PausedView } from '../../src/views/index.ts';
import { useConnection, useIsBehind, useLive } from '../use-live.ts';

let first = true;

/** The heading of a page. Who came here from another page is put at it, as a browser does with a new document. */
export function Title({
  name,
  mark = '',
  children,
}: {
  readonly name: string;
  /** What is wrong, for who sees nothing but the tab. */
  readonly mark?: string;
  readonly children?: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const worst = useMark() ?? mark;
  useEffect(() => {
    document.title = `${worst === '' ? '' : `${worst}: `}${name} · imgferry`;
  }, [name, worst]);
  useEffect(() => {
    if (!first) {
      heading.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    first = false;
  }, [name]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children ?? name}
    </h1>
  );
}

/** What is wrong on every page, the worst first. */
function useMark(): string | undefined {
  const { value: paused } = useLive<PausedView>('paused');
  const { state } = useConnection();
  const isBehind = useIsBehind();
  if (state === 'lost' || state === 'full' || state === 'refused') return 'Connection lost';
  if (isBehind) return 'Not up to date';
  return paused?.queue || (paused?.hosts.length ?? 0) > 0 ? 'Paused' : undefined;
}
