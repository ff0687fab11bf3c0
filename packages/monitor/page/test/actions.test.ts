import { describe, expect, it } from 'vitest';

import { sentenceOf } from '../actions.ts';

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
