import { request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';

import {
  type PictureRoute,
  type PictureServer,
  sampleImage,
  sampleImages,
  startPictureServer,
} from '../../src/testing/index.ts';
import { type Answer, read } from './post-image.ts';

const png = sampleImages['image/png'];
const large = sampleImage('image/jpeg', { bytes: 300_000 });

let server: PictureServer;

afterEach(() => server.close());

async function serve(picture: PictureRoute): Promise<void> {
  server = await startPictureServer({ '/picture': picture });
}

async function get(path = '/picture', signal?: AbortSignal): Promise<Answer & { bytes: Buffer }> {
  const { statusCode, headers, body } = await request(server.urlOf(path), { ...(signal && { signal }) });
  const bytes = Buffer.from(await body.arrayBuffer());
  return { status: statusCode, headers, bytes, text: bytes.toString() };
}

describe('a picture server', () => {
  it('serves a picture with its type and length', async () => {
    await serve(png);
    const { status, headers, bytes } = await get();
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'image/png', 'content-length': String(png.length) });
    expect(bytes).toEqual(Buffer.from(png));
  });

  it('answers HEAD with the same headers and no body', async () => {
    await serve(png);
    const answer = await read(await request(server.urlOf('/picture'), { method: 'HEAD' }));
    expect(answer).toMatchObject({ text: '', headers: { 'content-length': String(png.length) } });
  });

  it('serves any status, type and header', async () => {
    await serve({ bytes: png, status: 503, type: 'text/html', headers: { 'Retry-After': '7' } });
    expect(await get()).toMatchObject({
      status: 503,
      headers: { 'content-type': 'text/html', 'retry-after': '7' },
    });
  });

  it('redirects', async () => {
    await serve({ redirect: '/other' });
    expect(await get()).toMatchObject({ status: 302, headers: { location: '/other' } });
  });

  it('serves a path under every query, unless one is served as itself', async () => {
    await serve(png);
    server.set('/picture?2', { status: 410 });
    expect(await get('/picture?1')).toMatchObject({ status: 200 });
    expect(await get('/picture?2')).toMatchObject({ status: 410 });
    expect(await get('/other?1')).toMatchObject({ status: 404 });
  });

  it('says 404 to a path that it does not know', async () => {
    await serve(png);
    expect(await get('/nothing')).toMatchObject({ status: 404 });
  });

  it.each([
    ['chunked', { 'transfer-encoding': 'chunked' }],
    ['close-delimited', { connection: 'close' }],
  ] as const)('can leave the length out: %s', async (noLength, headers) => {
    await serve({ bytes: large, noLength });
    const answer = await get();
    expect(answer.headers).toMatchObject(headers);
    expect(answer.headers).not.toHaveProperty('content-length');
    expect(answer.headers['transfer-encoding']).toBe(noLength === 'chunked' ? 'chunked' : undefined);
    expect(answer.bytes).toEqual(Buffer.from(large));
  });

  it('sends no faster than asked', async () => {
    await serve({ bytes: sampleImage('image/png', { bytes: 500 }), bytesPerSecond: 10_000 });
    const begun = performance.now();
    expect((await get()).bytes).toHaveLength(500);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(40);
  });

  it('stalls after so many bytes', async () => {
    await serve({ bytes: large, breaks: { how: 'stall', afterBytes: 100 } });
    const giving = new AbortController();
    const { body } = await request(server.urlOf('/picture'), { signal: giving.signal });
    const chunks = body[Symbol.asyncIterator]();
    expect((await chunks.next()).value).toHaveLength(100);
    const next = chunks.next();
    giving.abort(new Error('given up'));
    await expect(next).rejects.toThrow('given up');
    await server.waitUntil(({ connections }) => connections === 0);
  });

  it.each(['truncate', 'reset'] as const)('breaks a body off: %s', async (how) => {
    await serve({ bytes: large, breaks: { how, afterBytes: 70_000 } });
    await expect(get()).rejects.toThrow();
  });

  it('can end a body early and nobody can tell', async () => {
    await serve({
      bytes: large,
      noLength: 'close-delimited',
      breaks: { how: 'truncate', afterBytes: 70_000 },
    });
    expect((await get()).bytes).toHaveLength(70_000);
  });

  it('answers a list one after the other, and with its last from then on', async () => {
    await serve([{ status: 500 }, { status: 429 }, png]);
    const statuses = [await get(), await get(), await get(), await get()].map(({ status }) => status);
    expect(statuses).toEqual([500, 429, 200, 200]);
  });

  it('answers in any way that a test can write', async () => {
    await serve((_, response) => response.writeHead(418).end('tea'));
    expect(await get()).toMatchObject({ status: 418, text: 'tea' });
  });

  it('counts requests and connections, and takes new pictures', async () => {
    await serve(png);
    await Promise.all([get(), get()]);
    server.set('/other', { status: 204 });
    expect(await get('/other')).toMatchObject({ status: 204 });
    expect([server.requests('/picture'), server.requests('/never'), server.requests()]).toEqual([2, 0, 3]);
    expect(server.connections).toBeGreaterThan(0);
    await server.close();
    expect(server.connections).toBe(0);
  });

  it('closes while a picture is on its way', async () => {
    await serve({ bytes: large, bytesPerSecond: 1 });
    const getting = get();
    await server.waitUntil((counters) => counters.requests('/picture') === 1);
    await server.close();
    await expect(getting).rejects.toThrow();
  });
});
