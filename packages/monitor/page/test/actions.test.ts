import { afterEach, describe, expect, it, vi } from 'vitest';

import { act, answerOf, sentenceOf } from '../actions.ts';

afterEach(() => vi.unstubAllGlobals());

describe('why something was refused', () => {
  it.each([
    [{ status: 401, title: 'Unauthorized' }, 'You are not signed in any more. Reload the page to sign in.'],
    [{ status: 403, title: '', detail: 'you may look' }, 'This is not allowed to you: you may look.'],
    [{ status: 404, title: 'Not Found' }, 'It is not there any more: Not Found.'],
    [
      { status: 503, title: '', detail: 'it is away' },
      'The store can not be reached: it is away. Whether this was done shows when it is back.',
    ],
    [{ status: 400, title: 'Bad Request', detail: 'slots is -1' }, 'The monitor refused: slots is -1.'],
    [{ status: 502, title: '' }, 'The monitor refused: status 502.'],
  ])('is said in words', (problem, words) => {
    expect(sentenceOf(problem)).toBe(words);
  });
});

describe('whoever is sent to a login, or shown one', () => {
  const html = { 'content-type': 'text/html' };
  it.each([
    ['a redirect', { type: 'opaqueredirect', ok: false, status: 0, headers: new Headers() }],
    ['a page', new Response('<form>', { headers: html })],
  ])('by %s is signed in no longer, and nothing was done', async (_, answer) => {
    const asked: unknown[] = [];
    vi.stubGlobal('fetch', async (_path: string, init: RequestInit) => {
      asked.push(init.redirect);
      return answer;
    });
    expect(await answerOf('queue')).toMatchObject({ status: 401 });
    expect(await act('queue/pause')).toEqual({
      status: 'refused',
      sentence: 'You are not signed in any more. Reload the page to sign in.',
    });
    expect(asked).toEqual(['manual', 'manual']);
  });
});
