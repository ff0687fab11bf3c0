import { describe, expect, it } from 'vitest';

import { whileOpen } from '../src/while-open.ts';

/** What has been closed, in that order. */
function things(...failing: readonly string[]) {
  const closed: string[] = [];
  const thing = (name: string) => ({
    async close() {
      closed.push(name);
      if (failing.includes(name)) throw new Error(`${name} can not be closed`);
    },
  });
  return { closed, thing };
}

describe('what some work has opened', () => {
  it('is closed when it is done, last first', async () => {
    const { closed, thing } = things();
    const answer = await whileOpen(async (open) => {
      open(thing('Redis'));
      open({ end: () => closed.push('child') });
      return 'done';
    });
    expect(answer).toBe('done');
    expect(closed).toEqual(['child', 'Redis']);
  });

  it('is closed when it fails on the way', async () => {
    const { closed, thing } = things();
    const work = whileOpen(async (open) => {
      open(thing('Redis'));
      throw new Error('a picture is lost');
    });
    await expect(work).rejects.toThrow(/^a picture is lost$/);
    expect(closed).toEqual(['Redis']);
  });

  it('is closed although some of it can not be, and that is told', async () => {
    const { closed, thing } = things('child');
    const work = whileOpen(async (open) => {
      open(thing('Redis'));
      open(thing('child'));
    });
    await expect(work).rejects.toThrow(/^child can not be closed$/);
    expect(closed).toEqual(['child', 'Redis']);
  });

  it('leaves the first failure the first where closing fails too', async () => {
    const { thing } = things('child');
    const work = whileOpen(async (open) => {
      open(thing('child'));
      throw new Error('a picture is lost');
    });
    await expect(work).rejects.toMatchObject({
      message: 'a picture is lost; then child can not be closed',
      errors: [new Error('a picture is lost'), new Error('child can not be closed')],
    });
  });
});
