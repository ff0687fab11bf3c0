import type { MetricFamily, Sample } from './exposition.ts';

/** A number that only grows. Its name ends in `_total`. */
export function counter(name: string, help: string, value: number | readonly Sample[]): MetricFamily {
  return { name, type: 'counter', help, samples: samplesOf(value) };
}

/** A number as it is now. */
export function gauge(name: string, help: string, value: number | readonly Sample[]): MetricFamily {
  return { name, type: 'gauge', help, samples: samplesOf(value) };
}

function samplesOf(value: number | readonly Sample[]): readonly Sample[] {
  return typeof value === 'number' ? [{ value }] : value;
}

/** Prometheus counts in seconds. */
export function seconds(milliseconds: number): number {
  return milliseconds / 1_000;
}
