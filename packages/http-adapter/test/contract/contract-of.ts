import type { FetchHandlerOptions } from '@imgferry/http-adapter';
import { EventParser, type Heard } from '../event-parser.ts';
import { Contract, eventStream } from './contract.ts';
import { documentOf } from './documents.ts';

const contracts = new Map<string, Promise<Contract>>();

/** The contract of endpoints with these options, made once for all that have the like. */
export function contractOf(options: FetchHandlerOptions): Promise<Contract> {
  const key = JSON.stringify(options, (_, value) => (typeof value === 'function' ? 'given' : value));
  const contract = contracts.get(key) ?? documentOf(options).then((document) => new Contract(document));
  contracts.set(key, contract);
  return contract;
}

/** A `fetch` that takes no answer which the contract does not have. */
export function heldTo(contract: Contract, fetch: Fetch, passesOn: boolean): Fetch {
  return async (path, init = {}) => {
    const answer = await fetch(path, init);
    // What is nothing of ours is answered by the framework, in its own words.
    if (passesOn && contract.findPath(path) === undefined) return answer;
    const streams = answer.headers.get('content-type') === eventStream && answer.body !== null;
    const text = streams ? '' : await answer.clone().text();
    const { method = 'GET', headers, body } = init;
    contract.check(
      { method, path, headers: new Headers(headers), body: textOf(body) },
      { status: answer.status, headers: answer.headers, text },
    );
    return streams ? heardBy(answer, (event) => contract.checkEvent(event)) : answer;
  };
}

/** The same answer, whose events are looked at as they are read. Nothing is read before its reader wants it. */
function heardBy(answer: Response, check: (event: Heard) => void): Response {
  const parser = new EventParser();
  const reader = (answer.body ?? new Blob([]).stream()).getReader();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        const heard = parser.events.length;
        parser.push(value);
        for (const event of parser.events.slice(heard)) check(event);
        controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  const { status, headers } = answer;
  return new Response(body, { status, headers });
}

type Fetch = (path: string, init?: RequestInit) => Promise<Response>;

function textOf(body: RequestInit['body']): string | undefined {
  if (body === undefined || body === null) return '';
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? Buffer.from(body).toString() : undefined;
}
