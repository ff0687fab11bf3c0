import { describe, expect, it } from 'vitest';

import {
  IdempotencyConflictError,
  InvalidCursorError,
  InvalidUrlsError,
  QueueFullError,
  StateError,
  StoreUnavailableError,
} from '@imgferry/core';
import { isOurs, Problem, problemAnswer, problemOf } from '../src/problem.ts';

const told = (error: unknown): Record<string, unknown> => {
  const { status, headers, body } = problemAnswer(problemOf(error));
  return { status, headers, ...JSON.parse(String(body)) };
};

describe('a problem', () => {
  it.each([
    [new InvalidUrlsError('urls is empty'), 400],
    [new InvalidCursorError(), 400],
    [new IdempotencyConflictError(), 422],
    [new QueueFullError(1_000), 429],
    [new StoreUnavailableError('gone'), 503],
    [new StateError('submit after stop'), 503],
    [new Error('anything'), 500],
    ['not even an error', 500],
    [undefined, 500],
  ])('of %s has the status %i, in the body too', (error, status) => {
    const answer = problemAnswer(problemOf(error));
    expect(answer.status).toBe(status);
    expect(JSON.parse(String(answer.body))).toMatchObject({ type: 'about:blank', status });
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  it('names every refused URL by its index, its place in the body and the reason', () => {
    const errors = [{ index: 3, reason: 'is not a URL' }];
    expect(told(new InvalidUrlsError('urls[3] is not a URL', errors))).toMatchObject({
      title: 'Bad Request',
      detail: 'urls[3] is not a URL',
      errors: [{ index: 3, pointer: '#/urls/3', reason: 'is not a URL' }],
    });
    expect(told(new InvalidUrlsError('urls is empty'))).toMatchObject({
      errors: [{ pointer: '#/urls', reason: 'urls is empty' }],
    });
  });

  it.each([
    [{ path: [] }, 'the body must be so', { pointer: '#' }],
    [{ path: ['codes'] }, 'codes must be so', { pointer: '#/codes' }],
    [{ path: ['codes', 0] }, 'codes[0] must be so', { index: 0, pointer: '#/codes/0' }],
    [{ path: ['a/b~"é'] }, 'a/b~"é must be so', { pointer: '#/a~1b~0%22%C3%A9' }],
    [{ path: ['\ud800'] }, 'must be so', { pointer: '#/%EF%BF%BD' }],
    [{ parameter: 'limit' }, 'limit must be so', { parameter: 'limit' }],
    [{ header: 'Accept' }, 'Accept must be so', { header: 'Accept' }],
  ])('at %j is told there', (place, detail, where) => {
    expect(told(Problem.at('badRequest', place, 'must be so'))).toMatchObject({
      detail,
      errors: [{ ...where, reason: 'must be so' }],
    });
  });

  it('has no list of errors where no place is to be named', () => {
    expect(told(new Problem('notFound', 'there is no such job'))).not.toHaveProperty('errors');
  });

  it('rounds Retry-After up to whole seconds, and never to zero', () => {
    expect(told(new QueueFullError(1_001)).headers).toMatchObject({ 'retry-after': '2' });
    expect(told(new StoreUnavailableError('gone', { retryAfterMs: 0 })).headers).toMatchObject({
      'retry-after': '1',
    });
  });

  it('tells no time to wait of what no waiting helps, and what to do instead', () => {
    const { headers, ...problem } = told(new QueueFullError(undefined, 'retry'));
    expect(headers).not.toHaveProperty('retry-after');
    expect(problem).toMatchObject({ status: 429 });
    expect(JSON.stringify(problem)).toContain('retry fewer at once, by urls or codes');
  });

  it('tells nothing of what was not expected, nor where the store is', () => {
    const text = JSON.stringify([
      told(new Error('password hunter2 at 10.0.0.7')),
      told(new StoreUnavailableError('connect ECONNREFUSED 10.0.0.7:6379')),
    ]);
    expect(text).not.toMatch(/hunter2|10\.0\.0\.7/);
  });

  it('repeats at most 200 characters of anything, and no control character or mark that turns text around', () => {
    const errors = [{ index: 0, reason: `\r\n\u202e${'x'.repeat(500)}` }];
    const { detail, errors: listed } = told(new InvalidUrlsError(`${'😀'.repeat(300)}\u0007`, errors)) as {
      detail: string;
      errors: { reason: string }[];
    };
    expect(detail).toMatch(/^(😀)+…$/u);
    expect(detail.length).toBeLessThanOrEqual(200);
    expect(listed[0]?.reason).toMatch(/^x+…$/);
    expect(listed[0]?.reason.length).toBe(200);
    const far = told(Problem.at('badRequest', { path: ['k'.repeat(5_000)] }, 'is not known')) as {
      errors: { pointer: string }[];
    };
    expect(far.errors[0]?.pointer.length).toBe(200);
  });

  it('belongs into the log when it is not of the sender', () => {
    expect(isOurs(problemOf(new Error('ours')))).toBe(true);
    expect(isOurs(problemOf(new StoreUnavailableError('gone')))).toBe(true);
    expect(isOurs(problemOf(new QueueFullError(1)))).toBe(false);
    expect(isOurs(new Problem('badRequest', 'theirs'))).toBe(false);
  });
});
