/** What is wanted of a row: of our median, or of its ratio to what is beside it. */
export type Aim = { readonly of: 'ours' | 'ratio' } & (
  | { readonly least: number }
  | { readonly most: number }
);

/** As `≤ 2`, or `≥ 2.1 ×` where it is of the ratio. */
export function writeAim(aim: Aim): string {
  const bound = 'least' in aim ? `≥ ${written(aim.least)}` : `≤ ${written(aim.most)}`;
  return aim.of === 'ratio' ? `${bound} ×` : bound;
}

/** Whether what was measured is within it. */
export function isMet(aim: Aim, measured: number): boolean {
  return 'least' in aim ? measured >= aim.least : measured <= aim.most;
}

function written(bound: number): string {
  return bound.toLocaleString('en', { maximumFractionDigits: 3 });
}
