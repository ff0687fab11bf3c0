// The web that large bodies come from and the Imgur that they go to.
import { startImgurStandIn } from '@imgferry/core/testing';
import { answerCalls } from '../answer-calls.ts';
import { closeServer } from '../close-server.ts';
import { createLargeBodyServer } from '../large-body-server.ts';
import { listen } from '../listen.ts';
import { startStopwatch } from '../stopwatch.ts';

const bodies = createLargeBodyServer();
const source = await listen(bodies);
const imgur = await startImgurStandIn();
const stopwatch = startStopwatch();

const calls = {
  addresses: () => ({ source, imgur: imgur.url }),
  cpuSeconds: () => stopwatch().cpuSeconds,
  received: () => imgur.images.map(({ sha256 }) => sha256),
};

/** What can be asked of this process. */
export type LargeBodyServers = typeof calls;

answerCalls(calls, async () => {
  await Promise.all([closeServer(bodies), imgur.close()]);
});
