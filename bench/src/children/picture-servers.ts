// The web that small pictures come from and the host that they go to, lean enough not to be what is measured.
import { sampleImage } from '@imgferry/core/testing';
import { answerCalls } from '../answer-calls.ts';
import { listen } from '../listen.ts';
import { createPictureHost } from '../picture-host.ts';
import { createRawHttpServer, rawResponse } from '../raw-http-server.ts';
import { startStopwatch } from '../stopwatch.ts';

const pictureBytes = 50_000;

const picture = Buffer.from(sampleImage('image/jpeg', { bytes: pictureBytes }));
const answer = rawResponse('200 OK', { 'content-type': 'image/jpeg' }, picture);
const web = createRawHttpServer(() => answer);
const host = createPictureHost(picture);
const [source, imgur] = await Promise.all([listen(web), listen(host.server)]);
const stopwatch = startStopwatch();

const calls = {
  addresses: () => ({ source, imgur }),
  /** Since the start: how many pictures came unchanged, and what it took. */
  totals: () => ({ accepted: host.accepted(), cpuSeconds: stopwatch().cpuSeconds }),
};

/** What can be asked of this process. */
export type PictureServers = typeof calls;

// Their clients have ended by then, and all connections with them.
answerCalls(calls, async () => {
  web.close();
  host.server.close();
});
