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
    // It rejects when the example does not end with 0.
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, main], { env });
    expect(await redis.keys('*')).toEqual([]);

    const [first = '', retried = '', all = ''] = stdout.split(/^(?:Retried|The picture).*\n/m);
    expect(stdout).toMatch(/^Submitted twice with one key: it is one job\.\n/);
    expect(stdout).toMatch(/^Paused.*\n(?:.*\n)*Resumed.*\n(?:.*\n)*Cancelled/m);
    expect(stdout).not.toMatch(/: 0 %/);
    expect(stdout).toMatch(/^\w+\.png: (25|50|75) % of 1\.\d MB sent$/m);
    /** Which end so, each as often as it is told. */
    const endedBy = (text: string, how = '(?:complete|failed)'): readonly string[] =>
      text.match(new RegExp(`^\\w+(?=\\.png: ${how})`, 'gm'))?.toSorted() ?? [];
    expect(endedBy(first)).toEqual(names.toSorted());
    expect(endedBy(first, 'failed, source_status')).toEqual(['missing']);
    // Each that the cancel had ended, and no other.
    expect(endedBy(retried)).toEqual(endedBy(first, 'failed, cancelled'));
    expect(endedBy(retried, 'complete')).toEqual(endedBy(retried));
    expect(endedBy(all)).toEqual(['missing']);
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
