import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import type { ImgurHostOptions } from '../../src/imgur-host/imgur-host-options.ts';
import type { ImgurTokenStore, ImgurTokens } from '../../src/imgur-host/imgur-tokens.ts';
import { answer, bodyOf, failureOf, heldImage, hostFor, never, serve } from './imgur-server.ts';

const minuteMs = 60_000;
const first: ImgurTokens = { accessToken: 'access-token-1', refreshToken: 'refresh-token-1' };

/** An Imgur that knows one access token at a time, and hands out the next for the right refresh token. */
class AccountServer {
  readonly authorizations: (string | undefined)[] = [];
  readonly refreshes: URLSearchParams[] = [];
  /** Number of the tokens that are good; 0: none ever is. */
  good = 2;
  refreshAnswer: { readonly status: number; readonly body: unknown } | undefined;
  url = '';

  async start(): Promise<this> {
    const { url } = await serve(async (request, response) => {
      const body = await bodyOf(request);
      if (request.url === '/oauth2/token') {
        this.refreshes.push(new URLSearchParams(body.toString()));
        this.#refresh(this.refreshes.at(-1), response);
        return;
      }
      const { authorization } = request.headers;
      this.authorizations.push(authorization);
      if (authorization === `Bearer access-token-${this.good}`)
        answer(response, 200, { data: { link: 'https://i.imgur.com/abc' }, success: true });
      else
        answer(response, 403, {
          data: { error: 'The access token provided is invalid.', request: '/3/image', method: 'POST' },
          success: false,
          status: 403,
        });
    });
    this.url = url;
    return this;
  }

  #refresh(form: URLSearchParams | undefined, response: Parameters<typeof answer>[0]): void {
    const number = Number(/^refresh-token-(\d)$/.exec(form?.get('refresh_token') ?? '')?.[1]);
    if (this.refreshAnswer !== undefined)
      answer(response, this.refreshAnswer.status, this.refreshAnswer.body);
    else
      answer(response, 200, {
        access_token: `access-token-${number + 1}`,
        refresh_token: `refresh-token-${number + 1}`,
        expires_in: 3600,
        token_type: 'bearer',
      });
  }
}

/** Where an application keeps its tokens: it writes down what it was asked. */
class Tokens implements ImgurTokenStore {
  readonly calls: string[] = [];
  kept: ImgurTokens;

  constructor(kept: ImgurTokens = first) {
    this.kept = kept;
  }

  async load(): Promise<ImgurTokens> {
    this.calls.push('load');
    return this.kept;
  }

  async save(tokens: ImgurTokens): Promise<void> {
    this.calls.push(`save ${tokens.refreshToken}`);
    this.kept = tokens;
  }
}

async function setUp(options: Partial<ImgurHostOptions> = {}, credentials: ImgurTokenStore = new Tokens()) {
  const server = await new AccountServer().start();
  const clock = { nowMs: Date.UTC(2026, 10, 23) };
  const now = () => clock.nowMs;
  const hostOn = () => hostFor(server.url, { clientSecret: 'app-secret', credentials, now, ...options });
  const host = hostOn();
  const upload = () => host.upload(heldImage(), { signal: never });
  return { server, clock, host, hostOn, upload };
}

const again = {
  code: 'host_credentials',
  retry: 'again',
  retryAfterMs: 0,
  reading: undefined,
  notSent: false,
};
const wait = {
  code: 'host_credentials',
  retry: 'wait',
  retryAfterMs: 5 * minuteMs,
  reading: { buckets: [{ remaining: 0, resetInMs: 5 * minuteMs, reason: 'credentials' }] },
};

/** The store of the application fails: nobody else pauses for it. */
const alone = { code: 'host_credentials', retry: 'wait', retryAfterMs: 30_000, reading: undefined };
/** An upload that meets such a store is held for a twentieth of what the store may take. */
const brief = { headersTimeoutMs: 100, idleTimeoutMs: 100 };

describe('the access token of an account', () => {
  it('is loaded once and sent as a bearer', async () => {
    const credentials = new Tokens();
    const { server, upload } = await setUp({}, credentials);
    server.good = 1;
    await Promise.all([upload(), upload()]);
    await upload();
    expect(server.authorizations).toEqual(Array(3).fill('Bearer access-token-1'));
    expect(credentials.calls).toEqual(['load']);
  });

  it('is renewed when it is refused: loaded again, then refreshed, then saved', async () => {
    const credentials = new Tokens();
    const { server, upload } = await setUp({}, credentials);
    expect(await failureOf(upload())).toMatchObject(again);
    expect(credentials.calls).toEqual(['load', 'load', 'save refresh-token-2']);
    expect(server.authorizations).toHaveLength(1);
    expect(Object.fromEntries(server.refreshes[0] ?? [])).toEqual({
      refresh_token: 'refresh-token-1',
      client_id: 'canary-client-id-546c25a59c58ad7',
      client_secret: 'app-secret',
      grant_type: 'refresh_token',
    });
    await upload();
    expect(server.authorizations.at(-1)).toBe('Bearer access-token-2');
  });

  it('is renewed once for fifty uploads that were refused together', async () => {
    const { server, upload } = await setUp({ connections: 50 });
    const failures = await Promise.all(Array.from({ length: 50 }, () => failureOf(upload())));
    for (const failure of failures) expect(failure).toMatchObject(again);
    expect(server.refreshes).toHaveLength(1);
    await Promise.all(Array.from({ length: 50 }, upload));
    expect(server.refreshes).toHaveLength(1);
  });

  it('is not refreshed when somebody else has rotated it', async () => {
    const credentials = new Tokens();
    const { server, upload } = await setUp({}, credentials);
    server.good = 1;
    await upload();
    server.good = 2;
    credentials.kept = { accessToken: 'access-token-2', refreshToken: 'refresh-token-2' };
    expect(await failureOf(upload())).toMatchObject(again);
    await upload();
    expect(server.refreshes).toHaveLength(0);
  });

  it('is refreshed once by two processes under a lock', async () => {
    const credentials = new Tokens();
    let last: Promise<unknown> = Promise.resolve();
    const lock = (step: () => Promise<void>): Promise<void> => {
      const turn = last.then(step);
      last = turn.catch(() => {});
      return turn;
    };
    const store = {
      load: () => credentials.load(),
      save: (tokens: ImgurTokens) => credentials.save(tokens),
      lock,
    };
    const { server, hostOn } = await setUp({}, store);
    const hosts = [hostOn(), hostOn(), hostOn()];
    const uploads = () => hosts.map((host) => host.upload(heldImage(), { signal: never }));
    await Promise.all(uploads().map(failureOf));
    await Promise.all(uploads());
    expect(server.refreshes).toHaveLength(1);
  });

  it('is taken from who was faster when a refresh is refused', async () => {
    const credentials = new Tokens();
    const { server, upload } = await setUp({}, credentials);
    server.refreshAnswer = {
      status: 400,
      body: { data: { error: 'Invalid refresh token' }, success: false },
    };
    const load = credentials.load.bind(credentials);
    credentials.load = async () => {
      const tokens = await load();
      credentials.kept =
        credentials.calls.length === 2 ? { ...first, accessToken: 'access-token-2' } : credentials.kept;
      return tokens;
    };
    expect(await failureOf(upload())).toMatchObject(again);
    await upload();
  });

  it('is given up for a while when it was renewed a moment ago and is refused again', async () => {
    const { server, clock, upload } = await setUp();
    server.good = 0;
    expect(await failureOf(upload())).toMatchObject(again);
    expect(await failureOf(upload())).toMatchObject(wait);
    expect(server.refreshes).toHaveLength(1);

    clock.nowMs += 5 * minuteMs;
    server.good = 3;
    expect(await failureOf(upload())).toMatchObject(again);
    await upload();
    expect(server.refreshes).toHaveLength(2);
  });

  it('is renewed again at once when it has worked in between', async () => {
    const { server, upload } = await setUp();
    await failureOf(upload());
    await upload();
    server.good = 3;
    expect(await failureOf(upload())).toMatchObject(again);
    await upload();
    expect(server.refreshes).toHaveLength(2);
  });

  it('is given up for a while when the refresh token is refused, by one refresh for all', async () => {
    const { server, clock, upload } = await setUp({ connections: 50 });
    server.refreshAnswer = {
      status: 400,
      body: { data: { error: 'Invalid refresh token' }, success: false },
    };
    const failures = await Promise.all(Array.from({ length: 50 }, () => failureOf(upload())));
    for (const failure of failures) {
      expect(failure).toMatchObject(wait);
      expect(failure.message).toBe('Imgur refuses to renew the access token and says: Invalid refresh token');
    }
    expect(server.refreshes).toHaveLength(1);

    const sent = server.authorizations.length;
    for (let time = 1; time <= 3; time += 1)
      expect(await failureOf(upload())).toMatchObject({ ...wait, notSent: true });
    expect(server.authorizations).toHaveLength(sent);

    clock.nowMs += 5 * minuteMs;
    server.refreshAnswer = undefined;
    expect(await failureOf(upload())).toMatchObject(again);
    await upload();
  });

  it.each([
    ['an outage', 503, {}, { code: 'host_unavailable', retry: 'soon' }],
    ['a rate limit', 429, {}, { code: 'host_rate_limited', retry: 'wait' }],
    [
      'a block',
      400,
      { data: { error: 'These actions are forbidden.' } },
      { code: 'host_blocked', retry: 'wait' },
    ],
    ['no token', 200, { ok: true }, { code: 'host_bad_reply', retry: 'soon' }],
  ])('stays as it is when the refresh meets %s', async (_what, status, body, expected) => {
    const { server, upload } = await setUp();
    server.refreshAnswer = { status, body };
    expect(await failureOf(upload())).toMatchObject({ ...expected, possiblyStored: false });
    server.refreshAnswer = undefined;
    expect(await failureOf(upload())).toMatchObject(again);
    await upload();
  });

  it('keeps the refresh token when the answer names no new one', async () => {
    const credentials = new Tokens();
    const { server, upload } = await setUp({}, credentials);
    server.refreshAnswer = { status: 200, body: { access_token: 'access-token-2' } };
    await failureOf(upload());
    expect(credentials.kept).toEqual({ accessToken: 'access-token-2', refreshToken: 'refresh-token-1' });
  });

  it('can not be renewed without a refresh token', async () => {
    const server = await new AccountServer().start();
    const host = hostFor(server.url, { accessToken: 'access-token-1' });
    expect(await failureOf(host.upload(heldImage(), { signal: never }))).toMatchObject(wait);
    expect(server.refreshes).toHaveLength(0);
  });

  it('is renewed from tokens that were given as options', async () => {
    const server = await new AccountServer().start();
    const host = hostFor(server.url, { ...first, clientSecret: 'app-secret' });
    expect(await failureOf(host.upload(heldImage(), { signal: never }))).toMatchObject(again);
    await host.upload(heldImage(), { signal: never });
  });

  it('is renewed for a delete too', async () => {
    const { server, host } = await setUp();
    expect(await failureOf(host.delete('abc', { signal: never }))).toMatchObject(again);
    expect(server.refreshes).toHaveLength(1);
    await host.delete('abc', { signal: never }).catch(() => {});
    expect(server.authorizations.at(-1)).toBe('Bearer access-token-2');
  });
});

describe('the application that keeps the tokens', () => {
  it('makes uploads wait while it can not load them, without a POST', async () => {
    const credentials = new Tokens();
    const lost = new Error('connection to tokens.internal lost, token refresh-token-1');
    credentials.load = () => Promise.reject(Object.assign(lost, { code: 'ECONNRESET' }));
    const { server, upload } = await setUp(brief, credentials);
    const failure = await failureOf(upload());
    expect(failure).toMatchObject({ ...alone, notSent: true });
    expect(failure.message).toBe('credentials.load failed (ECONNRESET)');
    expect(failure.cause).toMatchObject({ name: 'Error', code: 'ECONNRESET' });
    expect(inspect(failure.cause)).toMatch(/withheld.*\n\s+at .*imgur-account\.test/);
    expect(inspect(failure.cause, { showHidden: true })).not.toMatch(/tokens\.internal|refresh-token-1/);
    expect(server.authorizations).toHaveLength(0);
  });

  it.each([null, {}, { accessToken: '' }, { accessToken: 'a\r\nb' }, { accessToken: 'a', refreshToken: 7 }])(
    'makes uploads wait while it loads %j',
    async (kept) => {
      const { upload } = await setUp(brief, new Tokens(kept as unknown as ImgurTokens));
      expect(await failureOf(upload())).toMatchObject({ ...alone, notSent: true });
    },
  );

  it('is asked again to save what it could not, and nothing is lost meanwhile', async () => {
    const credentials = new Tokens();
    const save = credentials.save.bind(credentials);
    credentials.save = () => Promise.reject(new Error('disk full'));
    const { server, upload } = await setUp(brief, credentials);
    expect(await failureOf(upload())).toMatchObject({ ...alone, notSent: false });
    expect(await failureOf(upload())).toMatchObject({ ...alone, notSent: true });

    credentials.save = save;
    await upload();
    expect(credentials.kept.refreshToken).toBe('refresh-token-2');
    expect(server.refreshes).toHaveLength(1);
  });

  it('makes uploads wait when its lock never runs the step', async () => {
    const credentials = new Tokens();
    const store = { load: () => credentials.load(), save: credentials.save, lock: async () => {} };
    const { upload } = await setUp(brief, store);
    expect(await failureOf(upload())).toMatchObject(alone);
  });

  it('makes uploads wait while it can not be asked to renew, and the token that Imgur refused is not sent again', async () => {
    const credentials = new Tokens();
    const store = {
      load: () => credentials.load(),
      save: (tokens: ImgurTokens) => credentials.save(tokens),
      lock: () => Promise.reject(new Error('no lock to be had')),
    };
    const { server, clock, upload } = await setUp(brief, store);
    for (let time = 1; time <= 3; time += 1)
      expect(await failureOf(upload())).toMatchObject({ ...alone, message: 'credentials.lock failed' });
    expect(server.authorizations).toHaveLength(1);
    clock.nowMs += minuteMs;
    await failureOf(upload());
    expect(server.authorizations).toHaveLength(2);

    credentials.kept = { accessToken: 'access-token-2', refreshToken: 'refresh-token-2' };
    await upload();
  });

  it('is given what it could not save once more when the host closes', async () => {
    const credentials = new Tokens();
    const save = credentials.save.bind(credentials);
    credentials.save = () => Promise.reject(new Error('disk full'));
    const { host, upload } = await setUp({ headersTimeoutMs: 1_000, idleTimeoutMs: 1_000 }, credentials);
    expect(await failureOf(upload())).toMatchObject(alone);
    credentials.save = async (tokens) => {
      await sleep(30);
      await save(tokens);
    };
    await host.close();
    expect(credentials.kept.refreshToken).toBe('refresh-token-2');
  });

  it('does not keep a host from closing for as long as it may take to save', { timeout: 5_000 }, async () => {
    const credentials = new Tokens();
    credentials.save = () => Promise.reject(new Error('disk full'));
    const { host, upload } = await setUp({ headersTimeoutMs: 2_500, idleTimeoutMs: 2_500 }, credentials);
    expect(await failureOf(upload())).toMatchObject(alone);
    credentials.save = () => new Promise(() => {});
    await host.close();
  });

  it('does not hold up an upload that is aborted', async () => {
    const credentials = new Tokens();
    credentials.load = () => new Promise(() => {});
    const { host } = await setUp(brief, credentials);
    const abort = new AbortController();
    const upload = host.upload(heldImage(), { signal: abort.signal });
    const reason = new Error('the lease is lost');
    abort.abort(reason);
    await expect(upload).rejects.toBe(reason);
  });
});
