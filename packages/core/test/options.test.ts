import { describe, expect, it } from 'vitest';

import { InvalidOptionError } from '../src/errors.ts';
import type { ImageTransform } from '../src/image-transform.ts';
import { resolveOptions, type UploaderOptions } from '../src/options.ts';

const host = {
  name: 'fake',
  limits: { maxBytes: { 'image/png': 1_000 } },
  upload: () => Promise.reject(new Error()),
};
const source = { open: () => Promise.reject(new Error()) };
// Options are checked before any of the parts is used.
const workerIdRule = "workerId must be 1 to 128 letters, digits or . : @ _ -, and not 'all', '.' or '..'";
const parts = { store: { create: () => undefined }, source, host } as unknown as UploaderOptions;

describe('the options of an uploader', () => {
  it('have the documented defaults', () => {
    const { store, source: _, host: __, logger, workerId, ...numbers } = resolveOptions(parts);
    expect(numbers).toEqual({
      concurrency: 8,
      leaseMs: 15_000,
      heartbeatMs: 5_000,
      maxAttempts: 3,
      attemptDelayMs: 10_000,
      retries: 2,
      retryDelayMs: 1_000,
      maxRetryAfterMs: 3_600_000,
      drainTimeoutMs: 8_000,
      pollMs: 5_000,
      maxUrls: 10_000,
      maxUrlLength: 8_192,
      maxWaiting: 1_000_000,
      idempotencyTtlMs: 86_400_000,
      rememberImagesMs: 0,
      progressMs: 250,
    });
    expect(workerId).toMatch(/^[0-9a-f-]{36}$/);
    expect(store).toBe(parts.store);
    expect(typeof logger.error).toBe('function');
  });

  it.each([
    ['concurrency', 0, 'concurrency is 0; it must be a whole number from 1 to 10000'],
    ['concurrency', 1.5, 'concurrency is 1.5; it must be a whole number from 1 to 10000'],
    ['concurrency', '8', 'concurrency is 8; it must be a whole number from 1 to 10000'],
    ['leaseMs', Number.NaN, 'leaseMs is NaN; it must be a whole number from 1 to 2147483647'],
    ['leaseMs', 2 ** 31, 'leaseMs is 2147483648; it must be a whole number from 1 to 2147483647'],
    ['heartbeatMs', 9_000, 'heartbeatMs is 9000; it must be at most half of leaseMs (15000)'],
    ['heartbeatMs', 0, 'heartbeatMs is 0; it must be a whole number from 1 to 2147483647'],
    ['maxAttempts', 0, 'maxAttempts is 0; it must be a whole number from 1 to 100'],
    ['retries', -1, 'retries is -1; it must be a whole number from 0 to 100'],
    ['attemptDelayMs', -5, 'attemptDelayMs is -5; it must be a whole number from 0 to 2147483647'],
    ['pollMs', 0, 'pollMs is 0; it must be a whole number from 1 to 2147483647'],
    ['maxUrls', 0, 'maxUrls is 0; it must be a whole number from 1 to 2147483647'],
    ['rememberImagesMs', -1, 'rememberImagesMs is -1; it must be a whole number from 0 to 315360000000'],
    ['workerId', 'a b', workerIdRule],
    ['workerId', 'all', workerIdRule],
    ['workerId', '.', workerIdRule],
    ['workerId', '..', workerIdRule],
    ['store', undefined, 'store is missing or not a Store'],
    ['source', {}, 'source is missing or not a Source'],
    ['host', null, 'host is missing or not a Host'],
    ['maxWating', 5, 'maxWating is not an option; did you mean maxWaiting?'],
  ])('are refused when they can not work: %s = %j', (option, value, message) => {
    const resolve = (): unknown => resolveOptions({ ...parts, [option]: value });
    expect(resolve).toThrow(InvalidOptionError);
    expect(resolve).toThrow(message);
  });

  it('refuse to remember images in a store that can not recall them', () => {
    const resolve = (): unknown => resolveOptions({ ...parts, rememberImagesMs: 1 });
    expect(resolve).toThrow(InvalidOptionError);
    expect(resolve).toThrow('rememberImagesMs wants a store that has `recall`');
    const store = { ...parts.store, recall: () => Promise.resolve(undefined) };
    expect(resolveOptions({ ...parts, store, rememberImagesMs: 1 }).rememberImagesMs).toBe(1);
  });

  it('refuse a source that can not hold the largest image of the host', () => {
    expect(() => resolveOptions({ ...parts, source: { ...source, maxHeldBytes: 999 } })).toThrow(
      'source can hold 999 bytes of a body without a length and fake takes images of 1000',
    );
    expect(resolveOptions({ ...parts, source: { ...source, maxHeldBytes: 1_000 } }).source.maxHeldBytes).toBe(
      1_000,
    );
  });

  it('refuse a source that can not hold the largest image that the transform takes', () => {
    const transform = { maxBytes: { 'image/webp': 2_000 }, transform: async () => expect.fail() };
    expect(() => resolveOptions({ ...parts, source: { ...source, maxHeldBytes: 1_999 }, transform })).toThrow(
      'source can hold 1999 bytes of a body without a length and fake or the transform takes images of 2000',
    );
    resolveOptions({ ...parts, source: { ...source, maxHeldBytes: 2_000 }, transform });
  });

  it.each([
    [{}, 'transform is not an ImageTransform'],
    [null, 'transform is not an ImageTransform'],
    [{ maxBytes: undefined }, 'transform.maxBytes lists no type, so it would never run'],
    [{ maxBytes: {} }, 'transform.maxBytes lists no type, so it would never run'],
    [{ maxBytes: { webp: 1 } }, 'transform.maxBytes lists "webp", which is no media type'],
    [
      { maxBytes: { 'image/webp': 0 } },
      'transform.maxBytes of image/webp is 0; it must be a whole number from 1 to 9007199254740991',
    ],
    [
      { maxBytes: { 'image/webp': 1 }, timeoutMs: 0 },
      'transform.timeoutMs is 0; it must be a whole number from 1 to 2147483647',
    ],
  ])('refuse a transform that can not work: %j', (transform, message) => {
    const whole =
      transform !== null && 'maxBytes' in transform
        ? { ...transform, transform: () => undefined }
        : transform;
    const resolve = (): unknown => resolveOptions({ ...parts, transform: whole as never });
    expect(resolve).toThrow(InvalidOptionError);
    expect(resolve).toThrow(message);
  });

  it('take a transform as it is when they are given, with a minute for each image', async () => {
    class Convert implements ImageTransform {
      readonly maxBytes: Record<string, number> = { 'image/webp': 5 };
      readonly #type = 'image/png';
      async transform() {
        return { type: this.#type, body: new Uint8Array(1) };
      }
    }
    const convert = new Convert();
    const { transform } = resolveOptions({ ...parts, transform: convert });
    convert.maxBytes['image/bmp'] = 5;
    expect(transform).toMatchObject({ maxBytes: { 'image/webp': 5 }, timeoutMs: 60_000 });
    expect(transform?.maxBytes).not.toHaveProperty('image/bmp');
    expect(await transform?.transform({} as never, {} as never)).toMatchObject({ type: 'image/png' });
  });
});
