import { readWorkerReport, type WorkerInfo } from '@imgferry/core';

/** The workers of a store, which may be anybody's: what is none is passed over, and the rest is as its type says. */
export function knownWorkers(told: readonly unknown[]): readonly WorkerInfo[] {
  return told.flatMap(knownWorker);
}

function knownWorker(told: unknown): readonly WorkerInfo[] {
  const facts = (told ?? {}) as Partial<Record<keyof WorkerInfo, unknown>>;
  const isOffline = facts.state === 'offline';
  const report = readWorkerReport(isOffline ? { ...facts, state: 'online' } : facts);
  if (report === undefined) return [];
  const state = isOffline ? 'offline' : report.state;
  return [{ ...report, state, startedAt: timeIn(facts.startedAt), lastBeatAt: timeIn(facts.lastBeatAt) }];
}

function timeIn(told: unknown): number {
  return typeof told === 'number' && Number.isFinite(told) ? told : 0;
}
