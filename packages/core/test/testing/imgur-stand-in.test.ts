import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { Agent, FormData, fetch, request } from 'undici';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';

import { type ImgurStandIn, sampleImage, sampleImages, startImgurStandIn } from '../../src/testing/index.ts';
import { call, handMadeForm, png, postImage, read } from './post-image.ts';

let standIn: ImgurStandIn;

beforeEach(async () => {
  standIn = await startImgurStandIn();
});

afterEach(() => standIn.close());

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** How much memory of buffers is in use, that which nobody holds any more left out. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** Writes bytes on a connection of its own and answers when the other side has closed it. */
function sendRaw(bytes: string, end: 'half-close' | 'reset' | 'wait' = 'wait'): Promise<string> {
  const { hostname, port } = new URL(standIn.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      received += text;
    });
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
    socket.write(bytes, () => {
      if (end === 'half-close') socket.end();
      if (end === 'reset') socket.resetAndDestroy();
    });
  });
}

describe('an upload', () => {
  it.each(['/3/image', '/3/upload', '/3/image?x=1'])('to %s is answered as Imgur answers', async (path) => {
    const { status, headers, text } = await postImage(standIn, {
      path,
      fields: { title: 'Cat', name: 'cat.png' },
    });
    const [image] = standIn.images;
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(text)).toMatchObject({
      data: {
        id: image?.id,
        deletehash: image?.deleteHash,
        link: `https://i.imgur.com/${image?.id}.png`,
        title: 'Cat',
        description: null,
        name: 'cat.png',
        type: 'image/png',
        width: 1,
        height: 1,
        size: png.length,
      },
      success: true,
      status: 200,
    });
    expect([image?.id, image?.deleteHash]).toEqual([
      expect.stringMatching(/^[0-9A-Za-z]{7}$/),
      expect.stringMatching(/^[0-9A-Za-z]{15}$/),
    ]);
  });

  it('by the FormData of undici is read like any other', async () => {
    const form = new FormData();
    form.set('image', new Blob([png], { type: 'image/png' }), 'a "cat".png');
    form.set('title', 'Käse\r\n--');
    form.set('album', 'a1b2c');
    const headers = { Authorization: 'Client-ID test' };
    const response = await fetch(`${standIn.url}/3/image`, { method: 'POST', body: form, headers });
    expect(response.status).toBe(200);
    await response.body?.cancel();
    expect(standIn.images).toMatchObject([
      { sha256: sha256(png), filename: 'a "cat".png', fields: { title: 'Käse\r\n--', album: 'a1b2c' } },
    ]);
  });

  it('may be the bare image', async () => {
    for (const type of ['image/png', 'application/octet-stream']) {
      const headers = { authorization: 'Client-ID test', 'content-type': type };
      const answer = await read(
        await request(`${standIn.url}/3/image`, { method: 'POST', headers, body: png }),
      );
      expect(answer.status).toBe(200);
    }
    expect(standIn.images.map(({ bytes, fields }) => ({ bytes, fields }))).toEqual([
      { bytes: png.length, fields: {} },
      { bytes: png.length, fields: {} },
    ]);
  });

  it('of bare bytes that are called a form is refused', async () => {
    const headers = {
      authorization: 'Client-ID test',
      'content-type': 'application/x-www-form-urlencoded',
    };
    const answer = await read(
      await request(`${standIn.url}/3/image`, { method: 'POST', headers, body: png }),
    );
    expect([answer.status, standIn.requests.accepted]).toEqual([400, 0]);
  });

  it.each([
    ['image/png', 'png'],
    ['image/jpeg', 'jpg'],
    ['image/gif', 'gif'],
    ['image/apng', 'png'],
    ['image/tiff', 'tiff'],
    ['video/mp4', 'mp4'],
  ] as const)('of %s gets a link that ends with .%s', async (type, extension) => {
    await postImage(standIn, { image: Buffer.from(sampleImages[type]) });
    expect(standIn.images).toMatchObject([
      { type, link: expect.stringMatching(new RegExp(`\\.${extension}$`)) },
    ]);
  });

  it.each([
    ['WebP', Buffer.from(sampleImages['image/webp'])],
    ['HTML', Buffer.from('<!doctype html><title>No</title>')],
  ])('of %s is refused with code 1003', async (_, image) => {
    const answer = await postImage(standIn, { image });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ data: { error: { code: 1003 } }, success: false });
    expect(standIn.requests).toMatchObject({ posts: 1, accepted: 0, refused: 1 });
  });

  it.each([{ type: 'url' }, { type: 'base64' }])('that is not of bytes (%o) is refused', async (fields) => {
    expect(await postImage(standIn, { fields })).toMatchObject({ status: 400 });
    expect(standIn.images).toEqual([]);
  });

  it('without an image, or with an empty one, is refused', async () => {
    const empty = await postImage(standIn, { image: Buffer.alloc(0) });
    expect(empty).toMatchObject({ status: 400, text: expect.stringContaining('No image data') });
  });

  it('with a body that is not multipart is refused and says why', async () => {
    const answer = await postImage(standIn, {
      headers: { 'content-type': 'multipart/form-data; boundary=other' },
    });
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('no closing boundary') });
    const noBoundary = await postImage(standIn, { headers: { 'content-type': 'multipart/form-data' } });
    expect(noBoundary).toMatchObject({ status: 400, text: expect.stringContaining('no boundary') });
  });

  it('with endless fields is refused', async () => {
    const answer = await postImage(standIn, { fields: { description: 'x'.repeat(70_000) } });
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('fields beside the image') });
  });

  it('with a field that is called __proto__ changes no prototype', async () => {
    await postImage(standIn, { fields: { ['__proto__']: 'x' } });
    expect(Object.keys(standIn.images[0]?.fields ?? {})).toEqual(['type', '__proto__']);
  });

  it('of 30 MB arrives byte for byte in constant memory', async () => {
    const chunk = Buffer.alloc(64 * 1024, '\r\n--b0undar');
    const gif = Buffer.from(sampleImages['image/gif']);
    const hash = createHash('sha256').update(gif);
    const before = heldBytes();
    let least = Number.POSITIVE_INFINITY;
    async function* body(): AsyncGenerator<Buffer> {
      const form = handMadeForm(gif);
      yield form.subarray(0, -'\r\n--b0undary--\r\n'.length);
      for (let sent = 0; sent < 30_000_000; sent += chunk.length) {
        hash.update(chunk);
        yield chunk;
        if (sent > 15_000_000 && (sent / chunk.length) % 25 === 0)
          least = Math.min(least, heldBytes() - before);
      }
      yield Buffer.from('\r\n--b0undary--\r\n');
    }
    const headers = {
      authorization: 'Client-ID test',
      'content-type': 'multipart/form-data; boundary=b0undary',
    };
    const answer = await read(
      await request(`${standIn.url}/3/image`, { method: 'POST', headers, body: Readable.from(body()) }),
    );
    expect(answer.status).toBe(200);
    expect(standIn.images[0]?.sha256).toBe(hash.digest('hex'));
    expect(standIn.images[0]?.bytes).toBeGreaterThan(30_000_000);
    // The least of many samples: what is collected is sometimes counted a little longer, what is held always. By then
    // a body that is held would be 15 MB.
    expect(least).toBeLessThan(4_000_000);
  });

  it('is one of many at once, and each gets its own link', async () => {
    const many = await startImgurStandIn({ limits: { client: false, user: false, post: false } });
    const agent = new Agent({ connections: 50 });
    const images = Array.from({ length: 200 }, (_, seed) =>
      Buffer.from(sampleImage('image/png', { bytes: 2_000, seed })),
    );
    const held = many.hold();
    const posting = Promise.all(
      images.map(async (image) => {
        const { body } = await request(`${many.url}/3/image`, {
          method: 'POST',
          dispatcher: agent,
          headers: { authorization: 'Client-ID a', 'content-type': 'multipart/form-data; boundary=b0undary' },
          body: handMadeForm(image),
        });
        const { data } = (await body.json()) as { data: { link: string } };
        return data.link;
      }),
    );
    await held.waitFor(50);
    expect(many.requests).toMatchObject({ accepted: 50, inFlight: 50 });
    held.release();
    const links = await posting;
    const digestOf = new Map(many.images.map(({ link, sha256: digest }) => [link, digest]));
    expect(links.map((link) => digestOf.get(link))).toEqual(images.map(sha256));
    expect(many.requests).toMatchObject({ posts: 200, accepted: 200, refused: 0, inFlight: 0, peak: 50 });
    await agent.close();
    await many.close();
  });
});

describe('the length of a body', () => {
  const head =
    'POST /3/image HTTP/1.1\r\nHost: a\r\nAuthorization: Client-ID a\r\nContent-Type: image/png\r\n';

  it('that is not reached makes the upload incomplete', async () => {
    await sendRaw(`${head}Content-Length: 100\r\n\r\n${png.toString('latin1', 0, 20)}`, 'reset');
    await standIn.waitUntil(({ incomplete }) => incomplete === 1);
    await standIn.waitUntil(({ inFlight }) => inFlight === 0);
    expect(standIn.requests).toMatchObject({ posts: 1, accepted: 0, refused: 0, incomplete: 1 });
  });

  it('that is exceeded makes the connection garbled', async () => {
    const answers = await sendRaw(`${head}Content-Length: 3\r\n\r\nabc\0and more\r\n\r\n`);
    expect(answers).toContain('400 Bad Request');
    expect(standIn.requests.garbled).toBe(1);
  });
});

describe('limits of size', () => {
  it('are other ones for what moves', async () => {
    const small = await startImgurStandIn({ maxStillBytes: 1_000, maxMovingBytes: 2_000 });
    const post = (type: 'image/png' | 'image/gif', bytes: number) =>
      postImage(small, { image: Buffer.from(sampleImage(type, { bytes })) });
    const statuses = [
      await post('image/png', 1_000),
      await post('image/png', 1_001),
      await post('image/gif', 2_000),
      await post('image/gif', 2_001),
    ].map(({ status, text }) => [status, text.includes('File is over the size limit')]);
    expect(statuses).toEqual([
      [200, false],
      [400, true],
      [200, false],
      [400, true],
    ]);
    await small.close();
  });
});

describe('images', () => {
  it('can be asked for by id, without their deletehash', async () => {
    await postImage(standIn);
    const [image] = standIn.images;
    const answer = await call(standIn, 'GET', `/3/image/${image?.id}`);
    expect(JSON.parse(answer.text)).toMatchObject({ data: { link: image?.link }, success: true });
    expect(answer.text).not.toContain(image?.deleteHash);
  });

  it('are deleted by their deletehash, once', async () => {
    await postImage(standIn);
    const path = `/3/image/${standIn.images[0]?.deleteHash}`;
    const answers = [await call(standIn, 'DELETE', path), await call(standIn, 'DELETE', path)];
    expect(answers.map(({ text }) => JSON.parse(text))).toEqual([
      { data: true, success: true, status: 200 },
      { data: true, success: true, status: 200 },
    ]);
    expect(standIn.images).toMatchObject([{ deleted: true }]);
    expect(standIn.requests.deleted).toBe(1);
    expect(await call(standIn, 'GET', `/3/image/${standIn.images[0]?.id}`)).toMatchObject({ status: 404 });
  });

  it('are not deleted by their id, unless by an account', async () => {
    await postImage(standIn);
    const path = `/3/image/${standIn.images[0]?.id}`;
    expect(await call(standIn, 'DELETE', path)).toMatchObject({ status: 403 });
    expect(await call(standIn, 'DELETE', path, 'Bearer token')).toMatchObject({ status: 200 });
  });

  it('that are unknown are a 404', async () => {
    expect(await call(standIn, 'DELETE', '/3/image/nobodyknowsthis')).toMatchObject({ status: 404 });
    expect(await call(standIn, 'GET', '/3/album/x')).toMatchObject({ status: 404 });
    expect(await call(standIn, 'GET', '/3/image')).toMatchObject({ status: 405 });
  });

  it('are forgotten when there are more than are kept', async () => {
    const few = await startImgurStandIn({ keep: 2 });
    for (let posts = 0; posts < 3; posts += 1) await postImage(few, { fields: { title: String(posts) } });
    expect(few.images.map(({ fields }) => fields.title)).toEqual(['1', '2']);
    expect(few.requests.accepted).toBe(3);
    await few.close();
  });
});

describe('credentials', () => {
  it.each([undefined, 'Basic abc', 'Client-ID'])('like %s are none', async (authorization) => {
    const answer = await postImage(standIn, { authorization });
    expect(answer).toMatchObject({ status: 401, text: expect.stringContaining('Authentication required') });
  });

  it('that are not accepted are refused', async () => {
    const strict = await startImgurStandIn({ clientIds: ['good'], accessTokens: ['token'] });
    const status = async (authorization: string) => (await postImage(strict, { authorization })).status;
    expect([await status('Client-ID good'), await status('Bearer token')]).toEqual([200, 200]);
    expect([await status('Client-ID token'), await status('Bearer good')]).toEqual([403, 403]);
    const { text } = await postImage(strict, { authorization: 'Bearer bad' });
    expect(JSON.parse(text)).toEqual({
      data: { error: 'The access token provided is invalid.', request: '/3/image', method: 'POST' },
      success: false,
      status: 403,
    });
    await strict.close();
  });

  it('can be revoked and restored', async () => {
    standIn.revoke('test');
    expect(await postImage(standIn)).toMatchObject({ status: 403 });
    standIn.restore('test');
    expect(await postImage(standIn)).toMatchObject({ status: 200 });
  });
});

describe('refreshing tokens', () => {
  // The global one is Node's own if `node:http` was loaded before undici, and Node's takes no FormData but its own.
  const dispatcher = new Agent();
  afterAll(() => dispatcher.close());

  const form = (refreshToken: string): Record<string, string> => ({
    refresh_token: refreshToken,
    client_id: 'id',
    client_secret: 'secret',
    grant_type: 'refresh_token',
  });

  async function refresh(
    server: ImgurStandIn,
    body: string | FormData,
  ): Promise<{ status: number; body: unknown }> {
    const type =
      typeof body !== 'string' ? undefined : body.startsWith('{') ? 'json' : 'x-www-form-urlencoded';
    const headers = type === undefined ? {} : { 'content-type': `application/${type}` };
    const options = { method: 'POST', headers, body, dispatcher } as const;
    const response = await request(`${server.url}/oauth2/token`, options);
    return { status: response.statusCode, body: await response.body.json() };
  }

  it('gives new ones, and uses the old one up', async () => {
    const strict = await startImgurStandIn({ accessTokens: [], refreshTokens: ['first'] });
    const first = await refresh(strict, new URLSearchParams(form('first')).toString());
    expect(first).toMatchObject({
      status: 200,
      body: { token_type: 'bearer', account_username: expect.any(String), expires_in: expect.any(Number) },
    });
    const tokens = first.body as { access_token: string; refresh_token: string };
    expect(await postImage(strict, { authorization: `Bearer ${tokens.access_token}` })).toMatchObject({
      status: 200,
    });

    const again = await refresh(strict, JSON.stringify(form('first')));
    expect(again).toMatchObject({ status: 400, body: { data: { error: 'Invalid refresh token' } } });
    expect(await refresh(strict, JSON.stringify(form(tokens.refresh_token)))).toMatchObject({ status: 200 });
    await strict.close();
  });

  it('takes a form in any encoding', async () => {
    const multipart = new FormData();
    for (const [name, value] of Object.entries(form('any'))) multipart.set(name, value);
    expect(await refresh(standIn, multipart)).toMatchObject({ status: 200 });
    expect(await refresh(standIn, JSON.stringify(form('other')))).toMatchObject({ status: 200 });
    expect(await refresh(standIn, '{')).toMatchObject({ status: 400 });
  });

  it('refuses an application that is not accepted', async () => {
    const strict = await startImgurStandIn({ clientIds: ['other'] });
    expect(await refresh(strict, JSON.stringify(form('any')))).toMatchObject({ status: 400 });
    await strict.close();
  });
});

describe('closing', () => {
  it('ends connections that are in use, and rejects who waits', async () => {
    const held = standIn.hold();
    const posting = postImage(standIn);
    await held.waitFor(1);
    const waiting = standIn.waitFor(99);
    await Promise.all([
      standIn.close(),
      expect(posting).rejects.toThrow(),
      expect(waiting).rejects.toThrow('was closed'),
    ]);
    await standIn.close();
    await expect(request(standIn.url)).rejects.toThrow();
  });

  it('leaves nothing open that would keep the process alive', async () => {
    const entry = new URL('../../src/testing/index.ts', import.meta.url);
    const program = `
      import { imgurReplies, startImgurStandIn, startPictureServer } from '${entry}';
      const standIn = await startImgurStandIn();
      const pictures = await startPictureServer({ '/a': { bytes: new Uint8Array(9), bytesPerSecond: 0.001 } });
      const post = () => fetch(standIn.url + '/3/image', {
        method: 'POST',
        headers: { authorization: 'Client-ID a', 'content-type': 'image/gif' },
        body: 'GIF89a',
      }).catch(() => {});
      for (const reply of [imgurReplies.delay(1e6), imgurReplies.neverReply(), imgurReplies.stallReading()]) {
        standIn.next(reply);
        void post();
      }
      void fetch(pictures.url + '/a').then((response) => response.text()).catch(() => {});
      await standIn.waitUntil(({ accepted, refused }) => accepted + refused === 3);
      await pictures.waitUntil((server) => server.requests() === 1);
      standIn.hold();
      void post();
      await standIn.waitFor(3);
      await Promise.all([standIn.close(), pictures.close()]);
      console.log('closed');
    `;
    const args = ['--conditions=@imgferry/source', '--input-type=module', '--eval', program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 15_000 });
    expect(stdout).toBe('closed\n');
  }, 20_000);
});

describe('options', () => {
  it.each([
    [{ keep: 0 }, 'keep is 0; it must be a whole number from 1'],
    [{ latencyMs: -1 }, 'latencyMs is -1; it must be a whole number from 0'],
    [{ limits: { user: 1.5 } }, 'limits.user is 1.5; it must be a whole number from 0'],
  ])('like %o are refused', async (options, message) => {
    await expect(startImgurStandIn(options)).rejects.toThrow(message);
  });

  it('name the address to listen on', async () => {
    const other = await startImgurStandIn({ hostname: '127.0.0.2' });
    expect(other.url).toMatch(/^http:\/\/127\.0\.0\.2:\d+$/);
    await expect(
      startImgurStandIn({ hostname: '127.0.0.2', port: Number(new URL(other.url).port) }),
    ).rejects.toThrow('EADDRINUSE');
    await other.close();
  });
});
