import { silentLogger, Uploader } from '@imgferry/core';
import { createFakeHost, createFakeSource } from '@imgferry/core/testing';
import { createFetchHandler } from '@imgferry/http-adapter';
import { MemoryStore } from '@imgferry/memory-store';
import { contractOf } from '../../packages/http-adapter/test/contract/contract-of.ts';
import { corpusOf, holds, messageOf, type Target } from './target.ts';

const path = '/v1/images/upload';
const maxBodyBytes = 2_048;
const contract = await contractOf({ maxBodyBytes });
/** A store forgets nothing within a run, so each is used for so many submits. */
const submitsOfAStore = 2_000;

let submits = 0;
let service = aService();

function aService() {
  const parts = { store: new MemoryStore(), source: createFakeSource(), host: createFakeHost() };
  const uploader = new Uploader({ ...parts, maxUrls: 30, maxUrlLength: 500, logger: silentLogger });
  return { uploader, handler: createFetchHandler(uploader, { maxBodyBytes, logger: silentLogger }) };
}

export const submitsTarget: Target = {
  name: 'submits',
  seeds: corpusOf('submits'),
  async check(input, split) {
    submits += 1;
    if (submits % submitsOfAStore === 0) service = aService();
    const { headers, body } = messageOf(input);
    const [status, text, location] = await post(headers, [body]);
    holds(status < 500, `a submit is no fault of the service: ${status}`);
    if (status === 202) await checkAccepted(text, location, body);
    else checkProblem(text);
    const [statusAgain, textAgain] = await post(headers, split(body));
    holds(statusAgain === status, `other chunks change nothing: ${status}, ${statusAgain}`);
    holds(status === 202 || textAgain === text, 'other chunks change nothing of a problem');
    holds(!('polluted' in {}), 'no submit changes what all objects are');
  },
};

async function post(
  headers: ReadonlyMap<string, string>,
  chunks: readonly Uint8Array[],
): Promise<readonly [status: number, body: string, location: string | null]> {
  const left = chunks.filter(({ length }) => length > 0);
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = left.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(Uint8Array.from(chunk));
    },
  });
  const init: RequestInit = { method: 'POST', headers: fit(headers), body, duplex: 'half' };
  const answer = await service.handler(new Request(`http://service.example${path}`, init));
  const text = await answer.text();
  contract.checkAnswer({ method: 'POST', path }, { status: answer.status, headers: answer.headers, text });
  return [answer.status, text, answer.headers.get('location')];
}

/** Headers as a server hands them on. */
function fit(headers: ReadonlyMap<string, string>): Headers {
  const taken = new Headers();
  for (const [name, value] of headers) taken.append(name, value);
  return taken;
}

/** What was accepted is what the bytes say to a parser that is not ours, and can be read. */
async function checkAccepted(text: string, location: string | null, body: Buffer): Promise<void> {
  const { jobId } = JSON.parse(text) as { jobId: string };
  holds(/^\{"jobId":"[0-9a-f-]{36}"\}$/.test(text), `an answer is a jobId and nothing else: ${text}`);
  holds(location === `${path}/${jobId}`, 'it can be found where it says');
  const sent = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as { urls: string[] };
  holds(Object.hasOwn(sent, 'urls'), 'the list is a field of its own');
  const kept = (await service.uploader.uploads(jobId, { limit: 1_000 }))?.items.map(({ url }) => url);
  holds(
    JSON.stringify(kept) === JSON.stringify([...new Set(sent.urls)]),
    'the URLs that were sent are kept, each once',
  );
  for (const url of sent.urls)
    holds(/^https?:/i.test(url) && url.isWellFormed(), `only what can be fetched is kept: ${url}`);
}

/** What no schema says of a problem. */
function checkProblem(text: string): void {
  const { detail, errors = [] } = JSON.parse(text);
  for (const reason of [detail, ...errors.map((each: { reason: string }) => each.reason)])
    holds(
      reason.isWellFormed() && !/\p{Cc}/u.test(reason),
      `a reason is a line of whole characters: ${reason}`,
    );
  for (const entry of errors) checkPlace(entry);
}

function checkPlace({ reason: _, index, pointer, ...others }: Record<string, unknown>): void {
  const [place, ...more] = [pointer, others.header, others.parameter].filter((each) => each !== undefined);
  holds(typeof place === 'string' && more.length === 0, 'a reason is told of one place');
  holds(
    index === undefined || (Number.isInteger(index) && pointer === `#/urls/${index}`),
    'an index is that of a URL',
  );
}
