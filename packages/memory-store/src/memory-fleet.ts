import type { Fleet, FleetListOptions, WorkerCommand, WorkerInfo, WorkerReport } from '@imgferry/core';
import { frozenJson } from './frozen-json.ts';

const MISSED_BEATS = 3;
const FORGOTTEN_AFTER_MS = 10 * 60_000;
/** What waits for a worker between two beats. Beyond it the oldest commands are dropped: later ones undo them anyway. */
const MAX_COMMANDS = 100;

interface Member {
  readonly report: WorkerReport;
  readonly everyMs: number;
  readonly startedAt: number;
  readonly lastBeatAt: number;
  readonly commands: WorkerCommand[];
}

/** Who is working, as they told with their last beats. */
export class MemoryFleet implements Fleet {
  readonly #members = new Map<string, Member>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async beat(worker: WorkerReport, everyMs: number): Promise<readonly WorkerCommand[]> {
    this.#forgetTheSilent();
    const report = frozenJson(worker);
    const lastBeatAt = this.#now();
    const known = this.#members.get(worker.id);
    const startedAt = known?.startedAt ?? lastBeatAt;
    this.#members.set(worker.id, { report, everyMs, startedAt, lastBeatAt, commands: [] });
    return known?.commands ?? [];
  }

  async leave(workerId: string): Promise<void> {
    this.#members.delete(workerId);
  }

  async list({ holds = true, settings = true }: FleetListOptions = {}): Promise<readonly WorkerInfo[]> {
    this.#forgetTheSilent();
    return [...this.#members.values()]
      .map((member) => this.#describe(member))
      .map((info) => ({ ...info, ...(holds ? {} : { holds: [] }), ...(settings ? {} : { settings: {} }) }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async command(target: { readonly workerId: string } | 'all', command: WorkerCommand): Promise<number> {
    this.#forgetTheSilent();
    const reached = [...this.#members.values()].filter(
      (member) => (target === 'all' || member.report.id === target.workerId) && !this.#isOffline(member),
    );
    for (const { commands } of reached) {
      commands.push({ ...command });
      if (commands.length > MAX_COMMANDS) commands.shift();
    }
    return reached.length;
  }

  #describe(member: Member): WorkerInfo {
    const { report, startedAt, lastBeatAt } = member;
    return { ...report, state: this.#isOffline(member) ? 'offline' : report.state, startedAt, lastBeatAt };
  }

  #isOffline({ lastBeatAt, everyMs }: Member): boolean {
    return this.#now() - lastBeatAt > MISSED_BEATS * everyMs;
  }

  /** Looks at all of them: a fleet is tens of workers, and these calls come once in seconds. */
  #forgetTheSilent(): void {
    const now = this.#now();
    for (const [id, { lastBeatAt }] of this.#members) {
      if (now - lastBeatAt > FORGOTTEN_AFTER_MS) this.#members.delete(id);
    }
  }
}
