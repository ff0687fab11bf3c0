import { expect, it } from 'vitest';

import { HostTrouble } from '../../src/imgur-host/host-trouble.ts';
import type { SourceImage } from '../../src/source.ts';
import { TransferError } from '../../src/transfer-error.ts';
import { buckets } from './reply-context.ts';

const image = (bytes: number): SourceImage => ({ type: 'image/png', bytes, body: [], dispose: () => {} });
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
