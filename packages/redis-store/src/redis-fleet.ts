import { randomUUID } from 'node:crypto';

import {
  encodeJson,
  type Fleet,
  type FleetListOptions,
  readWorkerReport,
  type WorkerCommand,
  type WorkerInfo,
  type WorkerReport,
} from '@imgferry/core';
import type { Connection } from './connection.ts';

/** For how many workers one step leaves a command, so that none holds up the others. */
const WORKERS_A_STEP = 100;

type BeatAnswer = readonly [receipt: string, ...numbersAndCommands: (number | string)[]];
type FleetAnswer = readonly [cursor: string, ...workers: WorkerAnswer[]];
type WorkerAnswer = readonly [
  report: string,
  startedAt: number,
  lastBeatAt: number,
  offline: number,
  holds: string,
  settings: string,
];

/** The commands that a worker was given last: of which of its lives, and up to which number. */
interface Receipt {
  readonly text: string;
  readonly startedAt: number;
  readonly number: number;
}

/** Who is working, as they told with their last beats. */
export class RedisFleet implements Fleet {
  readonly #connection: Connection;
  /** Tells this process from one before it whose worker had the same id. */
  readonly #session: string = randomUUID();
  readonly #receipts = new Map<string, Receipt>();
  /** The settings that a worker was heard with last, and in which of its lives. */
  readonly #settings = new Map<string, { readonly text: string; readonly startedAt: number }>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** A beat confirms what the last answer brought, so a command whose beat was lost comes with the next one. */
  async beat(worker: WorkerReport, everyMs: number): Promise<readonly WorkerCommand[]> {
    const { holds, settings, ...report } = worker;
    const receipt = this.#receipts.get(worker.id);
    const heard = this.#settings.get(worker.id);
    const told = encodeJson(settings);
    const isHeard = heard?.text === told && heard.startedAt === receipt?.startedAt;
    const args = [worker.id, encodeJson(report), everyMs, this.#session, receipt?.text ?? ''];
    const sent = [...args, encodeJson(holds), isHeard ? '' : told];
    const [text, ...given] = (await this.#connection.run('beat', sent)) as BeatAnswer;
    if (!isHeard) this.#settings.set(worker.id, { text: told, startedAt: Number(text.split(' ')[0]) });
    return this.#receive(worker.id, text, given);
  }

  async leave(workerId: string): Promise<void> {
    this.#receipts.delete(workerId);
    this.#settings.delete(workerId);
    await this.#connection.run('leave', [workerId]);
  }

  async list({ holds = true, settings = true }: FleetListOptions = {}): Promise<readonly WorkerInfo[]> {
    const workers = new Map<string, WorkerInfo>();
    const asked = [holds ? '1' : '', settings ? '1' : ''];
    let cursor = '0';
    do {
      const [next, ...found] = (await this.#connection.run('fleet', [cursor, ...asked])) as FleetAnswer;
      for (const worker of found.flatMap(describeWorker)) workers.set(worker.id, worker);
      cursor = next;
    } while (cursor !== '0');
    return [...workers.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async command(target: { readonly workerId: string } | 'all', command: WorkerCommand): Promise<number> {
    const ids = target === 'all' ? await this.#present() : [target.workerId];
    let reached = 0;
    for (let first = 0; first < ids.length; first += WORKERS_A_STEP) {
      const args = [encodeJson(command), randomUUID(), ...ids.slice(first, first + WORKERS_A_STEP)];
      reached += (await this.#connection.run('command', args)) as number;
    }
    return reached;
  }

  async #present(): Promise<readonly string[]> {
    return (await this.list({ holds: false, settings: false }))
      .filter(({ state }) => state !== 'offline')
      .map(({ id }) => id);
  }

  /** The commands of an answer that have not come with another one, of a beat that was under way at the same time. */
  #receive(workerId: string, text: string, given: readonly (number | string)[]): readonly WorkerCommand[] {
    const [startedAt = 0, number = 0] = text.split(' ').map(Number);
    const before = this.#receipts.get(workerId);
    const isSameLife = before?.startedAt === startedAt;
    const received = isSameLife ? before.number : 0;
    if (!isSameLife || number > received) this.#receipts.set(workerId, { text, startedAt, number });
    const commands: WorkerCommand[] = [];
    for (let at = 0; at < given.length; at += 2) {
      if (Number(given[at]) > received) commands.push(JSON.parse(String(given[at + 1])) as WorkerCommand);
    }
    return commands;
  }
}

/** Whoever writes to this Redis may have told it: what is no report is passed over. */
function describeWorker([
  report,
  startedAt,
  lastBeatAt,
  offline,
  held,
  set,
]: WorkerAnswer): readonly WorkerInfo[] {
  const told = readWorkerReport({ ...parsed(report), holds: parsed(held), settings: parsed(set) });
  if (told === undefined) return [];
  return [{ ...told, state: offline === 1 ? 'offline' : told.state, startedAt, lastBeatAt }];
}

function parsed(json: string): object | undefined {
  try {
    return JSON.parse(json) as object;
  } catch {
    return undefined;
  }
}
