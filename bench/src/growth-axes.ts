import type { Aim } from './aim.ts';
import type { Load } from './growth-point.ts';

/** One thing that grows, while the rest stays as it is. */
export interface Axis {
  /** In file names. */
  readonly name: string;
  /** What grows, and its unit. */
  readonly label: string;
  /** What is wanted of the CPU for a picture, in relation to the first point. */
  readonly aim?: Aim;
  readonly points: readonly AxisPoint[];
}

/** How much of it there is at one place. */
export interface AxisPoint {
  readonly at: number;
  /** What stands below it. */
  readonly label: string;
  readonly load: Load;
}

// Below a thousand URLs there is too little for 32 slots and what is claimed ahead, and between two refills they would idle.
const near: Load = { jobs: 100, urlsPerJob: 100, isAged: true, workers: 1, sourceMs: 0, hostMs: 0 };

function point(at: number, load: Partial<Load>, label: string = at.toLocaleString('en')): AxisPoint {
  return { at, label, load: { ...near, ...load } };
}

/** All that grows. */
export const axes: readonly Axis[] = [
  {
    name: 'waiting',
    label: 'URLs waiting, in ten jobs',
    aim: { of: 'ratio', most: 1.25 },
    points: [1_000, 10_000, 100_000, 1_000_000].map((at) =>
      point(at, { jobs: 10, urlsPerJob: at / 10, isAged: false }),
    ),
  },
  {
    name: 'jobs',
    label: 'live jobs, of a hundred URLs each and half of them done',
    aim: { of: 'ratio', most: 1.25 },
    points: [20, 100, 1_000, 10_000].map((at) => point(at, { jobs: at })),
  },
  {
    name: 'workers',
    label: 'processes that work',
    points: [1, 2, 4].map((at) => point(at, { workers: at })),
  },
  {
    name: 'latency',
    label: 'source and host, how long they keep a request waiting (ms)',
    points: [
      point(3, {}, '0 + 0'),
      point(30, { sourceMs: 10, hostMs: 20 }, '10 + 20'),
      point(150, { sourceMs: 50, hostMs: 100 }, '50 + 100'),
    ],
  },
];
