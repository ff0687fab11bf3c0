import { randomUUID } from 'node:crypto';

import type { Fleet, WorkerCommand, WorkerInfo, WorkerReport } from '@imgferry/core';
import type { Connection } from './connection.ts';

type WorkerAnswer = readonly [report: string, startedAt: number, lastBeatAt: number, offline: number];

/** Who is working, as they told with their last beats. */
export class RedisFleet implements Fleet {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async beat(worker: WorkerReport, everyMs: number): Promise<readonly WorkerCommand[]> {
    const args = [worker.id, JSON.stringify(worker), everyMs, randomUUID()];
    const commands = (await this.#connection.run('beat', args)) as readonly string[];
    return commands.map((command) => JSON.parse(command) as WorkerCommand);
  }

  async leave(workerId: string): Promise<void> {
    await this.#connection.run('leave', [workerId]);
  }

  async list(): Promise<readonly WorkerInfo[]> {
    const answers = (await this.#connection.run('fleet', [])) as readonly WorkerAnswer[];
    return answers.map(describeWorker).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async command(target: { readonly workerId: string } | 'all', command: WorkerCommand): Promise<number> {
    const workerId = target === 'all' ? '' : target.workerId;
    return (await this.#connection.run('command', [
      workerId,
      JSON.stringify(command),
      randomUUID(),
    ])) as number;
  }
}

function describeWorker([report, startedAt, lastBeatAt, offline]: WorkerAnswer): WorkerInfo {
  const told = JSON.parse(report) as WorkerReport;
  return { ...told, state: offline === 1 ? 'offline' : told.state, startedAt, lastBeatAt };
}
