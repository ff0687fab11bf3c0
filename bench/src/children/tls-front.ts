// Takes TLS in front of a server and hands on what is in it. `tls-front.ts <certificate> <key> <server>`
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { pipeline } from 'node:stream';
import { createServer } from 'node:tls';

import { answerCalls } from '../answer-calls.ts';
import { listen } from '../listen.ts';
import { startStopwatch } from '../stopwatch.ts';

const [certificate = '', key = '', server = ''] = process.argv.slice(2);
const { hostname, port } = new URL(server);
const options = { cert: readFileSync(certificate), key: readFileSync(key), noDelay: true };
const front = createServer(options, (inside) => {
  const outside = connect({ host: hostname, port: Number(port), noDelay: true });
  // Each ends with the other; who is at their ends knows what that means.
  pipeline(inside, outside, inside, () => {});
});
const address = new URL(await listen(front));

const stopwatch = startStopwatch();
const calls = { url: () => `https://${address.host}`, cpuSeconds: () => stopwatch().cpuSeconds };

/** What can be asked of this process. */
export type TlsFront = typeof calls;

answerCalls(calls, async () => {
  front.close();
});
