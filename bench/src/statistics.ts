/** The middle of some figures, or the mean of the two in the middle. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  if (low === undefined || high === undefined) throw new RangeError('there is no median of nothing');
  return (low + high) / 2;
}

/** By how much the figures rise from one to the next: the slope of the straight line that is nearest to them. */
export function slope(figures: readonly number[]): number {
  const middle = (figures.length - 1) / 2;
  const mean = figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
  const rise = figures.reduce((sum, figure, at) => sum + (at - middle) * (figure - mean), 0);
  return rise / figures.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
}

/** What so many of a hundred figures are not above. */
export function percentile(figures: readonly number[], of100: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil((sorted.length * of100) / 100) - 1)];
  if (found === undefined) throw new RangeError('there is no percentile of nothing');
  return found;
}
