import type { Connection } from './connection.ts';
import { inParts } from './in-parts.ts';
import { isSame, overview } from './overview.ts';

const BUCKETS_A_CALL = 100;

type LeaseFacts = readonly [token: string, taken: number, buckets: readonly string[], expired: number];
type LeasesAnswer = readonly [cursor: string, leases: readonly LeaseFacts[], sentences: readonly string[]];
type Bucket = readonly [name: string, inFlight: number];
type BucketsAnswer = readonly [cursor: string, buckets: readonly Bucket[], sentences: readonly string[]];

/** What leases have taken of the budget, by bucket, and what does not agree among them. */
interface Leases {
  readonly taken: ReadonlyMap<string, number>;
  /** How many of them ran out and are nobody's yet. */
  readonly expired: number;
  readonly sentences: ReadonlySet<string>;
}

/**
 * Looks whether each lease ends, whether only leases are among those that ran out, and whether buckets know what leases
 * have taken of them. The latter two are compared only when nothing has moved: no lease has come or gone, and none took more between two looks, one before and one after the
 * buckets were read.
 */
export async function checkLeases(connection: Connection): Promise<readonly string[]> {
  const before = await overview(connection, '0', 0);
  const leases = await readLeases(connection);
  const buckets = await readBuckets(connection, [...leases.taken.keys()]);
  const again = await readLeases(connection);
  const violations = new Set([...leases.sentences, ...again.sentences, ...buckets.sentences]);
  if (!isSame(before, await overview(connection, '0', 0))) return [...violations];
  const strangers = Number(before[0].at(-1)) - leases.expired;
  if (strangers !== 0 && leases.expired === again.expired)
    violations.add(`${strangers} of the leases that ran out are none`);
  for (const [name, inFlight] of buckets.inFlight) {
    const taken = leases.taken.get(name) ?? 0;
    if (inFlight !== taken && taken === (again.taken.get(name) ?? 0))
      violations.add(`bucket ${name} has ${inFlight} POSTs under way and its leases have taken ${taken}`);
  }
  return [...violations];
}

async function readLeases(connection: Connection): Promise<Leases> {
  const taken = new Map<string, number>();
  const sentences = new Set<string>();
  const known = new Set<string>();
  let expired = 0;
  let cursor = '0';
  do {
    const [next, leases, said] = (await connection.run('leases', [cursor])) as LeasesAnswer;
    for (const sentence of said) sentences.add(sentence);
    for (const [token, posts, buckets, isExpired] of leases) {
      if (known.has(token)) continue;
      known.add(token);
      expired += isExpired;
      for (const name of buckets) taken.set(name, (taken.get(name) ?? 0) + posts);
    }
    cursor = next;
  } while (cursor !== '0');
  return { taken, expired, sentences };
}

/** Of those that were ever claimed with, as long as that is known, and those that leases name. */
async function readBuckets(
  connection: Connection,
  names: readonly string[],
): Promise<{ readonly inFlight: ReadonlyMap<string, number>; readonly sentences: readonly string[] }> {
  const inFlight = new Map<string, number>();
  const sentences: string[] = [];
  const read = async (cursor: string, others: readonly string[]): Promise<string> => {
    const [next, buckets, said] = (await connection.run('buckets', [cursor, ...others])) as BucketsAnswer;
    for (const [name, count] of buckets) inFlight.set(name, count);
    sentences.push(...said);
    return next;
  };
  let cursor = '0';
  do cursor = await read(cursor, []);
  while (cursor !== '0');
  const others = names.filter((name) => !inFlight.has(name));
  for (const part of inParts(others, BUCKETS_A_CALL)) await read('', part);
  return { inFlight, sentences };
}
