// Somebody who asks for something small again and again, while another one asks for much. `other-requests.ts`
import { setTimeout as sleep } from 'node:timers/promises';

import { answerCalls } from '../answer-calls.ts';
import { Getter } from '../get.ts';

const restMs = 2;
const getter = new Getter();
let asking: Promise<number[]> | undefined;
let stopped = false;

const calls = {
  begin(url: string) {
    stopped = false;
    asking = ask(url);
  },
  /** How long each answer took, in milliseconds. */
  end() {
    stopped = true;
    return asking ?? [];
  },
};

/** What can be asked of this process. */
export type OtherRequests = typeof calls;

answerCalls(calls, async () => getter.close());

async function ask(url: string): Promise<number[]> {
  const tookMs: number[] = [];
  while (!stopped) {
    tookMs.push((await getter.get(url, { keeps: false })).wholeMs);
    await sleep(restMs);
  }
  return tookMs;
}
