import type { HeldUpload, WorkerReport } from './fleet.ts';
import type { Settings } from './settings.ts';
import { isWorkerId } from './worker-id.ts';

const mostHolds = 1_000;
const mostSettings = 400;
const longestName = 255;
const longestUrl = 8_192;
const longestSetting = 200;
const states: readonly unknown[] = ['online', 'paused', 'draining'] satisfies WorkerReport['state'][];

/**
 * Reads what somebody has told of a worker, who may be of another version or anybody with access to the store. What is
 * none is `undefined`: without an id that a worker can have, or a state that is known. Of the rest each part is as its type
 * says, and no longer than a worker tells it: a number that is none is 0, what is no hold and no setting is left out.
 */
export function readWorkerReport(told: unknown): WorkerReport | undefined {
  const { id, state, ...facts } = partsOf(told);
  if (!isWorkerId(id) || !isState(state)) return undefined;
  return {
    id,
    hostname: textIn(facts.hostname, longestName),
    pid: numberIn(facts.pid),
    version: textIn(facts.version, longestName),
    state,
    slots: numberIn(facts.slots),
    running: numberIn(facts.running),
    holds: holdsIn(facts.holds),
    complete: numberIn(facts.complete),
    failed: numberIn(facts.failed),
    retried: numberIn(facts.retried),
    memoryBytes: numberIn(facts.memoryBytes),
    load: Math.min(1, numberIn(facts.load)),
    settings: settingsIn(facts.settings),
  };
}

type Parts = Readonly<Record<string, unknown>>;

function partsOf(told: unknown): Parts {
  return typeof told === 'object' && told !== null ? (told as Parts) : {};
}

function isState(state: unknown): state is WorkerReport['state'] {
  return states.includes(state);
}

function textIn(told: unknown, most: number): string {
  return typeof told === 'string' ? told.slice(0, most).toWellFormed() : '';
}

/** None of them is below 0. */
function numberIn(told: unknown): number {
  if (typeof told !== 'number' || !(told > 0)) return 0;
  return Math.min(told, Number.MAX_SAFE_INTEGER);
}

function holdsIn(told: unknown): readonly HeldUpload[] {
  return Array.isArray(told) ? told.slice(0, mostHolds).flatMap(holdIn) : [];
}

function holdIn(told: unknown): readonly HeldUpload[] {
  const { jobId, index, url, attempt, forMs } = partsOf(told);
  if (typeof jobId !== 'string' || typeof url !== 'string' || !Number.isSafeInteger(index)) return [];
  return [
    {
      jobId: textIn(jobId, longestName),
      index: numberIn(index),
      url: textIn(url, longestUrl),
      attempt: numberIn(attempt),
      forMs: numberIn(forMs),
    },
  ];
}

function settingsIn(told: unknown): Settings {
  const settings = Object.entries(partsOf(told)).slice(0, mostSettings);
  return Object.fromEntries(settings.flatMap(([name, value]) => settingIn(name, value)));
}

function settingIn(name: string, value: unknown): readonly (readonly [string, Settings[string]])[] {
  if (!isSetting(value)) return [];
  const kept = typeof value === 'string' ? textIn(value, longestSetting) : value;
  return [[textIn(name, longestSetting), kept]];
}

function isSetting(value: unknown): value is Settings[string] {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}
