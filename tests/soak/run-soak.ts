import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { StoreUnavailableError } from '@imgferry/core';
import { changeMinds } from './change-minds.ts';
import { Clients } from './clients.ts';
import { Diary } from './diary.ts';
import { doFaults } from './do-fault.ts';
import { forgetJobs, usedMemory } from './forget-jobs.ts';
import { judge, judgeLogs } from './judge.ts';
import { MemoryWatch } from './memory.ts';
import { planFaults } from './plan.ts';
import { type ProgressOutput, showProgress } from './progress.ts';
import { Random } from './random.ts';
import { type SoakFacts, writeReport } from './report.ts';
import type { SoakOptions } from './soak-options.ts';
import { lookAtInvariants, watchInvariants, watchWorkers } from './watch.ts';
import { World } from './world.ts';

/** How a soak ended. */
export interface SoakResult {
  readonly report: string;
  readonly violations: readonly string[];
}

/** Runs a soak from its start to its report. Rejects when the signal aborts, with everything that it started ended. */
export async function runSoak(
  options: SoakOptions,
  folder: string,
  output: ProgressOutput,
  signal: AbortSignal,
): Promise<SoakResult> {
  mkdirSync(folder, { recursive: true });
  const diary = new Diary(join(folder, 'diary.jsonl'));
  diary.note('begins', options);
  const world = await World.start(options, { diary, folder });
  const killNow = (): void => world.killNow();
  process.once('exit', killNow);
  try {
    const facts = await new Soak(options, world, diary, output, signal).run();
    await world.close();
    judgeLogs(world, diary);
    const report = writeReport({ ...facts, options, diary, folder });
    return { report, violations: diary.violations };
  } finally {
    await world.close();
    process.off('exit', killNow);
    await diary.close();
  }
}

type Findings = Omit<SoakFacts, 'options' | 'diary' | 'folder'>;

class Soak {
  readonly #options: SoakOptions;
  readonly #world: World;
  readonly #diary: Diary;
  readonly #output: ProgressOutput;
  readonly #signal: AbortSignal;
  readonly #clients: Clients;
  readonly #random: Random;
  readonly #memory = new MemoryWatch();
  #phase = 'faults';

  constructor(options: SoakOptions, world: World, diary: Diary, output: ProgressOutput, signal: AbortSignal) {
    this.#options = options;
    this.#world = world;
    this.#diary = diary;
    this.#output = output;
    this.#signal = signal;
    this.#random = new Random(options.seed);
    this.#clients = new Clients({ world, diary, random: this.#random.fork(), options });
  }

  async run(): Promise<Findings> {
    const world = this.#world;
    const start = await usedMemory(world);
    const over = new AbortController();
    const until = AbortSignal.any([over.signal, this.#signal]);
    const [cancelledAtEnd] = await Promise.all([
      this.#untilQuiet().finally(() => over.abort()),
      this.#memory.run(world, until),
      showProgress(() => this.#progress(), this.#output, until),
      watchInvariants(world, this.#diary, Math.min(10_000, this.#options.forMs / 5), until),
      watchWorkers(world, this.#diary, until),
    ]);
    this.#signal.throwIfAborted();
    await lookAtInvariants(world, this.#diary);
    const accounts = await judge(world, this.#diary, this.#clients.accepted, this.#options);
    const end = await usedMemory(world);
    const staying = await forgetJobs(world, this.#diary);
    const redis = { start, end, forgotten: await usedMemory(world), staying };
    return {
      accounts,
      acceptedJobs: this.#clients.accepted.length,
      slowestSubmitMs: this.#clients.slowestMs,
      cancelledAtEnd,
      memory: this.#memory.figures(),
      redis,
    };
  }

  async #untilQuiet(): Promise<number> {
    await this.#faultsAndLoad();
    return this.#becomeQuiet();
  }

  async #faultsAndLoad(): Promise<void> {
    const { forMs, workers } = this.#options;
    const lanes = planFaults(this.#random.fork(), forMs, workers);
    const time = AbortSignal.any([AbortSignal.timeout(forMs), this.#signal]);
    const clientele = {
      world: this.#world,
      diary: this.#diary,
      random: this.#random.fork(),
      options: this.#options,
    };
    await Promise.all([
      this.#clients.run(time),
      changeMinds(clientele, this.#clients.accepted, time),
      ...lanes.map((lane) => doFaults(lane, this.#world, this.#diary, time)),
    ]);
  }

  /** Waits until nothing is left to do, and cancels what takes too long. Answers how many uploads that were. */
  async #becomeQuiet(): Promise<number> {
    this.#phase = 'quiet';
    const patience = AbortSignal.any([AbortSignal.timeout(this.#options.patienceMs), this.#signal]);
    while (!patience.aborted && (await this.#left()) > 0) await sleep(200);
    this.#signal.throwIfAborted();
    const left = await this.#left();
    if (left > 0) await this.#cancelAll();
    await this.#idle();
    return left;
  }

  async #left(): Promise<number> {
    return this.#retrying(async () => {
      const { waiting, claimed } = (await this.#world.store.stats()).queue;
      return waiting + claimed;
    });
  }

  async #cancelAll(): Promise<void> {
    const { store } = this.#world;
    for (let page = await store.list({ limit: 1_000 }); ; ) {
      for (const { id, status } of page.items) if (status !== 'complete') await store.cancel(id);
      if (page.next === undefined) return;
      page = await store.list({ limit: 1_000, cursor: page.next });
    }
  }

  /** Nobody holds anything, and nothing is under way to the host: also not the removal of what came twice. */
  async #idle(): Promise<void> {
    const { host, store, workers } = this.#world;
    const pids = new Set(workers.map(({ pid }) => pid));
    const late = performance.now() + 30_000;
    for (let quietRounds = 0; quietRounds < 5; quietRounds += 1) {
      await sleep(200);
      const members = await this.#retrying(() => store.fleet.list());
      const holds = members.filter(({ pid }) => pids.has(pid)).flatMap((member) => member.holds);
      if (holds.length > 0 || host.requests.inFlight > 0) quietRounds = -1;
      if (performance.now() > late)
        return this.#diary.violation('the workers did not become idle within 30 s');
    }
  }

  async #retrying<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        await sleep(200);
      }
    }
  }

  async #progress(): Promise<string> {
    const { host, store } = this.#world;
    const seconds = Math.floor(this.#diary.now / 1_000);
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    const stats = await store.stats().catch(() => undefined);
    const queue =
      stats === undefined
        ? 'Redis is away'
        : `${stats.totals.uploadsComplete} complete, ${stats.totals.uploadsFailed} failed, ${stats.queue.waiting} waiting, ${stats.queue.claimed} claimed`;
    const violations = this.#diary.violations.length;
    return `${time} ${this.#phase}: ${this.#clients.accepted.length} jobs, ${queue}, ${host.requests.accepted} images at the host, ${violations} violations`;
  }
}
