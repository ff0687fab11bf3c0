import type { ComponentChildren } from 'preact';

import type { Word } from '../words.ts';
import { Term } from './term.tsx';

/** A number with its name, and what puts it into proportion. */
export function Stat({
  name,
  term,
  value,
  tone = '',
  children,
}: {
  readonly name: string;
  /** A word of the trade in its name, which is explained there. */
  readonly term?: Word;
  readonly value: ComponentChildren;
  readonly tone?: '' | 'bad' | 'warn';
  readonly children?: ComponentChildren;
}) {
  return (
    <div class={`stat ${tone === '' ? '' : `tone-${tone}`}`}>
      <dt>
        {name}
        {term !== undefined && <Term of={term} />}
      </dt>
      <dd>
        <span class="number">{value}</span>
        {children !== undefined && <span class="beside">{children}</span>}
      </dd>
    </div>
  );
}

/** Facts as pairs of a name and a value. */
export function Facts({
  of,
}: {
  readonly of: readonly (readonly [name: string, value: ComponentChildren])[];
}) {
  return (
    <dl class="facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
