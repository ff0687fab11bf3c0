// What most people write: download, then upload, so many at a time. No store, no retries, no limits, no checks.
// `plain-loop.ts <server> <uploads at once>`
import pLimit from 'p-limit';
import { getGlobalDispatcher } from 'undici';

import { answerCalls } from '../answer-calls.ts';
import { type Ferried, jobsOf } from '../ferry.ts';
import { peakBytes } from '../peak-bytes.ts';
import { ferryPicture } from '../plain-transfer.ts';
import { startStopwatch } from '../stopwatch.ts';

const [server = '', concurrency] = process.argv.slice(2);
const limit = pLimit(Number(concurrency));

answerCalls({ ferry, peakBytes }, () => getGlobalDispatcher().destroy());

async function ferry(count: number): Promise<Ferried> {
  const urls = jobsOf(server, count).flat();
  const stopwatch = startStopwatch();
  const links = await Promise.all(urls.map((url) => limit(() => ferryPicture(url, server))));
  return { ...stopwatch(), complete: new Set(links).size };
}
