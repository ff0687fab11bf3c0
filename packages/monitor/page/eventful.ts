/** The places at which at least one of the series has something to tell, the newest first. */
export function eventful(series: readonly { readonly values: readonly (number | null)[] }[]): number[] {
  const length = Math.max(0, ...series.map(({ values }) => values.length));
  return [...Array(length).keys()]
    .filter((at) => series.some(({ values }) => (values[at] ?? 0) > 0))
    .toReversed();
}
