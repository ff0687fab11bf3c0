import { Worker } from 'node:worker_threads';

import fc from 'fast-check';

import { anyCuts, chunked, mutated } from './mutations.ts';
import type { Target } from './target.ts';

/** An input for which something does not hold. */
export interface Finding {
  readonly target: string;
  readonly seed: number;
  readonly inputBase64: string;
  readonly why: string;
}

/** What a run came to. */
export interface FuzzResult {
  readonly target: string;
  readonly executions: number;
  readonly findings: readonly Finding[];
  readonly tookMs: number;
}

export interface FuzzOptions {
  readonly runs: number;
  readonly seed: number;
  readonly onProgress?: (executions: number) => void;
}

/** So many cases are made from one seed; a finding ends the rest of them and no more. */
const runsOfABatch = 1_000;
/** No case takes a hundredth of it; a machine that is busy may. */
const slowMs = 2_000;

/** Runs a target on so many inputs: its seeds first, as they are, then what comes from them. */
export async function fuzz(target: Target, { runs, seed, onProgress }: FuzzOptions): Promise<FuzzResult> {
  const began = performance.now();
  const findings: Finding[] = [];
  const watchdog = new Watchdog(target.name);
  let executions = 0;
  const runOne = async (input: Buffer, cuts: readonly number[]): Promise<void> => {
    executions += 1;
    watchdog.begins(input);
    const since = performance.now();
    await target.check(input, (bytes) => chunked(bytes, cuts));
    const tookMs = Math.round(performance.now() - since);
    if (tookMs > slowMs) throw new Error(`it took ${tookMs} ms`);
  };
  try {
    for (const input of target.seeds) {
      const why = await runOne(Buffer.from(input), [1, 20_000]).catch(String);
      if (why !== undefined) findings.push(findingOf(target, seed, input, why));
    }
    for (let batch = 0; executions < runs; batch += 1) {
      const batchSeed = seed + batch;
      const numRuns = Math.min(runsOfABatch, runs - executions);
      const property = fc.asyncProperty(mutated(target.seeds), anyCuts, runOne);
      const details = await fc.check(property, { seed: batchSeed, numRuns });
      const [input] = details.counterexample ?? [];
      if (input !== undefined)
        findings.push(findingOf(target, batchSeed, input, String(details.errorInstance)));
      onProgress?.(executions);
    }
  } finally {
    await watchdog.stop();
  }
  return { target: target.name, executions, findings, tookMs: Math.round(performance.now() - began) };
}

function findingOf({ name }: Target, seed: number, input: Uint8Array, why: string): Finding {
  return { target: name, seed, inputBase64: Buffer.from(input).toString('base64'), why };
}

const inputBytes = 32_768;
const stuckMs = 20_000;

/** Looks on from another thread, because a reader that never comes back can say nothing. Names the input and ends the process. */
class Watchdog {
  readonly #count: Int32Array;
  readonly #input: Uint8Array;
  readonly #thread: Worker;

  constructor(name: string) {
    const shared = new SharedArrayBuffer(8 + inputBytes);
    this.#count = new Int32Array(shared, 0, 2);
    this.#input = new Uint8Array(shared, 8);
    this.#thread = new Worker(looksOn, {
      eval: true,
      workerData: { shared, name, stuckMs, pid: process.pid },
    });
    this.#thread.unref();
  }

  begins(input: Buffer): void {
    this.#input.set(input.subarray(0, inputBytes));
    Atomics.store(this.#count, 1, Math.min(input.length, inputBytes));
    Atomics.add(this.#count, 0, 1);
  }

  async stop(): Promise<void> {
    await this.#thread.terminate();
  }
}

const looksOn = `
  const { workerData: { shared, name, stuckMs, pid } } = require('node:worker_threads');
  const count = new Int32Array(shared, 0, 2);
  let last = -1;
  setInterval(() => {
    const now = Atomics.load(count, 0);
    if (now === last && now > 0) {
      const input = Buffer.from(new Uint8Array(shared, 8, Atomics.load(count, 1))).toString('base64');
      require('node:fs').writeSync(2, name + ': no answer within ' + stuckMs + ' ms to ' + input + '\\n');
      process.kill(pid, 'SIGKILL');
    }
    last = now;
  }, stuckMs);
`;
