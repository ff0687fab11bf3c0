import type { Random } from './random.ts';

/** What can be done to one worker. */
export const workerFaults = [
  'worker killed',
  'worker frozen',
  'worker drained and replaced',
  'worker cut off from Redis',
  'worker swallowed',
] as const;

/** What can be done to Redis, and to the api's way to it. */
export const redisFaults = ['Redis killed', 'Redis frozen', 'api swallowed', 'api killed'] as const;

/** What the host can do to those who upload. */
export const hostFaults = [
  'host slow',
  'host answers 500',
  'host answers 429',
  'host cuts after it has the image',
  'host cuts in the middle of its answer',
  'host cuts before it has the image',
] as const;

/** A kind of fault. */
export type FaultKind =
  | (typeof workerFaults)[number]
  | (typeof redisFaults)[number]
  | (typeof hostFaults)[number];

/** One fault of the plan. */
export interface PlannedFault {
  readonly kind: FaultKind;
  /** How long after the end of the fault before it in its lane it begins, in milliseconds. */
  readonly afterMs: number;
  /** How long it lasts, where it is one that lasts. */
  readonly forMs: number;
  /** Which worker, where it is about one. */
  readonly worker: number;
}

/** Faults that are done one after the other, while those of other lanes go on. */
export interface Lane {
  readonly name: string;
  readonly faults: readonly PlannedFault[];
}

/** How often a lane does something, and for how long. */
interface Pace {
  readonly restMs: readonly [number, number];
  readonly lastMs: readonly [number, number];
}

/** What will be done, in which order, to whom and for how long: all of it follows from the seed. */
export function planFaults(random: Random, forMs: number, workers: number): Lane[] {
  const slots = Array.from({ length: workers }, (_, slot) => slot);
  const even = slots.filter((slot) => slot % 2 === 0);
  const odd = slots.filter((slot) => slot % 2 === 1);
  // No two lanes meet at one worker, so each knows what state it finds it in.
  return [
    lane('workers', workerFaults, even, random.fork(), forMs, { restMs: [700, 5_000], lastMs: [500, 7_500] }),
    lane('other workers', workerFaults, odd, random.fork(), forMs, {
      restMs: [700, 6_000],
      lastMs: [500, 7_500],
    }),
    lane('Redis', redisFaults, slots, random.fork(), forMs, {
      restMs: [3_000, 20_000],
      lastMs: [200, 5_000],
    }),
    lane('host', hostFaults, slots, random.fork(), forMs, { restMs: [500, 8_000], lastMs: [500, 2_500] }),
  ].filter(({ faults }) => faults.length > 0);
}

/** Faults until the time is up. Every kind comes once before any comes again. */
function lane(
  name: string,
  kinds: readonly FaultKind[],
  workers: readonly number[],
  random: Random,
  forMs: number,
  { restMs, lastMs }: Pace,
): Lane {
  const faults: PlannedFault[] = [];
  let deck: FaultKind[] = [];
  // In a short run more has to happen at once.
  const quick = Math.min(1, forMs / 60_000 + 0.05);
  for (let at = 0; workers.length > 0; ) {
    if (deck.length === 0) deck = random.shuffled(kinds);
    const [kind, ...rest] = deck;
    if (kind === undefined) break;
    deck = rest;
    const afterMs = Math.round(random.whole(...restMs) * quick);
    const fault = { kind, afterMs, forMs: random.whole(...lastMs), worker: random.pick(workers) };
    at += fault.afterMs + fault.forMs;
    if (at > forMs) break;
    faults.push(fault);
  }
  return { name, faults };
}
