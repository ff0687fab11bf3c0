// node:http by itself, which answers every request with the same bytes. `plain-endpoint.ts`
import { createServer } from 'node:http';

import { answerCalls } from '../answer-calls.ts';
import { closeServer } from '../close-server.ts';
import { listen } from '../listen.ts';
import { startStopwatch } from '../stopwatch.ts';

let headers: Readonly<Record<string, string>> = {};
let body = '';
let stopwatch = startStopwatch();
const server = createServer((_, response) => {
  response.writeHead(200, headers);
  response.end(body);
});
const url = await listen(server);

const calls = {
  url: () => url,
  answerWith(answer: { readonly headers: Readonly<Record<string, string>>; readonly body: string }) {
    ({ headers, body } = answer);
  },
  watch() {
    stopwatch = startStopwatch();
  },
  watched: () => ({ cpuSeconds: stopwatch().cpuSeconds }),
};

/** What can be asked of this process. */
export type PlainEndpoint = typeof calls;

answerCalls(calls, () => closeServer(server));
