import { expect, test } from 'vitest';

import { CollectedBody } from '../../src/http-source/collected-body.ts';
import type { HttpExchange } from '../../src/http-source/http-exchange.ts';

/** Every other chunk has to be waited for. */
function exchangeOf(chunks: Uint8Array[]): HttpExchange {
  let here = 0;
  const exchange: Pick<HttpExchange, 'take' | 'ended' | 'more'> = {
    take() {
      here -= 1;
      return here >= 0 ? chunks.shift() : undefined;
    },
    get ended() {
      return chunks.length === 0;
    },
    async more() {
      here = 2;
    },
  };
  return exchange as HttpExchange;
}

test('a body that is held keeps no more memory than twice its bytes, however its chunks came', async () => {
  // What a socket reads is 64 KiB at a time, and chunk extensions can leave little of that to be body.
  const left = Array.from({ length: 100 }, () => new Uint8Array(65_536).subarray(0, 4_096));
  const body = new CollectedBody();
  await body.readTo(Number.POSITIVE_INFINITY, exchangeOf(left));
  const kept = new Set(body.chunks().map(({ buffer }) => buffer));
  const keptBytes = [...kept].reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(body.bytes).toBe(409_600);
  expect(keptBytes).toBeLessThanOrEqual(2 * body.bytes);
});

test('a slice of a body is the same wherever its chunks end', async () => {
  const whole = Buffer.from(Array.from({ length: 30_000 }, (_, at) => at % 251));
  const chunks = [0, 1, 5_000, 5_002, 12_000, 30_000];
  const left = chunks.slice(1).map((end, index) => whole.subarray(chunks[index], end));
  const body = new CollectedBody();
  await body.readTo(Number.POSITIVE_INFINITY, exchangeOf(left));
  for (const at of [0, 1, 4_990, 4_999, 5_001, 11_995, 29_991])
    expect(body.slice(at, 9)).toEqual(whole.subarray(at, at + 9));
  expect(body.slice(29_992, 9)).toBeUndefined();
  expect(body.slice(0, 30_000)).toEqual(whole);
});
