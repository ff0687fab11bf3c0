import type { ComponentChildren } from 'preact';

import { Status } from './status.tsx';

/** What one has to know, and what can be done about it. */
export function Banner({
  of,
  strong,
  action,
  children,
}: {
  readonly of: 'paused' | 'warning';
  readonly strong: ComponentChildren;
  readonly action?: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="banner tone-warn">
      <p>
        <Status of={of}>
          <strong>{strong}</strong>
        </Status>{' '}
        {children}
      </p>
      {action}
    </div>
  );
}
