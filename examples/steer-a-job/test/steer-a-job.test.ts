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

    const [first = '', cancelled = '', retried = '', all = ''] = stdout
      .split(/^(?:Paused|Cancelled|Retried|The picture).*\n/m)
      .slice(1);
    expect(stdout).toMatch(/^Submitted twice with one key: it is one job\.\n/);
    // What ran when the job was paused was finished.
    expect(first.split('Resumed.')[0]?.match(/: complete, /g)?.length).toBeGreaterThanOrEqual(3);
    expect(stdout).toMatch(/^missing\.png: failed, source_status$/m);
    expect(first).toMatch(/: failed, cancelled$/m);
    expect(stdout).toMatch(/^\w+\.png: (25|50|75) % of 1\.\d MB sent$/m);
    expect(cancelled).toBe('');
    // Each that the cancel had ended, and no other.
    const endedBy = (text: string, how: string): unknown =>
      text.match(new RegExp(`^\\w+(?=\\.png: ${how})`, 'gm'))?.sort();
    expect(endedBy(retried, 'complete')).toEqual(endedBy(first, 'failed, cancelled'));
    expect(endedBy(all, 'complete')).toEqual(['missing']);
    expect(all).toMatch(/^total .* 9 of 9 have a link, 0 failed$/m);

    const [header, ...records] = all.slice(all.indexOf('"url"')).trimEnd().split('\r\n');
    expect(header).toBe('"url","link","status","code"');
    expect(records).toEqual(
      names.map((name) =>
        expect.stringMatching(
          `^"http://127\\.0\\.0\\.1:\\d+/${name}\\.png","https://i\\.imgur\\.com/\\w{7}\\.png","complete",""$`,
        ),
      ),
    );
  });
});
