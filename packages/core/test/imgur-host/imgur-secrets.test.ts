import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { createImgurHost } from '../../src/imgur-host/imgur-host.ts';
import type { ImgurHostOptions } from '../../src/imgur-host/imgur-host-options.ts';
import {
  answer,
  bodyOf,
  clientId,
  failureOf,
  hangUp,
  heldImage,
  hostFor,
  type Listener,
  never,
  serve,
} from './imgur-server.ts';

const canaries = {
  clientSecret: 'canary-secret-66',
  accessToken: 'canary-access-77',
  refreshToken: 'canary-refresh-88',
  rapidApiKey: 'canary-rapid-99',
};

function shown(value: unknown): string {
  return `${inspect(value, { depth: 10, showHidden: true, getters: true })} ${JSON.stringify(value)} ${String(value)}`;
}

function wholeOf(error: Error): string {
  const { message, stack, cause } = error;
  const below = cause instanceof Error ? wholeOf(cause) : shown(cause);
  return `${message} ${stack} ${shown(error)} ${shown({ ...error })} ${below}`;
}

/** What a debug page would do. */
const echo =
  (status: number, body: (sent: string) => unknown): Listener =>
  async (request, response) => {
    const sent = `${JSON.stringify(request.headers)} ${await bodyOf(request)}`;
    answer(response, status, body(sent), {
      'x-ratelimit-userremaining': request.headers.authorization ?? '',
    });
  };

const servers: Readonly<Record<string, Listener>> = {
  'an error that echoes the request': echo(400, (sent) => ({ data: { error: sent } })),
  'a gateway error that echoes the request': echo(403, (sent) => ({ message: sent })),
  'a refused token that echoes the request': echo(403, (sent) => ({
    data: { error: `access token ${sent}` },
  })),
  'a success that echoes the request': echo(200, (sent) => ({
    data: { link: `https://i.imgur.com@x/${sent}` },
  })),
  'a page that echoes the request': echo(500, (sent) => sent),
  'a broken connection': async (request) => {
    await bodyOf(request);
    hangUp(request);
  },
  'an answer that is not HTTP and echoes the request': async (request) => {
    const { authorization } = request.headers;
    await bodyOf(request);
    request.socket.end(`${authorization} ${JSON.stringify(request.headers)}\r\n\r\n`);
  },
  'a bad header that echoes the request': async (request) => {
    await bodyOf(request);
    request.socket.end(`HTTP/1.1 200 OK\r\n${request.headers.authorization} \r\n\r\n`);
  },
  'no answer': (request) => void request.resume(),
};

const { accessToken, refreshToken, clientSecret, rapidApiKey } = canaries;
const modes: Readonly<Record<string, Partial<ImgurHostOptions>>> = {
  'a Client-ID': {},
  'an account': { accessToken, refreshToken, clientSecret },
  RapidAPI: { rapidApiKey },
};

describe('no secret is shown', () => {
  const cases = Object.keys(modes).flatMap((mode) =>
    Object.keys(servers).map((server) => [mode, server] as const),
  );

  it.each(cases)('with %s, by %s', async (mode, name) => {
    const { url } = await serve(servers[name] ?? (() => {}));
    const host = hostFor(url, { ...modes[mode], oauthUrl: url, headersTimeoutMs: 30 });
    const failures = [
      await failureOf(host.upload(heldImage(), { signal: never })),
      await failureOf(host.delete('abc', { signal: never })),
      await failureOf(host.upload(heldImage(), { signal: never })),
    ];
    for (const secret of [clientId, ...Object.values(canaries)]) {
      for (const failure of failures) expect(wholeOf(failure)).not.toContain(secret);
      expect(shown(host)).not.toContain(secret);
    }
  });

  const hash = 'aBcDeFgHiJkLmNo';

  it('by a refusal to delete that names the deletehash, nor by one of an album that has one', async () => {
    const { url } = await serve((_request, response) =>
      answer(response, 400, { data: { error: `there is no ${hash} here` }, success: false, status: 400 }),
    );
    const host = hostFor(url);
    for (const failure of [
      await failureOf(host.delete(hash, { signal: never })),
      await failureOf(host.upload(heldImage(), { signal: never, album: hash })),
    ]) {
      expect(failure.message).toBe('Imgur refused the image: there is no [secret] here');
      expect(wholeOf(failure)).not.toContain(hash);
    }
  });

  it.each([
    ['a failure that names the deletehash of its image', { error: `${hash} is not ready` }],
    ['a link to where the image can be deleted', { link: `https://imgur.com/delete/${hash}` }],
    ['a link with the Client-ID', { link: `https://i.imgur.com/a.png?by=${clientId}` }],
  ])('by %s', async (_, data) => {
    const { url } = await serve((_request, response) =>
      answer(response, 200, { data: { deletehash: hash, ...data }, success: true, status: 200 }),
    );
    const failure = await failureOf(hostFor(url).upload(heldImage(), { signal: never }));
    expect(failure.code).toBe('host_bad_reply');
    expect(wholeOf(failure)).not.toMatch(new RegExp(`${hash}|${clientId}`));
  });

  it('by an application whose store of tokens lets them slip', async () => {
    const locking = Promise.withResolvers<void>();
    const credentials = {
      load: async () => ({ accessToken, refreshToken }),
      save: () => Promise.reject(new Error('unused')),
      lock: () => {
        locking.resolve();
        return Promise.reject(new Error(`query failed: update tokens set token = '${refreshToken}'`));
      },
    };
    const { url } = await serve((_request, response) => answer(response, 401, {}));
    const host = hostFor(url, { credentials, clientSecret });
    const failing = failureOf(host.upload(heldImage(), { signal: never }));
    await locking.promise;
    // The upload is held up for seconds, unless the host is closed.
    await host.close();
    const failure = await failing;
    expect(failure.message).toBe('credentials.lock failed');
    expect(wholeOf(failure)).not.toContain(refreshToken);
  });

  it.each([
    ['clientId', { clientId: 'canary bad' }],
    ['accessToken', { clientId, accessToken: 'canary\nbad' }],
    ['apiUrl', { clientId, apiUrl: 'https://me:canary@imgur.example/' }],
    ['apiUrl', { clientId, apiUrl: 'canary' }],
  ])('by a refused %s', (option, options) => {
    let error: unknown;
    try {
      createImgurHost(options);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ name: 'InvalidOptionError', option });
    expect(wholeOf(error as Error).replaceAll(/at .*/g, '')).not.toContain('canary');
  });
});
