import type { Diary } from './diary.ts';
import type { MemoryUse } from './forget-jobs.ts';
import type { Accounts } from './judge.ts';
import type { MemoryFigures } from './memory.ts';
import { hostFaults, redisFaults, workerFaults } from './plan.ts';
import type { SoakOptions } from './soak-options.ts';

/** What Redis used. */
export interface RedisMemory {
  readonly start: MemoryUse;
  readonly end: MemoryUse;
  readonly forgotten: MemoryUse;
  /** Of that: keys that stay for good or for a time of their own, by the first word of their names. */
  readonly staying: ReadonlyMap<string, number>;
}

/** All that a report tells. */
export interface SoakFacts {
  readonly options: SoakOptions;
  readonly diary: Diary;
  readonly accounts: Accounts;
  readonly acceptedJobs: number;
  readonly slowestSubmitMs: number;
  readonly cancelledAtEnd: number;
  readonly memory: readonly MemoryFigures[];
  readonly redis: RedisMemory;
  readonly folder: string;
}

/** Writes it for people. */
export function writeReport(facts: SoakFacts): string {
  const { options, diary, accounts, memory, redis } = facts;
  const { images } = accounts;
  const kinds = [...workerFaults, ...redisFaults, ...hostFaults];
  const done = kinds.map((kind) => `${kind} ${diary.counted(kind)}`);
  const answers = [202, 429, 503].map(
    (status) => `${diary.counted(`submit answered ${status}`)} × ${status}`,
  );
  const failed = [...accounts.failed].sort().map(([code, count]) => `${code} ${count}`);
  const lines = [
    `Soak with seed ${options.seed}: ${(options.forMs / 60_000).toFixed(1)} minutes of faults, ${options.workers} workers, appendfsync ${options.appendfsync}`,
    '',
    `jobs        ${whole(accounts.jobs)} kept; ${whole(facts.acceptedJobs)} accepted, of which ${accounts.missing} are gone`,
    `submits     ${answers.join(', ')}, ${diary.counted('submit without an answer')} without an answer; the slowest answer took ${facts.slowestSubmitMs} ms`,
    `            ${diary.counted('cancel answered 200')} cancels, ${diary.counted('job retried')} retries, ${diary.counted('job paused')} pauses; ${facts.cancelledAtEnd} uploads cancelled at the end`,
    `uploads     ${whole(accounts.uploads)}: ${whole(accounts.complete)} complete; failed: ${failed.join(', ') || 'none'}`,
    `attempts    ${whole(accounts.attempts)}; leases that ran out ${accounts.leasesExpired}, outcomes that came too late ${accounts.settlesLost}`,
    `the host    took ${whole(images.taken)} images for ${whole(accounts.links)} links; ${images.deleted} were deleted again, ${images.surplus} stayed beyond the links`,
    `            ${accounts.possiblyDuplicated} uploads are marked as possibly duplicated${unmarked(facts)}`,
    `faults      ${done.join(', ')}`,
    `invariants  checked ${diary.counted('invariants checked')} times`,
    ...memory.map(memoryLine),
    `Redis       ${used(redis.start)} at the start, ${used(redis.end)} at the end with ${perUpload(facts)} bytes of data for each upload, ${used(redis.forgotten)} when every job was forgotten`,
    `            what stays of that: ${[...redis.staying].map(([kind, bytes]) => `${kind} ${mb(bytes)}`).join(', ')}`,
    `diary       ${facts.folder}`,
    '',
    ...verdict(diary.violations),
  ];
  return lines.join('\n');
}

function memoryLine({ role, maxMb, slopeMbPerMinute, measured }: MemoryFigures): string {
  const slope =
    slopeMbPerMinute === undefined
      ? 'none lived long enough for a slope'
      : `slope ${slopeMbPerMinute.toFixed(2)} MB a minute (median of ${measured})`;
  return `memory      ${role}: at most ${maxMb.toFixed(0)} MB; ${slope}`;
}

function unmarked({ diary }: SoakFacts): string {
  const count = diary.counted('unmarked surplus');
  return count === 0 ? '' : `; ${count} images stayed unmarked, as Redis forgot its last seconds`;
}

function perUpload({ redis, accounts }: SoakFacts): string {
  return ((redis.end.data - redis.start.data) / Math.max(1, accounts.uploads)).toFixed(0);
}

const mostShown = 20;

function verdict(violations: readonly string[]): string[] {
  if (violations.length === 0) return ['No violation.'];
  const more = violations.length - mostShown;
  return [
    `${violations.length} VIOLATIONS:`,
    ...violations.slice(0, mostShown).map((each) => `  ${each}`),
    ...(more > 0 ? [`  and ${more} more in the diary`] : []),
  ];
}

function used({ all, data }: MemoryUse): string {
  return `${mb(all)} (data ${mb(data)})`;
}

function whole(count: number): string {
  return count.toLocaleString('en');
}

function mb(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
