import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import type { MeasuredAxis } from './growth.ts';
import type { Measured } from './growth-point.ts';
import { drawLineChart } from './line-chart.ts';
import { median } from './statistics.ts';

const folder = new URL('../results/', import.meta.url);

/** Draws each axis and answers where. What was drawn before makes way, so that a document can point there. */
export async function savePlots(measured: readonly MeasuredAxis[]): Promise<string[]> {
  return Promise.all(
    measured.map(async (axis) => {
      const file = new URL(`growth-${axis.axis.name}.svg`, folder);
      await writeFile(file, draw(axis));
      return fileURLToPath(file);
    }),
  );
}

function draw({ axis, points }: MeasuredAxis): string {
  const medians = (figure: keyof Measured): number[] =>
    points.map(({ measured }) => median(measured[figure]));
  const [perSecond, worker, redis] = [medians('perSecond'), medians('workerMs'), medians('redisMs')];
  return drawLineChart({
    title: `Growth over ${axis.label}`,
    description: points
      .map(
        ({ point }, at) =>
          `${point.label}: ${shown(perSecond[at])} pictures a second, of each ${shown(worker[at])} ms of CPU of the workers and ${shown(redis[at])} ms of Redis.`,
      )
      .join(' '),
    xLabel: axis.label,
    places: points.map(({ point }) => point),
    panels: [
      { yLabel: 'throughput (pictures/s)', lines: [{ name: 'pictures/s', values: perSecond }] },
      {
        yLabel: 'CPU for each picture (ms)',
        lines: [
          { name: 'workers', values: worker },
          { name: 'Redis', values: redis },
        ],
      },
    ],
  });
}

function shown(value = Number.NaN): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}
