import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { afterAll, describe, expect, it } from 'vitest';

import {
  type ImgurStandIn,
  type PictureHandler,
  sampleImage,
  startImgurStandIn,
  startPictureServer,
} from '@imgferry/core/testing';
import { nodeArguments, type Program, startProgram } from './start-program.ts';

const programs: Program[] = [];
const servers: { close(): Promise<void> }[] = [];

afterAll(async () => {
  for (const { process } of programs) process.kill('SIGKILL');
  await Promise.all(programs.splice(0).map(({ ended }) => ended));
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

function start(role: string, env: Readonly<Record<string, string>> = {}): Program {
  const ports = { PORT: '0', MONITOR_PORT: '0' };
  const program = startProgram(process.execPath, nodeArguments('main.ts', role), { ...ports, ...env });
  programs.push(program);
  return program;
}

async function urlOf(program: Program): Promise<string> {
  const [, url = ''] = await program.seen(/imgferry listens on (http:\S+)\./);
  await program.seen(/Ctrl-C/);
  return url;
}

/** Runs a printed line as the shell does that a person would paste it into. */
async function paste(line: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)('sh', ['-c', line.replace(/curl(?: -s)? /g, 'curl -sS ')]);
  return JSON.parse(stdout);
}

/** The lines that it has printed to be pasted. */
function curlLines(program: Program): string[] {
  return program
    .stderr()
    .split('\n')
    .filter((line) => line.includes('curl '));
}

function logLines(program: Program): Record<string, unknown>[] {
  return program
    .stdout()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

async function submit(url: string, urls: readonly string[]): Promise<Response> {
  const body = JSON.stringify({ urls });
  return fetch(`${url}/v1/images/upload`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
}

describe.concurrent('the service, started without any variable', () => {
  it('says that it uses a stand-in, and the lines it prints can be pasted as they are', async ({
    expect,
  }) => {
    const program = start('all');
    const url = await urlOf(program);
    expect(program.stderr()).toContain('No credentials are set: images go to a stand-in for Imgur');
    expect(program.stderr()).toContain('after 50 images the rest wait for the next hour');
    expect(program.stderr()).toContain('With STAND_IN_LIMITS=none');
    const [submitLine = '', linksLine = '', submitAllLine = ''] = curlLines(program);

    expect(await paste(submitLine)).toEqual({ jobId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const link = expect.stringMatching(/^https:\/\/i\.imgur\.com\/\w{7}\.\w+$/);
    const links = (): Promise<unknown> => paste(linksLine);
    await expect.poll(links, { timeout: 10_000 }).toEqual({ uploaded: [link] });
    expect(linksLine).toContain(url);
    expect(await paste(submitAllLine)).toEqual({ jobId: expect.any(String) });
    await expect.poll(links, { timeout: 10_000 }).toEqual({ uploaded: Array(13).fill(link) });
  });

  it('describes its endpoints', async () => {
    const answer = await fetch(`${await urlOf(start('all'))}/v1/openapi.json`);
    expect(await answer.json()).toMatchObject({ info: { title: 'imgferry' }, servers: [{ url: '/' }] });
  });

  it('logs each upload that failed in one line, with the reason and without the query', async () => {
    const program = start('all');
    const url = await urlOf(program);
    await submit(url, ['http://10.1.2.3/cat.jpg?token=hunter2']);
    await program.seen(/an upload failed/);
    expect(program.stdout()).not.toContain('hunter2');
    expect(logLines(program).filter(({ msg }) => msg === 'an upload failed')).toEqual([
      expect.objectContaining({
        level: 'warn',
        index: 0,
        attempt: 1,
        code: 'blocked_address',
        url: 'http://10.1.2.3/cat.jpg?…',
      }),
    ]);
  });
});

describe('the service, started with STAND_IN_LIMITS=none', () => {
  it('takes as many images as come, and has as many URLs as one wants to try', async () => {
    const program = start('all', { STAND_IN_LIMITS: 'none' });
    const url = await urlOf(program);
    expect(program.stderr()).toContain('It takes as many images as come.');
    const [, , submitAllLine = ''] = curlLines(program);
    const [, indexUrl = ''] = /curl -s (\S+)/.exec(submitAllLine) ?? [];
    const { urls } = (await (await fetch(indexUrl)).json()) as { readonly urls: readonly string[] };
    expect(urls).toHaveLength(12);
    const cat = urls.find((each) => each.endsWith('/cat.jpg'));
    await submit(
      url,
      Array.from({ length: 60 }, (_, at) => `${cat}?${at}`),
    );
    const links = async (): Promise<unknown> => (await fetch(`${url}/v1/images`)).json();
    await expect.poll(links, { timeout: 20_000 }).toEqual({ uploaded: Array(60).fill(expect.any(String)) });
  });
});

interface RunningTransfer {
  readonly program: Program;
  readonly url: string;
  readonly imgur: ImgurStandIn;
  /** Serves the second half of the picture. */
  readonly finish: () => void;
}

/** A service in the middle of its only upload. */
async function startInTransfer(env: Readonly<Record<string, string>> = {}): Promise<RunningTransfer> {
  const imgur = await startImgurStandIn();
  const picture = heldPicture();
  const pictures = await startPictureServer({ '/held.png': picture.handler });
  servers.push(imgur, pictures);
  const credentials = { IMGUR_API_URL: imgur.url, IMGUR_CLIENT_ID: 'an-id' };
  const program = start('all', { ...credentials, SOURCE_ALLOW: '127.0.0.1', ...env });
  const url = await urlOf(program);
  await submit(url, [pictures.urlOf('/held.png')]);
  await picture.halfServed;
  return { program, url, imgur, finish: picture.finish };
}

function heldPicture(): {
  readonly handler: PictureHandler;
  readonly halfServed: Promise<void>;
  readonly finish: () => void;
} {
  const bytes = sampleImage('image/png', { bytes: 40_000 });
  const half = Promise.withResolvers<void>();
  const rest = Promise.withResolvers<void>();
  const handler: PictureHandler = (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 20_000), () => half.resolve());
    void rest.promise.then(() => response.end(bytes.subarray(20_000)));
  };
  return { handler, halfServed: half.promise, finish: rest.resolve };
}

describe.concurrent('a stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s finishes the transfer that runs, then ends with 0',
    async (signal) => {
      const { program, imgur, finish } = await startInTransfer();
      program.process.kill(signal);
      await program.seen(/stopping: finishing/);
      finish();
      expect(await program.ended).toEqual({ code: 0, signal: null });
      expect(imgur.images).toHaveLength(1);
      expect(logLines(program).slice(-2)).toEqual([
        expect.objectContaining({ level: 'info', msg: 'stopping: finishing what runs', signal }),
        expect.objectContaining({ level: 'info', msg: 'stopped' }),
      ]);
    },
  );

  it('takes no more connections while it drains', async () => {
    const { program, url, finish } = await startInTransfer();
    program.process.kill('SIGTERM');
    await program.seen(/stopping: finishing/);
    await expect(submit(url, ['https://example.com/a.jpg'])).rejects.toThrow('fetch failed');
    finish();
    expect((await program.ended).code).toBe(0);
  });

  it('can be watched by the monitor until it has drained', async () => {
    const { program, finish } = await startInTransfer();
    const [, monitorUrl = ''] = await program.seen(/Watch it in a browser: (http:\S+)/);
    program.process.kill('SIGTERM');
    await program.seen(/stopping: finishing/);
    const overview = await fetch(`${monitorUrl}/api/overview`);
    expect(await overview.json()).toMatchObject({ running: 1 });
    finish();
    expect((await program.ended).code).toBe(0);
  });

  it('gives up at its deadline, and says how many uploads have no outcome', async () => {
    const { program, imgur } = await startInTransfer({ DRAIN_TIMEOUT_MS: '30' });
    program.process.kill('SIGTERM');
    expect(await program.ended).toEqual({ code: 0, signal: null });
    expect(imgur.images).toEqual([]);
    expect(logLines(program)).toContainEqual(expect.objectContaining({ level: 'warn', uploads: 1 }));
  });

  it('ends at once on a second signal, and not on the same one that came twice', async () => {
    const { program, imgur } = await startInTransfer();
    program.process.kill('SIGTERM');
    await program.seen(/stopping: finishing/);
    program.process.kill('SIGTERM');
    await sleep(600);
    expect(program.process.exitCode).toBe(null);
    program.process.kill('SIGTERM');
    expect(await program.ended).toEqual({ code: 143, signal: null });
    expect(imgur.images).toEqual([]);
  });
});

describe.concurrent('a start that can not work', () => {
  it.each([
    ['its role', 'worker', {}, /^imgferry can not start: the role worker shares .* set REDIS_URL\.\n$/],
    [
      'nowhere to upload to',
      'api',
      { REDIS_URL: 'redis://127.0.0.1:1' },
      /^imgferry can not start: the role api needs .* IMGUR_STAND_IN_URL\.\n$/,
    ],
    ['a variable', 'all', { PORT: 'http' }, /^imgferry can not start: PORT is "http"; it must be .*\.\n$/],
  ])('is refused with one sentence and status 78: %s', async (_what, role, env, sentence) => {
    const program = start(role, env);
    expect(await program.ended).toEqual({ code: 78, signal: null });
    expect(program.stderr()).toMatch(sentence);
    expect(program.stdout()).toBe('');
  });

  it('is refused with one sentence, and nothing is left open: a port in use', async () => {
    const taken = await startPictureServer({});
    servers.push(taken);
    const { port } = new URL(taken.url);
    const program = start('all', { PORT: port });
    expect(await program.ended).toEqual({ code: 78, signal: null });
    expect(program.stderr()).toBe(
      `imgferry can not start: PORT ${port} on 127.0.0.1 is in use by another program; set PORT to a free one.\n`,
    );
  });
});
