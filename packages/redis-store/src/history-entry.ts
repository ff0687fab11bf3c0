import type { JobSummary, StoreChange, StoreEvent } from '@imgferry/core';
import { decodeInfo, decodePauses } from './decode-job.ts';

/** An entry of the stream, as Redis answers it. */
export type RawEntry = readonly [id: string, fields: readonly string[]];

/** What one step has changed, as the history keeps it. */
export interface HistoryEntry {
  readonly id: string;
  /** The id of the entry before. Where a reader stands elsewhere, it has missed something. */
  readonly previous: string;
  /** It is the first of its store. */
  readonly isFirst: boolean;
  readonly events: readonly StoreEvent[];
}

type RawJob = Omit<JobSummary, 'paused' | 'pausedBy'> & {
  readonly info: string;
  readonly pausedBy?: string;
  /** Entries of earlier versions say only whether the job itself was. */
  readonly paused?: boolean;
};
type RawChange = StoreChange | { readonly type: string; readonly job: RawJob };

/** Reads an entry of the stream. The id of an event is that of the entry and its place in it. */
export function decodeEntry([id, fields]: RawEntry): HistoryEntry {
  const named = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2) named.set(fields[at] ?? '', fields[at + 1] ?? '');
  const at = Number(named.get('at'));
  const changes = JSON.parse(named.get('e') ?? '[]') as readonly RawChange[];
  const events = changes.map((change, place) => ({ ...decodeChange(change), id: `${id}.${place}`, at }));
  return { id, previous: named.get('p') ?? '', isFirst: named.has('first'), events };
}

/** Whether nothing is missing between a place and an entry. A store without a history is the place before its first. */
export function follows(entry: HistoryEntry, place: string | undefined): boolean {
  return entry.previous === place || (place === '' && entry.isFirst);
}

/** What an entry has for one who reads of a job, or of all. What is of no job is for all of them. */
export function eventsFor(jobId: string | undefined, events: readonly StoreEvent[]): readonly StoreEvent[] {
  return jobId === undefined ? events : events.filter((event) => isFor(jobId, event));
}

/** Whether an event is for one who reads of a job, or of all. */
export function isFor(jobId: string | undefined, event: StoreEvent): boolean {
  return jobId === undefined || !('jobId' in event) || event.jobId === jobId;
}

function decodeChange(change: RawChange): StoreChange {
  if (!('job' in change)) return change;
  const { info, paused, pausedBy = paused === true ? 'job' : '', ...facts } = change.job as RawJob;
  return { ...change, job: { ...facts, ...decodePauses(pausedBy), ...decodeInfo(info) } } as StoreChange;
}
