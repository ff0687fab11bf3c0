import { expect, it } from 'vitest';

import { HostTrouble } from '../../src/imgur-host/host-trouble.ts';
import { TransferError } from '../../src/transfer-error.ts';
import { buckets } from './reply-context.ts';

const image = (number: number): string => `image ${number}`;
const blocked = () => new TransferError('host_blocked', 'no', { retryAfterMs: 60_000 });
const failed = (facts: ConstructorParameters<typeof TransferError>[2] = {}) =>
  new TransferError('host_unavailable', 'down', facts);

function aHost() {
  const clock = { nowMs: 1_000_000 };
  return { clock, trouble: new HostTrouble(buckets, () => clock.nowMs) };
}

it('blames no image for a block while others, that were on their way already, are taken', () => {
  const { clock, trouble } = aHost();
  for (let time = 0; time < 5; time += 1) {
    const sentAtMs = clock.nowMs;
    clock.nowMs += 10;
    expect(trouble.judge(blocked(), image(1)).code).toBe('host_blocked');
    clock.nowMs += 10;
    trouble.ended(sentAtMs);
  }
});

it('blames an image that was blocked twice while others were sent afterwards and taken', () => {
  const { clock, trouble } = aHost();
  const seen = [1, 2, 3].map(() => {
    const { code, retry } = trouble.judge(blocked(), image(1));
    clock.nowMs += 60_000;
    trouble.ended(clock.nowMs);
    return [code, retry];
  });
  expect(seen).toEqual([
    ['host_blocked', 'wait'],
    ['host_blocked', 'wait'],
    ['host_rejected', 'later'],
  ]);
  expect(trouble.judge(blocked(), image(2)).code).toBe('host_blocked');
});

it('takes one image that fails three times for the image, and three that fail once for the host', () => {
  const { trouble } = aHost();
  const same = [1, 1, 1].map((bytes) => trouble.judge(failed(), image(bytes)).retry);
  const others = [2, 3].map((bytes) => trouble.judge(failed(), image(bytes)).retry);
  expect([...same, ...others]).toEqual(['soon', 'soon', 'soon', 'soon', 'wait']);
});

it('keeps what a failure told beside the pause', () => {
  const { trouble } = aHost();
  for (const bytes of [1, 2]) trouble.judge(failed(), image(bytes));
  const user = { bucket: buckets.user, remaining: 3, resetInMs: 1_000 };
  const told = failed({ possiblyStored: true, reading: { scope: buckets.scope, buckets: [user] } });
  expect(trouble.judge(told, image(3))).toMatchObject({
    retry: 'later',
    possiblyStored: true,
    reading: {
      scope: buckets.scope,
      buckets: [user, { bucket: buckets.gate, remaining: 0, resetInMs: 5_000, reason: 'unavailable' }],
    },
  });
});

it('says nothing of an image that is none of its concern', () => {
  const { trouble } = aHost();
  const error = new TransferError('host_credentials', 'no');
  expect(trouble.judge(error, image(1))).toBe(error);
});

it('starts anew when an image was taken: one that still fails does not stop the others at once', () => {
  const { clock, trouble } = aHost();
  const fails = (number: number) => trouble.judge(failed(), image(number)).retry;
  expect([1, 2, 3, 1].map(fails)).toEqual(['soon', 'soon', 'wait', 'wait']);
  clock.nowMs += 60_000;
  trouble.ended(clock.nowMs);
  expect([1, 1, 2, 2].map(fails)).toEqual(['soon', 'soon', 'soon', 'soon']);
});

it('stops nothing for an image that was the failing probe twice while others were taken, though Imgur asks for it', () => {
  const { clock, trouble } = aHost();
  const waits = failed({ retry: 'wait', retryAfterMs: 60_000, reading: { scope: [], buckets: [] } });
  for (let time = 0; time < 2; time += 1) {
    for (const number of [1, 2, 3]) expect(trouble.judge(waits, image(number)).retry).toBe('wait');
    clock.nowMs += 60_000;
    trouble.ended(clock.nowMs);
  }
  expect([4, 5, 6].map((number) => trouble.judge(failed(), image(number)).retry)).toEqual([
    'soon',
    'soon',
    'wait',
  ]);
  expect(trouble.judge(failed(), image(1)).retry).toBe('soon');
  expect(trouble.judge(waits, image(1))).toMatchObject({ retry: 'later', reading: undefined });
  expect(trouble.judge(failed({ retry: 'wait', notSent: true }), image(1)).retry).toBe('wait');
});

it('lets no image wait without an end while it alone is the probe, unless Imgur can not be reached', () => {
  for (const notSent of [false, true]) {
    const { clock, trouble } = aHost();
    for (const number of [1, 2]) trouble.judge(failed({ notSent }), image(number));
    const retries = Array.from({ length: 150 }, () => {
      clock.nowMs += 5 * 60_000;
      const { retry, reading } = trouble.judge(failed({ notSent }), image(3));
      expect(reading?.buckets).toHaveLength(1);
      return retry;
    });
    // More than eight hours.
    expect(retries.filter((retry) => retry === 'wait')).toHaveLength(notSent ? 150 : 99);
    expect(retries.at(-1)).toBe(notSent ? 'wait' : 'later');
  }
});
