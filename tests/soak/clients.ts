import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Diary } from './diary.ts';
import type { Random } from './random.ts';
import type { SoakOptions } from './soak-options.ts';
import type { World } from './world.ts';

/** A job that was accepted. */
export interface AcceptedJob {
  readonly jobId: string;
  readonly urls: readonly string[];
  /** By the diary. */
  readonly atMs: number;
}

/** What those who hand in jobs and those who change their minds have in common. */
export interface Clientele {
  readonly world: World;
  readonly diary: Diary;
  readonly random: Random;
  readonly options: SoakOptions;
}

/** The longest time in which an answer has to come, whatever is broken. */
const answerWithinMs = 5_000;
const mostUnderWay = 20;

/** Hands in jobs over HTTP all the time: one large, many small, with and without an idempotency key. */
export class Clients {
  readonly accepted: AcceptedJob[] = [];
  readonly #parts: Clientele;
  #underWay = 0;
  #slowestMs = 0;

  constructor(parts: Clientele) {
    this.#parts = parts;
  }

  /** The slowest answer to a submit, in milliseconds. */
  get slowestMs(): number {
    return Math.round(this.#slowestMs);
  }

  /** Submits until the signal aborts, then waits for what is under way. */
  async run(signal: AbortSignal): Promise<void> {
    const { random, options } = this.#parts;
    const large = Math.min(10_000, Math.ceil((options.rate * options.forMs) / 4_000));
    const running = new Set([this.#submit(large, random.fork(), signal)]);
    while (!signal.aborted) {
      const size = sizeOf(random);
      const own = random.fork();
      if (this.#underWay < mostUnderWay) {
        const submitted = this.#submit(size, own, signal);
        running.add(submitted);
        void submitted.finally(() => running.delete(submitted));
      }
      await sleep((size * 1_000) / options.rate, undefined, { signal }).catch(() => {});
    }
    await Promise.all(running);
  }

  /** Asks until it is accepted. A client without a key that got no answer can not know, and hands in a second job. */
  async #submit(size: number, random: Random, signal: AbortSignal): Promise<void> {
    const { world, options } = this.#parts;
    const urls = world.web.urls(size, random, options.forMs);
    const key = random.chance(0.5) ? randomUUID() : undefined;
    this.#underWay += 1;
    try {
      const jobId = await this.#untilAccepted(urls, key, signal);
      if (jobId !== undefined && key !== undefined && random.chance(0.1))
        await this.#again(jobId, urls, key, signal);
    } finally {
      this.#underWay -= 1;
    }
  }

  async #untilAccepted(
    urls: readonly string[],
    key: string | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    while (!signal.aborted) {
      const answer = await this.#post(urls, key);
      if (answer === undefined) await sleep(300, undefined, { signal }).catch(() => {});
      else if (answer.status === 202) {
        const { jobId } = (await answer.json()) as { jobId: string };
        const { diary } = this.#parts;
        this.accepted.push({ jobId, urls, atMs: diary.now });
        return jobId;
      } else {
        const waitMs = Math.min(2, Number(answer.headers.get('retry-after') ?? 1)) * 1_000;
        await sleep(waitMs, undefined, { signal }).catch(() => {});
      }
    }
    return undefined;
  }

  /** With the same key it is the same job, as long as Redis has forgotten nothing. */
  async #again(jobId: string, urls: readonly string[], key: string, signal: AbortSignal): Promise<void> {
    const { diary, options } = this.#parts;
    const second = await this.#untilAccepted(urls, key, signal);
    if (second === undefined || second === jobId) return;
    if (options.appendfsync === 'always')
      diary.violation(`a submit with the same key made job ${second} beside ${jobId}`);
  }

  /** Answers nothing when the connection broke. */
  async #post(urls: readonly string[], key: string | undefined): Promise<Response | undefined> {
    const { world, diary } = this.#parts;
    const began = performance.now();
    try {
      const answer = await fetch(`${world.apiUrl}/v1/images/upload`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        body: JSON.stringify({ urls }),
        signal: AbortSignal.timeout(2 * answerWithinMs),
      });
      this.#judge(answer, performance.now() - began);
      return answer;
    } catch (error) {
      diary.count('submit without an answer', { error: String(error) });
      if (performance.now() - began > answerWithinMs)
        diary.violation(`a submit had no answer after ${answerWithinMs} ms`);
      return undefined;
    }
  }

  #judge({ status, headers }: Response, tookMs: number): void {
    const { diary } = this.#parts;
    this.#slowestMs = Math.max(this.#slowestMs, tookMs);
    diary.count(`submit answered ${status}`);
    if (![202, 429, 503].includes(status)) diary.violation(`a submit was answered ${status}`);
    if (status !== 202 && headers.get('retry-after') === null)
      diary.violation(`a submit was answered ${status} without Retry-After`);
    if (tookMs > answerWithinMs)
      diary.violation(`a submit was answered ${status} after ${Math.round(tookMs)} ms`);
  }
}

function sizeOf(random: Random): number {
  const draw = random.next();
  if (draw < 0.85) return random.whole(1, 6);
  return draw < 0.98 ? random.whole(10, 50) : random.whole(200, 500);
}
