import { describe, expect, it, onTestFinished } from 'vitest';

import { createImgurHost } from '@imgferry/core/imgur-host';
import { sampleImage, startImgurStandIn } from '@imgferry/core/testing';
import { answerHead, type RawAnswer, serveRaw, writeForever } from './raw-server.ts';
import { CAP_BYTES, expectFailure, expectTaken, Scene, serveGoodImages } from './scene.ts';

/** What the sockets of a loopback connection may hold on top of what is read. */
const SOCKET_BYTES = 12_000_000;

const png = sampleImage('image/png', { bytes: 200_000 });
const crlf = '\r\n';

/** Writes a body of which the announced length is longer. */
const short =
  (announced: number, ...headers: readonly string[]): RawAnswer =>
  (socket) => {
    socket.write(answerHead(...headers, `content-length: ${announced}`));
    socket.end(png.subarray(0, announced - 1));
  };

describe('a body that is shorter than it was announced', () => {
  it.each([
    ['collected, kept alive', short(9_000), 0],
    ['collected, closed', short(9_000, 'connection: close'), 0],
    ['streamed, kept alive', short(200_000), 2],
    ['streamed, closed', short(200_000, 'connection: close'), 2],
  ])('is truncated, tried again, and nothing of it is recorded: %s', async (_, answer, begun) => {
    await expectFailure(await serveRaw(answer), 'truncated', { begun });
  });
});

it('of half an image that streams Imgur makes nothing', async () => {
  const imgur = await startImgurStandIn();
  const host = createImgurHost({ clientId: 'any', apiUrl: imgur.url });
  onTestFinished(async () => void (await Promise.all([host.close(), imgur.close()])));
  const server = await serveRaw(short(200_000));
  const scene = new Scene({ maxHeldBytes: 2 ** 28 }, { host });
  const [bad, next] = await scene.ferry([`${server.url}/bad`, (await serveGoodImages()).urls[0] ?? '']);
  expect(bad).toMatchObject({ status: 'failed', failure: { code: 'truncated' }, possiblyDuplicated: false });
  expect(next).toMatchObject({ status: 'complete', link: imgur.images[0]?.link });
  expect(imgur.images).toHaveLength(1);
  await server.idle();
});

/** Writes a body without a length, in chunks or until the end. */
const framings: Readonly<Record<string, (body: Uint8Array) => RawAnswer>> = {
  'until the end': (body) => (socket) => {
    socket.write(answerHead());
    socket.end(body);
  },
  'in HTTP/1.0': (body) => (socket) => {
    socket.write('HTTP/1.0 200 OK\r\n\r\n');
    socket.end(body);
  },
  chunked: (body) => (socket) => {
    socket.write(answerHead('transfer-encoding: chunked') + body.length.toString(16) + crlf);
    socket.write(body);
    socket.end('\r\n0\r\n\r\n');
  },
};

describe('a body without a length that was cut', () => {
  it.each(['image/jpeg', 'image/png', 'image/apng', 'image/gif', 'video/mp4'] as const)(
    'is truncated by the end mark of its type: %s',
    async (type) => {
      const image = sampleImage(type, { bytes: 5_000 });
      for (const framing of Object.values(framings))
        await expectFailure(await serveRaw(framing(image.subarray(0, -9))), 'truncated');
    },
  );

  it('passes as it is where its type has no end mark: image/tiff', async () => {
    const half = sampleImage('image/tiff', { bytes: 5_000 }).subarray(0, 3_000);
    for (const framing of Object.values(framings)) await expectTaken(await serveRaw(framing(half)), half);
  });

  it('is truncated when its last chunk never comes', async () => {
    const server = await serveRaw((socket) => {
      socket.write(`${answerHead('transfer-encoding: chunked')}${(9_000).toString(16)}${crlf}`);
      socket.write(png.subarray(0, 9_000));
      socket.end(crlf);
    });
    await expectFailure(server, 'truncated');
  });
});

it('a body that is longer than it was announced ends where it was to, and its connection is not used again', async () => {
  const image = sampleImage('image/png', { bytes: 9_000 });
  const server = await serveRaw((socket) => {
    socket.write(answerHead(`content-length: ${image.length}`));
    socket.write(Buffer.concat([image, Buffer.from('<script>alert(1)</script>'.repeat(1_000))]));
  });
  await expectTaken(server, image);
  expect(server.sockets).toHaveLength(1);
});

const endless: Readonly<Record<string, RawAnswer>> = {
  'until the end': (socket) => {
    socket.write(answerHead());
    socket.write(png.subarray(0, 50_000));
    writeForever(socket, Buffer.alloc(65_536, 7));
  },
  chunked: (socket) => {
    socket.write(answerHead('transfer-encoding: chunked') + (50_000).toString(16) + crlf);
    socket.write(png.subarray(0, 50_000));
    writeForever(socket, Buffer.concat([Buffer.from('\r\n10000\r\n'), Buffer.alloc(65_536, 7)]));
  },
  'in one chunk of 2^48 bytes': (socket) => {
    socket.write(`${answerHead('transfer-encoding: chunked')}1000000000000${crlf}`);
    socket.write(png.subarray(0, 50_000));
    writeForever(socket, Buffer.alloc(65_536, 7));
  },
};

describe('a body that never ends', () => {
  it.each(Object.entries(endless))('is cut at the cap: %s', async (_, answer) => {
    const server = await serveRaw(answer);
    const failure = await expectFailure(server, 'too_large');
    expect(failure.message).toBe(
      `the image has more than ${CAP_BYTES} bytes; ${CAP_BYTES} bytes are the most that are taken`,
    );
    expect(server.sentBytes).toBeLessThan(CAP_BYTES + SOCKET_BYTES);
  });

  it('of one chunk extension is no body, and ends with the idle limit', async () => {
    const server = await serveRaw((socket) => {
      socket.write(`${answerHead('transfer-encoding: chunked')}1;`);
      writeForever(socket, Buffer.alloc(65_536, 'x'));
    });
    await expectFailure(server, 'source_timeout', { source: { idleTimeoutMs: 700 }, once: true });
  });
});

describe('a length that lies', () => {
  it('is told in the answer to the one GET, as no HEAD is sent that could say otherwise', async () => {
    const server = await serveRaw((socket, { method }) => {
      socket.write(answerHead(`content-length: ${method === 'HEAD' ? 100 : CAP_BYTES + 1}`));
      socket.write(png);
    });
    const failure = await expectFailure(server, 'too_large');
    expect(failure.message).toContain(`has ${CAP_BYTES + 1} bytes`);
    expect(server.requests.map(({ method }) => method)).toEqual(['GET']);
  });

  it.each([CAP_BYTES + 1, 10 ** 14])(
    'of %i bytes is refused before anything of the body is read',
    async (bytes) => {
      const server = await serveRaw((socket) => void socket.write(answerHead(`content-length: ${bytes}`)));
      await expectFailure(server, 'too_large');
    },
  );

  it.each(['0x10', '-1', '+5', '1e3', '5, 6', '99999999999999999999', ' '])(
    'that is none is no HTTP: %j',
    async (length) => {
      const server = await serveRaw((socket) => {
        socket.write(answerHead(`content-length: ${length}`));
        socket.end(png);
      });
      await expectFailure(server, 'bad_response');
    },
  );
});

it('images without a length that fail give back what they reserved, one after the other', async () => {
  const server = await serveRaw(framings['until the end']?.(png.subarray(0, -1)) ?? (() => {}));
  const scene = new Scene({}, { concurrency: 4 });
  const good = await serveGoodImages();
  const bad = Array.from({ length: 6 }, (_, at) => `${server.url}/${at}`);
  const uploads = await scene.ferry([...bad, ...good.urls]);
  expect(uploads.map(({ failure }) => failure?.code)).toEqual([
    ...bad.map(() => 'truncated'),
    undefined,
    undefined,
  ]);
  await server.idle();
});
