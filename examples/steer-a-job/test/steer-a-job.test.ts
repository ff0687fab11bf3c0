import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';

import { startRedisServer } from '../../../tests/setup/redis-server.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const flags = ['--conditions=@imgferry/source', '--disable-warning=ExperimentalWarning'];
const names = ['beach', 'boat', 'missing', 'castle', 'harbour', 'kite', 'lighthouse', 'market', 'sunset'];

describe('the example that steers a job', () => {
  it('shows what each step comes to, ends with 0 and a whole mapping, and leaves nothing in Redis', async ({
    onTestFinished,
  }) => {
    const server = await startRedisServer();
    const redis = new Redis(server.url);
    onTestFinished(async () => {
      redis.disconnect();
      await server.close();
    });
    const env = { ...process.env, REDIS_URL: server.url };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, main], { env });
    expect(stderr).toBe('');
    expect(await redis.keys('*')).toEqual([]);

    const [, paused = '', resumed = '', cancelled = '', retried = '', all = ''] = stdout.split(
      /^(?:Paused|Resumed|Cancelled|Retried|The picture).*\n/m,
    );
    const first = paused + resumed;
    expect(stdout).toMatch(/^Submitted twice with one key: it is one job\.\n/);
    // What ran when the job was paused was finished, and one after it.
    expect(first.match(/: complete, /g)?.length).toBeGreaterThanOrEqual(5);
    expect(stdout).not.toMatch(/: 0 %/);
    // Of what had not begun by then nothing is told but that it is paused.
    const held = [...paused.matchAll(/^(.*): paused$/gm)].map(([, name = '']) => name);
    expect(held.length).toBeGreaterThanOrEqual(1);
    expect(paused).not.toMatch(/: started$/m);
    expect(held.filter((name) => resumed.includes(`${name}: started`))).toEqual(held);
    expect(stdout).toMatch(/^missing\.png: failed, source_status$/m);
    expect(first).toMatch(/: failed, cancelled$/m);
    expect(stdout).toMatch(/^\w+\.png: (25|50|75) % of 1\.\d MB sent$/m);
    expect(cancelled).toBe('');
    // Each that the cancel had ended, and no other.
    const endedBy = (text: string, how: string): unknown =>
      text.match(new RegExp(`^\\w+(?=\\.png: ${how})`, 'gm'))?.sort();
    expect(endedBy(retried, 'complete')).toEqual(endedBy(first, 'failed, cancelled'));
    expect(endedBy(all, 'complete')).toEqual(['missing']);
    expect(all).toMatch(/^total: .* 9 of 9 have a link, 0 failed$/m);

    const [header, ...records] = all.slice(all.indexOf('"url"')).trimEnd().split('\r\n');
    expect(header).toBe('"url","link","status","code"');
    expect(records).toEqual(
      names.map((name) =>
        expect.stringMatching(
          `^"http://127\\.0\\.0\\.1:\\d+/${name}\\.png","https://i\\.imgur\\.com/\\w{7}\\.png","complete",""$`,
        ),
      ),
    );
  }, 90_000);

  it.each([
    ['no URL', 'secret-word', 'url must begin with redis:// or rediss://'],
    [
      'one that nobody answers',
      'redis://:secret-word@127.0.0.1:1',
      'Redis can not be reached (ECONNREFUSED)',
    ],
  ])(
    'ends with 1 and a sentence when REDIS_URL is %s',
    async (_what, url, why) => {
      const env = { ...process.env, REDIS_URL: url };
      const run = promisify(execFile)(process.execPath, [...flags, main], { env });
      await expect(run).rejects.toMatchObject({
        code: 1,
        stdout: '',
        stderr: `The example ended early: REDIS_URL can not be used: ${why}\n`,
      });
    },
    60_000,
  );
});
