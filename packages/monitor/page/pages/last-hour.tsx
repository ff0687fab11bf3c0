import type { MinuteView } from '../../src/views/index.ts';
import { Chart } from '../components/chart.tsx';
import { count, duration, shortCount, sum } from '../format.ts';

interface Minutes {
  readonly minutes: readonly MinuteView[];
}

/** How many uploads ended in each minute, and how. */
export function Throughput({ minutes }: Minutes) {
  const complete = minutes.map((minute) => minute.complete);
  const failed = minutes.map((minute) => minute.failed);
  return (
    <Chart
      title="Uploads per minute"
      told={`Uploads per minute in the last hour: ${count(sum(complete))} complete and ${count(sum(failed))} failed in all.`}
      times={minutes.map(({ at }) => at)}
      kind="bars"
      format={count}
      axisFormat={shortCount}
      series={[
        { name: 'Complete', look: 'complete', values: complete },
        { name: 'Failed', look: 'failed', values: failed },
      ]}
    />
  );
}

/** For how long uploads were worked on. */
export function Latency({ minutes }: Minutes) {
  const newest = minutes.findLast(({ p50Ms }) => p50Ms !== null);
  const told =
    newest === undefined
      ? 'No upload ended in the last hour.'
      : `Of those that ended last, half took no longer than ${duration(newest.p50Ms)}, 95 of a hundred no longer than ${duration(newest.p95Ms)}, 99 no longer than ${duration(newest.p99Ms)}.`;
  return (
    <Chart
      title="Time per upload"
      told={`Time per upload in the last hour. ${told}`}
      times={minutes.map(({ at }) => at)}
      kind="lines"
      format={duration}
      axisFormat={duration}
      series={[
        { name: 'p50', look: 'p50', values: minutes.map(({ p50Ms }) => p50Ms) },
        { name: 'p95', look: 'p95', values: minutes.map(({ p95Ms }) => p95Ms), dash: [6, 3] },
        { name: 'p99', look: 'p99', values: minutes.map(({ p99Ms }) => p99Ms), dash: [2, 3] },
      ]}
    />
  );
}
