import { type Axis, type AxisPoint, axes } from './growth-axes.ts';
import { savePlots } from './growth-plots.ts';
import { type Extent, type Load, type Measured, measurePoint, slots } from './growth-point.ts';
import { sayProgress } from './progress.ts';
import type { Row } from './row.ts';
import { median } from './statistics.ts';

/** What was measured on one axis, in its order. */
export interface MeasuredAxis {
  readonly axis: Axis;
  readonly points: readonly { readonly point: AxisPoint; readonly measured: Measured }[];
}

/** What a picture costs while something grows: URLs that wait, jobs, workers, the distance to source and host. */
export async function measureGrowth({
  quick,
  save,
}: {
  readonly quick: boolean;
  readonly save: boolean;
}): Promise<Row[]> {
  const measured: MeasuredAxis[] = [];
  for (const axis of quick ? axes.slice(0, 1) : axes) measured.push(await measureAxis(axis, quick));
  // A quick look is no reason to draw.
  if (save && !quick) for (const file of await savePlots(measured)) sayProgress(`growth: drawn as ${file}`);
  return measured.flatMap(rowsOf);
}

async function measureAxis(axis: Axis, quick: boolean): Promise<MeasuredAxis> {
  const points = [];
  for (const point of quick ? axis.points.filter((_, at) => at % 2 === 0).slice(0, 2) : axis.points) {
    const measured = await measurePoint(point.load, extentOf(point.load, quick));
    sayProgress(`growth, ${point.label} ${axis.label}: ${Math.round(median(measured.perSecond))} pictures/s`);
    points.push({ point, measured });
  }
  const [first, ...others] = points;
  if (first === undefined) return { axis, points };
  // What the machine does meanwhile should not fall on one end of the axis alone, so it begins and ends with the same.
  sayProgress(`growth, ${first.point.label} ${axis.label}: once more`);
  const again = await measurePoint(first.point.load, extentOf(first.point.load, quick));
  return { axis, points: [{ ...first, measured: joined(first.measured, again) }, ...others] };
}

function joined(one: Measured, other: Measured): Measured {
  return {
    perSecond: [...one.perSecond, ...other.perSecond],
    workerMs: [...one.workerMs, ...other.workerMs],
    redisMs: [...one.redisMs, ...other.redisMs],
    serverShare: [...one.serverShare, ...other.serverShare],
  };
}

/** As many as a second or two are enough for; where all slots move in step, whole rounds of them. */
function extentOf({ sourceMs, hostMs, workers }: Load, quick: boolean): Extent {
  const most = quick ? 1_000 : 8_000;
  const inTwoSeconds = (slots * workers * 2_000) / (sourceMs + hostMs);
  const rounds = Math.floor(Math.min(most, inTwoSeconds) / slots);
  return { warmUp: quick ? 1_000 : 6_000, windows: quick ? 1 : 3, pictures: rounds * slots };
}

/** Each point beside the first. */
function rowsOf({ axis, points }: MeasuredAxis): Row[] {
  const [first, ...others] = points;
  if (first === undefined) return [];
  const beside = (figure: keyof Measured, what: string, unit: string): Row[] =>
    others.map(({ point, measured }) => ({
      what: `growth, ${point.label} ${axis.label}: ${what}`,
      unit,
      ours: measured[figure],
      peerName: first.point.label,
      peer: first.measured[figure],
      ...(axis.aim === undefined || figure === 'perSecond' ? {} : { aim: axis.aim }),
    }));
  return [
    ...beside('perSecond', 'throughput', 'pictures/s'),
    ...beside('workerMs', 'CPU', 's per 1,000'),
    ...beside('redisMs', 'CPU of Redis', 's per 1,000'),
    ...others.slice(-1).map(({ point, measured }) => ({
      what: `growth, ${point.label} ${axis.label}: at which one Redis is busy, by its CPU`,
      unit: 'pictures/s',
      ours: measured.redisMs.map((ms) => 1e3 / ms),
      peerName: first.point.label,
      peer: first.measured.redisMs.map((ms) => 1e3 / ms),
    })),
    {
      what: `growth, ${axis.label}, at each point: of a core, the servers`,
      unit: '',
      ours: points.map(({ measured }) => median(measured.serverShare)),
    },
  ];
}
