import { describe, expect, it } from 'vitest';

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
});
