// Somebody who asks for something small again and again, while another one asks for much. `other-requests.ts`
import { setTimeout as sleep } from 'node:timers/promises';

import { answerCalls } from '../answer-calls.ts';
import { AnswerCounter } from '../answer-counter.ts';

const restMs = 2;
/** Before anything counts, until the code of both sides is compiled and the connection stands. */
const warmUp = 200;
let counter: AnswerCounter | undefined;
let asking: Promise<void> | undefined;
let stopped = false;
let tookMs: number[] = [];

const calls = {
  /** Asks a while for nothing but to be warm. */
  async warm(url: string): Promise<void> {
    counter = new AnswerCounter(url);
    for (let asked = 0; asked < warmUp; asked += 1) await counter.ask();
  },
  begin() {
    asking = ask();
  },
  /** How many answers have come. */
  answered: () => tookMs.length,
  /** How long each answer took, in milliseconds. */
  async end(): Promise<number[]> {
    stopped = true;
    await asking;
    return tookMs;
  },
};

/** What can be asked of this process. */
export type OtherRequests = typeof calls;

answerCalls(calls, async () => counter?.close());

async function ask(): Promise<void> {
  if (counter === undefined) throw new Error('it is not warm');
  stopped = false;
  tookMs = [];
  while (!stopped) {
    tookMs.push((await counter.ask()).wholeMs);
    await sleep(restMs);
  }
}
