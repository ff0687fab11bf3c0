import { afterEach, describe, expect, it } from 'vitest';

import { startPictureServer } from '@imgferry/core/testing';
import { type Deployment, deploy, secrets, stop, writtenBy } from './deployment.ts';
import { complete, handIn } from './hand-in.ts';
import { logLines, Programs, urlOf } from './programs.ts';
import { Web } from './web.ts';

const programs = new Programs();
let deployment: Deployment | undefined;
afterEach(async () => {
  await programs.killAll();
  await deployment?.close();
  deployment = undefined;
});

const password = { MONITOR_USER: 'me', MONITOR_PASSWORD: 'canary password 3b1c' };
const basic = (user: string, secret: string): string => `Basic ${btoa(`${user}:${secret}`)}`;
/** A Redis that nobody answers for: these never get as far. */
const nowhere = { REDIS_URL: 'redis://127.0.0.1:1' };

async function read<View>(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<View> {
  const answer = await fetch(`${url}${path}`, { headers });
  expect(answer.status, path).toBe(200);
  return (await answer.json()) as View;
}

function pauseQueue(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${url}/api/queue/pause`, {
    method: 'POST',
    headers: { 'x-imgferry-monitor': '1', 'sec-fetch-site': 'same-origin', ...headers },
  });
}

describe('the role monitor', () => {
  it('shows a fleet on Redis that it has no credentials for, and says what it counts', async () => {
    const web = new Web();
    const paths = web.add(2, 'a', (bytes) => bytes);
    deployment = await deploy(web.routes);
    const worker = await deployment.addWorker();
    const monitor = await deployment.addMonitor({ MONITOR_ALLOW_ANONYMOUS: 'read' });
    const url = await urlOf(monitor);
    const job = await handIn(deployment, [...paths, '/gone/1.png']);
    await complete(deployment, job);
    const jobId = job.split('/').at(-1);

    expect(await read(url, '/api/overview')).toMatchObject({
      complete: 2,
      failed: 1,
      workers: { online: 1 },
    });
    expect(await read(url, '/api/workers')).toMatchObject({ workers: [{ pid: worker.process.pid }] });
    expect(await read(url, `/api/jobs/${jobId}`)).toMatchObject({ id: jobId, complete: 2, failed: 1 });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('imgferry_uploads_total{host="imgur",outcome="complete",code="none"} 2\n');

    const refused = await pauseQueue(url);
    expect(refused.status).toBe(403);
    expect((await deployment.store.stats()).queue.paused).toBe(false);

    expect(await stop(monitor)).toBe(0);
    for (const secret of Object.values(secrets)) expect(writtenBy(deployment.programs)).not.toContain(secret);
  });

  it('asks for the password, and steers the fleet of whoever knows it', async () => {
    deployment = await deploy({});
    const monitor = await deployment.addMonitor({ ...password, MONITOR_ALLOW_ANONYMOUS: 'read' });
    const url = await urlOf(monitor);
    const authorization = basic('me', password.MONITOR_PASSWORD);
    const statusOf = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (await fetch(`${url}/api/overview`, { headers })).status;
    expect(await statusOf({})).toBe(401);
    expect(await statusOf({ authorization: basic('me', 'another one') })).toBe(401);
    expect(await statusOf({ authorization })).toBe(200);
    expect((await pauseQueue(url, { authorization })).status).toBe(200);
    expect((await deployment.store.stats()).queue.paused).toBe(true);
    expect(writtenBy(deployment.programs)).not.toContain(password.MONITOR_PASSWORD);
  });

  it('ends at once although a page is open', async () => {
    deployment = await deploy({});
    const monitor = await deployment.addMonitor();
    const live = await fetch(`${await urlOf(monitor)}/api/live?watch=overview`);
    const reader = live.body?.getReader();
    await reader?.read();
    const began = performance.now();
    expect(await stop(monitor)).toBe(0);
    expect(performance.now() - began).toBeLessThan(5_000);
    await reader?.cancel().catch(() => {});
  });

  it.each([
    [
      'it would be open to everyone',
      { HOST: '0.0.0.0' },
      /^imgferry can not start: the monitor would be open .* "0\.0\.0\.0"; set MONITOR_USER and MONITOR_PASSWORD, or MONITOR_ALLOW_ANONYMOUS=read, .* HOST to 127\.0\.0\.1\.\n$/,
    ],
    [
      'its address is none of this machine',
      { HOST: '203.0.113.1', MONITOR_ALLOW_ANONYMOUS: 'read' },
      /^imgferry can not start: HOST "203\.0\.113\.1" can not be listened on .*\.\n$/,
    ],
  ])('refuses to start, with one sentence and status 78: %s', async (_what, env, sentence) => {
    const program = programs.start('monitor', { ...nowhere, ...env });
    expect(await program.ended).toEqual({ code: 78, signal: null });
    expect(program.stderr()).toMatch(sentence);
  });

  it.each(['monitor', 'all'])('names MONITOR_PORT when its port is in use: as %s', async (role) => {
    const taken = await startPictureServer({});
    const { port } = new URL(taken.url);
    const program = programs.start(role, {
      MONITOR_PORT: port,
      ...(role === 'all' ? {} : nowhere),
    });
    expect(await program.ended).toEqual({ code: 78, signal: null });
    expect(program.stderr()).toBe(
      `imgferry can not start: MONITOR_PORT ${port} on 127.0.0.1 is in use by another program; set MONITOR_PORT to a free one.\n`,
    );
    await taken.close();
  });
});

describe('the role all', () => {
  it('has the monitor beside the endpoints, and says where', async () => {
    const program = programs.start('all');
    const url = await urlOf(program);
    const [, monitorUrl = ''] = await program.seen(/Watch it in a browser: (http:\S+)\n/);
    expect(new URL(monitorUrl).port).not.toBe(new URL(url).port);
    const page = await fetch(monitorUrl);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('html')]);
    expect(await read(monitorUrl, '/api/workers')).toMatchObject({ workers: [{ pid: program.process.pid }] });
    expect((await pauseQueue(monitorUrl)).status).toBe(200);
    expect(await stop(program)).toBe(0);
  });

  it('counts the wrong passwords of whoever a proxy names, so that one keeps out no other', async () => {
    const program = programs.start('all', { ...password, MONITOR_CLIENT_HEADER: 'x-real-ip' });
    const [, url = ''] = await program.seen(/Watch it in a browser: (http:\S+)\n/);
    const statusOf = async (client: string, secret: string): Promise<number> => {
      const headers = { authorization: basic('me', secret), 'x-real-ip': client };
      return (await fetch(`${url}/api/session`, { headers })).status;
    };
    for (let wrong = 0; wrong < 10; wrong += 1) expect(await statusOf('203.0.113.9', 'a guess')).toBe(401);
    expect(await statusOf('203.0.113.9', password.MONITOR_PASSWORD)).toBe(429);
    expect(await statusOf('203.0.113.7', password.MONITOR_PASSWORD)).toBe(200);
    expect(logLines(program, /wrong passwords/)).toEqual([
      expect.objectContaining({ level: 'warn', client: '203.0.113.9', user: 'me' }),
    ]);
    expect(await stop(program)).toBe(0);
  });

  it('has none where everyone could reach it, says which variables would give one, and serves the rest', async () => {
    const program = programs.start('all', { HOST: '0.0.0.0' });
    const url = await urlOf(program);
    expect((await fetch(`${url}/v1/images`)).status).toBe(200);
    expect(program.stderr()).not.toContain('Watch it');
    expect(logLines(program, /monitor/)).toEqual([
      expect.objectContaining({
        level: 'warn',
        msg: 'the monitor is not started',
        variables: ['MONITOR_USER', 'MONITOR_PASSWORD', 'MONITOR_ALLOW_ANONYMOUS'],
      }),
    ]);
  });
});
