import { describe, expect, it } from 'vitest';

import type { Heard } from '../event-parser.ts';
import type { ReadAnswer, SentRequest } from './contract.ts';
import { contractOf, heldTo } from './contract-of.ts';

const id = '55355b7c-9b86-4a1a-b32e-6cdd6db07183';
const contract = await contractOf({ basePath: '/images' });

const view = {
  id,
  created: '2017-12-22T16:48:29.000Z',
  finished: null,
  status: 'pending',
  uploaded: { pending: ['https://a.example/'], complete: [], failed: [] },
};
const problem = { type: 'about:blank', title: 'Bad Request', status: 400, detail: 'no' };

const eventsPath = `/images/v1/images/upload/${id}/events`;
const job = {
  id,
  host: 'imgur',
  status: 'pending',
  created: view.created,
  started: null,
  finished: null,
  ...{ total: 1, waiting: 1, claimed: 0, complete: 0, failed: 0, possiblyDuplicated: 0 },
  paused: false,
  pausedBy: [],
  cancelled: false,
};
const snapshot: Heard = { type: 'snapshot', id: undefined, data: { job } };
const started: Heard = { type: 'job:started', id: '1-0', data: { jobId: id, at: view.created } };
const gap: Heard = { type: 'gap', id: undefined, data: { job, view } };

interface Exchange {
  readonly method?: string;
  readonly path?: string;
  readonly sent?: Record<string, string>;
  readonly body?: unknown;
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly answer?: unknown;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function check({
  method = 'GET',
  path = `/v1/images/upload/${id}`,
  sent,
  body = '',
  ...answer
}: Exchange): void {
  const request: SentRequest = {
    method,
    path: `/images${path}`,
    headers: new Headers({ 'content-type': 'application/json', ...sent }),
    body: textOf(body),
  };
  const read: ReadAnswer = {
    status: answer.status ?? 200,
    headers: new Headers({ 'content-type': 'application/json', ...answer.headers }),
    text: textOf(answer.answer ?? view),
  };
  contract.check(request, read);
}

const submit: Exchange = {
  method: 'POST',
  path: '/v1/images/upload',
  body: { urls: ['https://a.example/'] },
  status: 202,
  headers: { location: `/images/v1/images/upload/${id}` },
  answer: { jobId: id },
};
const refused: Exchange = {
  ...submit,
  status: 400,
  headers: { 'content-type': 'application/problem+json' },
  answer: problem,
};

describe('the contract takes', () => {
  it.each<[string, Exchange]>([
    ['a view', {}],
    ['a submit', submit],
    ['a submit with a key', { ...submit, sent: { 'idempotency-key': '"order 1"' } }],
    ['a refusal of a shape', { ...refused, body: { urls: [] } }],
    [
      'a refusal that no schema can tell',
      { ...refused, answer: { ...problem, detail: 'the body is not UTF-8' } },
    ],
    ['a HEAD without a body', { method: 'HEAD', answer: '' }],
    [
      'a 405 with Allow',
      {
        method: 'PUT',
        status: 405,
        headers: { 'content-type': 'application/problem+json', allow: 'GET, HEAD, DELETE' },
        answer: { ...problem, status: 405, title: 'Method Not Allowed' },
      },
    ],
    [
      'a 404 where there is nothing',
      {
        path: '/v2/images',
        status: 404,
        headers: { 'content-type': 'application/problem+json' },
        answer: { ...problem, status: 404, title: 'Not Found' },
      },
    ],
  ])('%s', (_, exchange) => {
    expect(() => check(exchange)).not.toThrow();
  });
});

describe('the contract refuses', () => {
  it.each<[string, Exchange, RegExp]>([
    ['a status that it does not have', { status: 418 }, /getJob 418 is not documented/],
    [
      'a type that it does not have',
      { headers: { 'content-type': 'text/html' } },
      /text\/html, which is not doc/,
    ],
    ['an answer without a type', { headers: { 'content-type': '' } }, /which is not documented/],
    ['a key that it does not have', { answer: { ...view, extra: 1 } }, /"extra"/],
    [
      'a key that it does not have, inside',
      { answer: { ...view, uploaded: { ...view.uploaded, extra: [] } } },
      /\/uploaded .*"extra"/,
    ],
    ['a key that is missing', { answer: { ...view, finished: undefined } }, /finished/],
    [
      'a value of another type',
      { answer: { ...view, uploaded: { ...view.uploaded, failed: [7] } } },
      /failed\/0/,
    ],
    ['a status of a job that there is not', { answer: { ...view, status: 'failed' } }, /\/status/],
    ['a time of another shape', { answer: { ...view, created: '2017-12-22 16:48' } }, /\/created/],
    ['a time that is none', { answer: { ...view, created: '2017-13-42T16:48:29.000Z' } }, /\/created/],
    ['an id of another shape', { answer: { ...view, id: id.toUpperCase() } }, /\/id/],
    ['a header that is missing', { ...submit, headers: {} }, /lacks the header Location/],
    [
      'a header of another shape',
      { ...submit, headers: { location: 'http://a.example/' } },
      /the header Location/,
    ],
    [
      'a header that it does not have here',
      { headers: { 'retry-after': '1' } },
      /has the header Retry-After/,
    ],
    ['a body where there is none', { method: 'HEAD' }, /has a body/],
    [
      'a problem that names another status',
      { ...refused, body: {}, answer: { ...problem, status: 404 } },
      /\/status must be equal/,
    ],
    [
      'a problem with a key that it does not have',
      { ...refused, body: {}, answer: { ...problem, hint: '' } },
      /"hint"/,
    ],
    [
      'a problem that is long',
      { ...refused, body: {}, answer: { ...problem, detail: 'x'.repeat(201) } },
      /\/detail/,
    ],
    [
      'an accepted body that it does not have',
      { ...submit, body: { urls: 'https://a.example/' } },
      /not documented/,
    ],
    [
      'an accepted item that it does not have',
      { ...submit, body: { urls: ['ftp://a.example/'] } },
      /not documented/,
    ],
    ['an accepted body that is missing', { ...submit, body: '' }, /the body is missing/],
    [
      'an accepted type of body that it does not have',
      { ...submit, sent: { 'content-type': 'text/csv' } },
      /text\/csv/,
    ],
    [
      'an accepted key that it does not have',
      { ...submit, sent: { 'idempotency-key': 'é' } },
      /Idempotency-Key/,
    ],
    [
      'an accepted parameter that it does not have',
      { path: '/v1/images?limit=1001', answer: { uploaded: [] } },
      /limit: .*1000/,
    ],
    [
      'an accepted parameter that is there twice',
      { path: '/v1/images?limit=1&limit=2', answer: { uploaded: [] } },
      /limit is given more than once/,
    ],
    ['a refusal of what is as documented', refused, /refuses a request that is as documented: no/],
    ['another answer to a method that there is not', { method: 'PUT' }, /methodNotAllowed/],
    ['an answer where there is nothing', { path: '/v1/images/upload/x/y' }, /notFound/],
  ])('%s', (_, exchange, message) => {
    expect(() => check(exchange)).toThrow(message);
  });

  it('for the fetch that is held to it, and for a framework only below our paths', async () => {
    const html = async (): Promise<Response> =>
      new Response('<p>', { headers: { 'content-type': 'text/html' } });
    await expect(heldTo(contract, html, false)('/images/v1/images')).rejects.toThrow(
      'listLinks 200 is text/html',
    );
    await expect(heldTo(contract, html, true)('/images/v1/images')).rejects.toThrow(
      'listLinks 200 is text/html',
    );
    await expect(heldTo(contract, html, false)('/images/v2')).rejects.toThrow('notFound');
    expect((await heldTo(contract, html, true)('/images/v2')).status).toBe(200);
  });

  it.each<[string, Heard, RegExp]>([
    ['an event that it does not have', { ...started, type: 'job:burnt' }, /job:burnt is not documented/],
    ['an event without its id', { ...started, id: undefined }, /the event job:started is not as documented/],
    ['an event with an id that it must not have', { ...snapshot, id: '1' }, /the event snapshot is not/],
    ['data that it does not have', { ...started, data: { ...started.data, album: 'x' } }, /"album"/],
    ['data that lacks something', { ...started, data: { jobId: id } }, /'at'/],
    ['an id in data of another shape', { ...started, data: { ...started.data, jobId: 'j' } }, /\/jobId/],
    ['a view in a gap that it does not have', { ...gap, data: { ...gap.data, view: { id } } }, /\/view/],
  ])('%s', (_, heard, message) => {
    expect(() => contract.checkEvent(heard)).toThrow(message);
  });

  it('a stream at the event that it does not have, and not before', async () => {
    const line = ({ type, id: eventId, data }: Heard): string =>
      `event: ${type}\n${eventId === undefined ? '' : `id: ${eventId}\n`}data: ${JSON.stringify(data)}\n\n`;
    const stream = async (): Promise<Response> =>
      new Response(
        ReadableStream.from(
          [snapshot, started, { ...started, type: 'job:burnt' }].map((each) => Buffer.from(line(each))),
        ),
        { headers: { 'content-type': 'text/event-stream' } },
      );
    const reader = (await heldTo(contract, stream, false)(eventsPath)).body?.getReader();
    expect(String(Buffer.from((await reader?.read())?.value ?? []))).toBe(line(snapshot));
    expect(String(Buffer.from((await reader?.read())?.value ?? []))).toBe(line(started));
    await expect(reader?.read()).rejects.toThrow('job:burnt is not documented');
  });
});

describe('the contract takes an event', () => {
  it.each<[string, Heard]>([
    ['with its id', started],
    ['that has none', snapshot],
    ['of history that was trimmed', gap],
  ])('%s', (_, heard) => {
    expect(() => contract.checkEvent(heard)).not.toThrow();
  });
});
