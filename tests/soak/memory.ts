import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import type { ServiceProcess } from './service-process.ts';
import type { World } from './world.ts';

/** How much memory processes of one role had. */
export interface MemoryFigures {
  readonly role: string;
  readonly maxMb: number;
  /** Of the processes that lived for a minute or more after their warm-up: the median of their slopes; and how many those were. */
  readonly slopeMbPerMinute: number | undefined;
  readonly measured: number;
}

interface Sample {
  readonly atMs: number;
  readonly mb: number;
}

const everyMs = 1_000;
const warmUpMs = 30_000;
const longEnoughMs = 60_000;

/** Watches the resident memory of all processes of the service. Where there is no /proc it sees nothing. */
export class MemoryWatch {
  readonly #samples = new Map<ServiceProcess, Sample[]>();

  async run(world: World, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const each of world.processes) if (each.isRunning) this.#take(each);
      await sleep(everyMs, undefined, { signal }).catch(() => {});
    }
  }

  figures(): MemoryFigures[] {
    const roles = new Set([...this.#samples.keys()].map(({ role }) => role));
    return [...roles].map((role) => this.#figuresOf(role));
  }

  #figuresOf(role: string): MemoryFigures {
    const own = [...this.#samples].filter(([each]) => each.role === role).map(([, samples]) => samples);
    const slopes = own.flatMap(slopesOf).sort((a, b) => a - b);
    return {
      role,
      maxMb: Math.max(0, ...own.flat().map(({ mb }) => mb)),
      slopeMbPerMinute: slopes[Math.floor(slopes.length / 2)],
      measured: slopes.length,
    };
  }

  #take(process: ServiceProcess): void {
    const mb = residentMb(process.pid);
    if (mb === undefined) return;
    const samples = this.#samples.get(process) ?? [];
    samples.push({ atMs: performance.now() - process.startedAt, mb });
    this.#samples.set(process, samples);
  }
}

/** Least squares. */
function slopesOf(all: readonly Sample[]): number[] {
  const samples = all.filter(({ atMs }) => atMs > warmUpMs);
  const spanMs = (samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0);
  if (spanMs < longEnoughMs) return [];
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, each) => sum + of(each), 0) / samples.length;
  const meanMinutes = mean(({ atMs }) => atMs / 60_000);
  const meanMb = mean(({ mb }) => mb);
  const covariance = mean(({ atMs, mb }) => (atMs / 60_000 - meanMinutes) * (mb - meanMb));
  const variance = mean(({ atMs }) => (atMs / 60_000 - meanMinutes) ** 2);
  return [covariance / variance];
}

function residentMb(pid: number): number | undefined {
  try {
    const kb = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kb === undefined ? undefined : Number(kb) / 1_024;
  } catch {
    return undefined;
  }
}
