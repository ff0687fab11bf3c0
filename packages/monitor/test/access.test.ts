import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';

import { afterEach, describe, expect, it } from 'vitest';

import { InvalidOptionError } from '@imgferry/core';
import type { MonitorAccess, Session } from '@imgferry/monitor';
import { resolveOptions } from '../src/options.ts';
import { routes } from '../src/routes.ts';
import { createScene, origin, type Scene, type SceneChanges } from './scene.ts';

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.stop();
});

function scene(changes: SceneChanges = {}): Scene {
  const made = createScene(changes);
  scenes.push(made);
  return made;
}

const basic = (credentials: string): { headers: Record<string, string> } => ({
  headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
});

const users: MonitorAccess = {
  users: [
    { user: 'ann', password: 'correct horse', role: 'write' },
    { user: 'bob', password: 'battery staple', role: 'read' },
    { user: 'zoë', password: 'pässwörter', role: 'write' },
  ],
};

const everyPath = routes.map(({ path, method }) => [
  method,
  path
    .replace('{jobId}', '55355b7c-9b86-4a1a-b32e-6cdd6db07183')
    .replace('{workerId}', 'w-1')
    .replace('{host}', 'fake'),
]);

describe('who may look has to be chosen', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['nothing in it', {}],
    ['two of them', { loopback: '127.0.0.1', anonymous: 'read' }],
    ['all addresses', { loopback: '0.0.0.0' }],
    ['all addresses in IPv6', { loopback: '::' }],
    ['an address of a network', { loopback: '192.168.0.7' }],
    ['a name', { loopback: 'monitor.example' }],
    ['no address', { loopback: true }],
    ['no users', { users: [] }],
    ['a user without a password', { users: [{ user: 'ann', role: 'read' }] }],
    ['a user without a role', { users: [{ user: 'ann', password: 'correct horse' }] }],
    ['a short password', { users: [{ user: 'ann', password: '1234567', role: 'read' }] }],
    ['a user with a colon', { users: [{ user: 'a:b', password: 'correct horse', role: 'read' }] }],
    [
      'a user twice',
      {
        users: [
          { user: 'a', password: 'correct horse', role: 'read' },
          { user: 'a', password: 'battery staple', role: 'read' },
        ],
      },
    ],
    ['a role that there is not', { users: [{ user: 'a', password: 'correct horse', role: 'admin' }] }],
    ['a hook that is none', { authorize: true }],
    ['everyone as a writer', { anonymous: 'write' }],
    ['a host name with a port', { anonymous: 'read', hostNames: ['monitor.example:5555'] }],
    ['a host name with a scheme', { anonymous: 'read', hostNames: ['http://monitor.example'] }],
    ['any host name', { anonymous: 'read', hostNames: ['*'] }],
    ['a host name that is no list', { anonymous: 'read', hostNames: 'monitor.example' }],
    ['host names without anonymous', { hostNames: ['monitor.example'] }],
    ['host names for this machine', { loopback: '127.0.0.1', hostNames: ['monitor.example'] }],
    ['another name', { anonymus: 'read' }],
  ])('%s is refused, and no password is told', (_what, access) => {
    const attempt = (): Scene => scene({ access: access as MonitorAccess });
    expect(attempt).toThrow(InvalidOptionError);
    expect(attempt).not.toThrow(/1234567|correct horse/);
  });

  it('the refusal of none names all four', () => {
    expect(() => resolveOptions({ access: undefined as never })).toThrow(
      /loopback.*users.*authorize.*anonymous/,
    );
  });

  it.each(['127.0.0.1', '127.8.9.10', '::1', 'localhost'])('%s is this machine', (loopback) => {
    expect(() => resolveOptions({ access: { loopback } })).not.toThrow();
  });
});

/** What a client gets that says which host it means. */
async function askAs(port: number, host: string, headers: Record<string, string> = {}): Promise<number> {
  const request = httpRequest({
    port,
    host: '127.0.0.1',
    path: '/api/overview',
    headers: { host, ...headers },
  });
  request.end();
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode ?? 0;
}

describe('with the access loopback', () => {
  it.each([
    ['127.0.0.1:5555', 200],
    ['localhost', 200],
    ['LOCALHOST:80', 200],
    ['[::1]:5555', 200],
    ['127.9.9.9', 200],
    ['evil.example', 403],
    ['evil.example:5555', 403],
    ['127.0.0.1.evil.example', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1@evil.example', 403],
    ['0.0.0.0', 403],
    ['10.0.0.1', 403],
    ['[::2]', 403],
    ['evil.example/127.0.0.1', 403],
    ['me@localhost', 403],
    ['localhost.', 403],
    ['127.1', 200],
    ['0x7f000001', 200],
    ['[::ffff:7f00:1]', 403],
    ['localhost, evil.example', 403],
    ['localhost:80:80', 403],
  ])(
    'a request for the host %s is answered %i, so that no name can be turned to this machine',
    async (host, status) => {
      const { port } = await scene().serve();
      expect(await askAs(port, host)).toBe(status);
    },
  );

  it('a request that names no host is refused', async () => {
    const { port } = await scene().serve();
    const socket = connect(port, '127.0.0.1');
    socket.end('GET /api/overview HTTP/1.0\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 403 /);
  });

  it.each([
    'forwarded',
    'via',
    'x-forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-port',
    'x-forwarded-proto',
    'x-forwarded-server',
    'x-original-forwarded-for',
    'x-original-host',
    'x-real-ip',
    'client-ip',
    'fastly-client-ip',
    'true-client-ip',
    'x-client-ip',
    'x-cluster-client-ip',
    'x-envoy-external-address',
    'x-amzn-trace-id',
    'cdn-loop',
    'cf-connecting-ip',
    'cf-ray',
    'tailscale-user-login',
  ])('what a proxy passes on with %s is refused', async (name) => {
    const { port } = await scene().serve();
    expect(await askAs(port, 'localhost', { [name]: '203.0.113.9' })).toBe(403);
  });

  it.each([
    ['127.0.0.1', 200],
    ['::1', 200],
    ['::ffff:127.0.0.1', 200],
    ['::ffff:10.0.0.1', 403],
    ['192.168.0.7', 403],
    ['::2', 403],
    [undefined, 403],
  ])('a connection from %s is answered %i', async (remoteAddress, status) => {
    const { monitor } = scene();
    const answer = await monitor(new Request(`${origin}/healthz`), { remoteAddress });
    expect(answer.status).toBe(status);
  });
});

describe('with users', () => {
  it.each(everyPath)('%s %s is 401 without a password', async (method, path) => {
    const answer = await scene({ access: users }).ask(path ?? '', { method: method ?? '' });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="imgferry monitor", charset="UTF-8"');
  });

  it.each([
    ['another password', 'ann:correct horsf'],
    ['a password of another user', 'ann:battery staple'],
    ['no password', 'ann:'],
    ['the beginning of a password', 'ann:correct'],
    ['a longer password', 'ann:correct horse '],
    ['an unknown user', 'eve:correct horse'],
    ['no colon', 'ann'],
    ['nothing', ''],
  ])('%s is 401', async (_what, credentials) => {
    expect((await scene({ access: users }).ask('/api/session', basic(credentials))).status).toBe(401);
  });

  it.each([
    ['ann:correct horse', { user: 'ann', role: 'write' }],
    ['bob:battery staple', { user: 'bob', role: 'read' }],
    ['zoë:pässwörter', { user: 'zoë', role: 'write' }],
    ['zoë:pässwörter'.normalize('NFD'), { user: 'zoë', role: 'write' }],
  ])('%s gets in', async (credentials, expected) => {
    const answer = await scene({ access: users }).ask('/api/session', basic(credentials));
    expect((await answer.json()) as Session).toMatchObject(expected);
  });

  it('who was named by another keyboard gets in all the same', async () => {
    const zoe = {
      user: 'zoë'.normalize('NFD'),
      password: 'pässwörter'.normalize('NFD'),
      role: 'read',
    } as const;
    const { ask } = scene({ access: { users: [zoe] } });
    expect((await ask('/api/session', basic('zoë:pässwörter'.normalize('NFC')))).status).toBe(200);
  });

  it('after ten wrong passwords no password is looked at for a while, the right one neither, on no path', async () => {
    const { ask } = scene({ access: users });
    for (let wrong = 1; wrong <= 10; wrong += 1)
      expect((await ask('/api/session', basic(`ann:guess ${wrong}`))).status).toBe(401);
    const late = await ask('/healthz', basic('ann:correct horse'));
    expect(late.status).toBe(429);
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('another client is not kept out by it, and who sends no password is asked for one', async () => {
    const { ask, monitor } = scene({ access: users });
    for (let wrong = 1; wrong <= 11; wrong += 1) await ask('/api/session', basic('ann:a guess'));
    const request = new Request(`${origin}/api/session`, basic('ann:correct horse'));
    expect((await monitor(request, { remoteAddress: '203.0.113.9' })).status).toBe(200);
    expect((await ask('/')).status).toBe(401);
  });

  const sentBy = (remoteAddress: string, credentials: string, headers: Record<string, string> = {}) => {
    const init = { headers: { ...basic(credentials).headers, ...headers } };
    return [new Request(`${origin}/api/session`, init), { remoteAddress }] as const;
  };

  it('guesses at one name keep no other name out, at the same address', async () => {
    const { ask } = scene({ access: users });
    for (let wrong = 1; wrong <= 11; wrong += 1) await ask('/api/session', basic('ann:a guess'));
    expect((await ask('/api/session', basic('ann:correct horse'))).status).toBe(429);
    expect((await ask('/api/session', basic('bob:battery staple'))).status).toBe(200);
  });

  it('who got in within the hour is not kept out by guesses of others at the same address', async () => {
    const { ask } = scene({ access: users });
    expect((await ask('/api/session', basic('ann:correct horse'))).status).toBe(200);
    for (let wrong = 1; wrong <= 11; wrong += 1) await ask('/api/session', basic('ann:a guess'));
    expect((await ask('/api/session', basic('ann:a guess'))).status).toBe(429);
    expect((await ask('/api/session', basic('ann:correct horse'))).status).toBe(200);
  });

  it('behind a proxy the client is who clientOf says, and not the proxy', async () => {
    const { monitor } = scene({
      access: users,
      clientOf: ({ headers }) => headers.get('x-real-ip') ?? undefined,
    });
    const from = (client: string, credentials: string): Promise<Response> =>
      monitor(...sentBy('10.0.0.1', credentials, { 'x-real-ip': client }));
    for (let wrong = 1; wrong <= 11; wrong += 1) await from('203.0.113.9', 'ann:a guess');
    expect((await from('203.0.113.9', 'ann:correct horse')).status).toBe(429);
    expect((await from('203.0.113.7', 'ann:correct horse')).status).toBe(200);
  });

  it('behind a proxy without clientOf the log says once that all are one client', async () => {
    const log = async (changes: SceneChanges, header: string): Promise<object[]> => {
      const { monitor, logged } = scene({ access: users, ...changes });
      for (const _ of [1, 2]) await monitor(...sentBy('10.0.0.1', 'ann:correct horse', { [header]: 'x' }));
      return logged;
    };
    const said = { level: 'warn', facts: { header: 'x-forwarded-for' } };
    expect(await log({}, 'x-forwarded-for')).toEqual([said]);
    expect(await log({}, 'accept')).toEqual([]);
    expect(await log({ clientOf: () => 'ann' }, 'x-forwarded-for')).toEqual([]);
  });

  it('a clientOf that answers no text lets nobody in, and the log says why', async () => {
    const { monitor, logged } = scene({ access: users, clientOf: (async () => 'ann') as never });
    expect((await monitor(...sentBy('10.0.0.1', 'ann:correct horse'))).status).toBe(500);
    expect(inspect(logged, { depth: 9 })).toContain('clientOf');
  });

  it('many wrong passwords leave a line in the log, with the client and the name and no password', async () => {
    const { monitor, logged } = scene({ access: users });
    for (let wrong = 1; wrong <= 30; wrong += 1)
      await monitor(...sentBy('2001:db8:1:2:3:4:5:6', 'an\u202en:canary guess'));
    expect(logged).toEqual([{ level: 'warn', facts: { client: '2001:db8:1:2', user: 'an n' } }]);
  });

  it.each([
    ['two headers in one', 'Basic YW5uOmNvcnJlY3QgaG9yc2U=, Basic YW5uOmNvcnJlY3QgaG9yc2U='],
    ['another scheme', 'Bearer YW5uOmNvcnJlY3QgaG9yc2U='],
    ['no scheme', 'YW5uOmNvcnJlY3QgaG9yc2U='],
    ['credentials that are not encoded', 'Basic ann:correct horse'],
    ['a parameter behind them', 'Basic YW5uOmNvcnJlY3QgaG9yc2U= charset=UTF-8'],
    ['16 kB of spaces', `Basic${' '.repeat(16_000)}`],
    ['16 kB of a name', `Basic ${'YW5u'.repeat(4_000)}`],
  ])('an Authorization header of %s lets nobody in', async (_what, authorization) => {
    expect((await scene({ access: users }).ask('/api/session', { headers: { authorization } })).status).toBe(
      401,
    );
  });

  it('of two Authorization headers the first alone counts', async () => {
    const { port } = await scene({ access: users }).serve();
    const [right, wrong] = ['ann:correct horse', 'ann:a guess'].map(
      (each) => basic(each).headers.authorization ?? '',
    );
    const statusOf = async (first = '', second = ''): Promise<number | undefined> => {
      const headers = ['host', '127.0.0.1', 'authorization', first, 'authorization', second];
      const request = httpRequest({ port, host: '127.0.0.1', path: '/api/session', headers });
      request.end();
      const [answer] = (await once(request, 'response')) as [IncomingMessage];
      answer.resume();
      return answer.statusCode;
    };
    expect(await statusOf(right, wrong)).toBe(200);
    expect(await statusOf(wrong, right)).toBe(401);
  });

  it('no password is anywhere in the gate that was made of it', () => {
    const { gate } = resolveOptions({ access: users });
    expect(inspect(gate, { depth: 9, showHidden: true })).not.toMatch(/horse|staple/);
  });
});

describe('with authorize', () => {
  it.each<[string, unknown, number]>([
    ['read', 'read', 200],
    ['write', 'write', 200],
    ['nothing', undefined, 403],
    ['true', true, 500],
    ['false', false, 500],
    ['null', null, 403],
    ['another role', 'admin', 500],
    ['a role and a name', { role: 'read', user: 'ann' }, 200],
    ['a role and no name', { role: 'write', user: null }, 200],
    ['another role and a name', { role: 'admin', user: 'ann' }, 500],
    ['a name without a role', { user: 'ann' }, 500],
    ['a role and what is no name', { role: 'write', user: { name: 'ann' } }, 500],
    ['a Response', new Response('no', { status: 418 }), 418],
  ])('an answer of %s is as it says', async (_what, answer, status) => {
    const access = { authorize: async () => answer } as MonitorAccess;
    const request = new Request(`${origin}/api/session`);
    expect((await scene({ access }).monitor(request)).status).toBe(status);
  });

  it.each([
    [undefined, 'no-store'],
    ['private, max-age=60', 'private, max-age=60'],
  ])(
    'a response of the hook with cache-control %s is left as it is, and not kept by accident',
    async (given, sent) => {
      const own = { 'content-type': 'text/html', 'set-cookie': 'login=1' };
      const page = new Response('<script>login()</script>', {
        status: 401,
        headers: given === undefined ? own : { ...own, 'cache-control': given },
      });
      const { monitor } = scene({ access: { authorize: () => page } });
      const answer = await monitor(new Request(origin));
      expect(answer.status).toBe(401);
      expect(Object.fromEntries(answer.headers)).toEqual({ ...own, 'cache-control': sent });
      expect(await answer.text()).toBe('<script>login()</script>');
    },
  );

  it('the same Response is sent as often as the hook answers it', async () => {
    const no = new Response('sign in', { status: 418 });
    const { monitor } = scene({ access: { authorize: () => no } });
    for (const _ of [1, 2]) expect(await (await monitor(new Request(`${origin}/`))).text()).toBe('sign in');
  });

  it('the same Response is read once, so that no copy hangs on the one before', async () => {
    const no = new Response('sign in', { status: 418 });
    const { body } = no;
    const { monitor } = scene({ access: { authorize: () => no } });
    const answers = Array.from({ length: 20 }, () => monitor(new Request(`${origin}/`)));
    for (const answer of answers) expect(await (await answer).text()).toBe('sign in');
    expect(no.body).toBe(body);
  });

  it('a redirect that the hook made with Response.redirect is sent', async () => {
    const authorize = (): Response => Response.redirect('https://app.example/login');
    const { status, headers } = await scene({ access: { authorize } }).monitor(new Request(origin));
    expect([status, headers.get('location'), headers.get('cache-control')]).toEqual([
      302,
      'https://app.example/login',
      'no-store',
    ]);
  });

  it('the name that it answers is in the session and in the line of what was done', async () => {
    const access: MonitorAccess = { authorize: () => ({ role: 'write', user: 'ann\u202e\n' }) };
    const { read, steer, logged } = scene({ access });
    expect(await read<Session>('/api/session')).toMatchObject({ role: 'write', user: 'ann' });
    expect((await steer('/api/queue/pause')).status).toBe(200);
    expect(logged).toEqual([
      { level: 'warn', facts: expect.objectContaining({ user: 'ann', action: 'pause' }) },
    ]);
  });

  it('it is asked for every path, with the request and the connection', async () => {
    const asked: string[] = [];
    const authorize = (
      { url }: Request,
      { remoteAddress }: { remoteAddress?: string | undefined },
    ): undefined => {
      asked.push(`${remoteAddress} ${new URL(url).pathname}`);
    };
    const { ask } = scene({ access: { authorize } });
    for (const [method = '', path = ''] of everyPath) expect((await ask(path, { method })).status).toBe(403);
    expect(asked).toEqual(everyPath.map(([, path]) => `127.0.0.1 ${path}`));
  });

  it('a Response without a body is sent without one', async () => {
    const authorize = (): Response => new Response(null, { status: 204 });
    const answer = await scene({ access: { authorize } }).monitor(new Request(origin));
    expect([answer.status, answer.body]).toEqual([204, null]);
  });

  it('what it throws lets nobody in, and is told to the log alone', async () => {
    const authorize = (): never => {
      throw new Error('no such table');
    };
    const { ask, logged } = scene({ access: { authorize } });
    const answer = await ask('/api/overview');
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('table');
    expect(logged).toHaveLength(1);
  });
});

describe('with anonymous', () => {
  it('everyone looks, and nobody steers or sees a deletehash', async () => {
    const { ask, steer, uploader } = scene({ access: { anonymous: 'read' } });
    const { jobId } = await uploader.submit(['https://source.example/0.png']);
    expect((await ask('/api/overview')).status).toBe(200);
    expect((await steer(`/api/jobs/${jobId}/cancel`)).status).toBe(403);
    expect((await ask(`/api/jobs/${jobId}/delete-hashes`)).status).toBe(403);
    expect((await uploader.job(jobId))?.cancelled).toBe(false);
  });

  it.each([
    ['127.0.0.1:5555', 200],
    ['10.0.0.7', 200],
    ['[2001:db8::1]:5555', 200],
    ['localhost', 200],
    ['monitor.localhost:5555', 200],
    ['monitor.example', 200],
    ['MONITOR.example:5555', 200],
    ['xn--mnchen-3ya.example', 200],
    ['evil.example', 403],
    ['evil.example:5555', 403],
    ['monitor.example.evil.example', 403],
    ['evil.monitor.example', 403],
    ['monitor.example.', 403],
    ['127.0.0.1.evil.example', 403],
    ['localhost.evil.example', 403],
    ['notlocalhost', 403],
    ['localhost.', 403],
    ['monitor.example@evil.example', 403],
    ['monitor.example, evil.example', 403],
    ['evil.example/monitor.example', 403],
  ])(
    'who asks for the host %s is answered %i, so that no page reads by a name of its own',
    async (host, status) => {
      const access: MonitorAccess = {
        anonymous: 'read',
        hostNames: ['monitor.example', 'xn--mnchen-3ya.example'],
      };
      const { port } = await scene({ access }).serve();
      expect(await askAs(port, host)).toBe(status);
    },
  );

  it('a name that is not listed is told which option lists it', async () => {
    const { monitor } = scene({ access: { anonymous: 'read' } });
    const answer = await monitor(new Request('http://monitor.example/api/overview'));
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(/hostNames.*access/) });
  });

  it('the whole URL in place of a path does not stand for the Host header', async () => {
    const { port } = await scene({ access: { anonymous: 'read' } }).serve();
    const path = 'http://127.0.0.1/api/overview';
    const request = httpRequest({ port, host: '127.0.0.1', path, headers: { host: 'evil.example' } });
    request.end();
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(403);
  });
});
