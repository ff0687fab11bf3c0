import { silentLogger } from '@imgferry/core';
import { checkLeases } from './check-leases.ts';
import { Connection } from './connection.ts';
import { type RedisStoreOptions, resolveOptions } from './options.ts';
import { isSame, overview } from './overview.ts';

const JOBS_A_CALL = 100;
const LARGE_JOB_MS = 60_000;

/** What {@link checkInvariants} found. */
export interface InvariantReport {
  /** How many jobs were looked at. */
  readonly jobs: number;
  /** What does not agree, a sentence each, at most 20 for a job; empty when all is well. */
  readonly violations: readonly string[];
}

/** How {@link checkInvariants} looks. */
export interface CheckInvariantsOptions {
  /** Told now and then how many jobs have been looked at. */
  readonly onProgress?: (jobs: number) => void;
}

type ListedAnswer = readonly [cursor: string, sentences: readonly string[]];
/** The counts are -1 of a job that can not be read, or that of the delayed where only they can not. */
type InspectAnswer = readonly [
  waiting: number,
  claimed: number,
  delayed: number,
  sentences: readonly string[],
];

/**
 * Looks whether what is kept in a namespace agrees: each upload is in exactly one place, counters equal records, every
 * lease is somebody's and ends, buckets know what leases have taken of them, each complete upload has recorded a link,
 * nothing waits without a turn, no key is of another type than the store writes. It only reads, and each job is read in
 * one step, so it can be pointed at a store that is in use; a job of 100,000 uploads holds up Redis for about half a
 * second. The totals of the store and of its buckets are compared only when nothing has changed meanwhile. The command
 * `imgferry-check` does the same.
 *
 * @throws StoreUnavailableError
 * @throws RedisSetupError when the keys are of another schema than this version keeps, among others
 */
export async function checkInvariants(
  options: RedisStoreOptions,
  { onProgress = () => {} }: CheckInvariantsOptions = {},
): Promise<InvariantReport> {
  await requireRedis(options);
  const connection = new Connection(
    resolveOptions({ timeoutMs: LARGE_JOB_MS, logger: silentLogger, ...options }),
    { onlyReads: true },
  );
  try {
    return await checkAll(connection, onProgress);
  } finally {
    await connection.close();
  }
}

/** That nobody is there is told sooner than a large job can be read. */
async function requireRedis(options: RedisStoreOptions): Promise<void> {
  const connection = new Connection(resolveOptions({ ...options, logger: silentLogger }), {
    onlyReads: true,
  });
  try {
    await connection.ready();
  } finally {
    await connection.close();
  }
}

async function checkAll(
  connection: Connection,
  onProgress: (jobs: number) => void,
): Promise<InvariantReport> {
  const sums = { jobs: 0, waiting: 0, claimed: 0, delayed: 0 };
  const before = await overview(connection, '0', JOBS_A_CALL);
  const violations = [...before[3], ...(await checkLeases(connection)), ...(await findStrangers(connection))];
  let canCompare = true;
  for (let page = before; page[2].length > 0; page = await overview(connection, page[1], JOBS_A_CALL)) {
    for (const id of page[2]) {
      const [waiting, claimed, delayed, sentences] = (await connection.run('inspect', [id])) as InspectAnswer;
      violations.push(...sentences.map((sentence) => `job ${id}: ${sentence}`));
      sums.jobs += 1;
      if (delayed < 0) canCompare = false;
      sums.waiting += waiting;
      sums.claimed += claimed;
      sums.delayed += delayed;
    }
    onProgress(sums.jobs);
  }
  const after = await overview(connection, '0', 0);
  if (canCompare && isSame(before, after)) violations.push(...compareTotals(after[0], sums));
  return { jobs: sums.jobs, violations };
}

/** What is in a list of jobs and is none. */
async function findStrangers(connection: Connection): Promise<ReadonlySet<string>> {
  const sentences = new Set<string>();
  for (const where of ['live', 'expiry', 'pending', 'in-progress', 'failing', 'paused-jobs', 'delaying']) {
    let cursor = '0';
    do {
      const [next, said] = (await connection.run('listed', [where, cursor])) as ListedAnswer;
      for (const sentence of said) sentences.add(sentence);
      cursor = next;
    } while (cursor !== '0');
  }
  return sentences;
}

function compareTotals(
  seen: readonly (string | number | null)[],
  sums: { readonly waiting: number; readonly claimed: number; readonly delayed: number },
): string[] {
  return (['waiting', 'claimed', 'delayed'] as const).flatMap((name, at) => {
    const counted = Number(seen[at] ?? 0);
    return counted === sums[name]
      ? []
      : [`the store counts ${counted} ${name} and its jobs have ${sums[name]}`];
  });
}
