import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';

import { checkCommand } from '../src/check-command.ts';
import { RedisStore } from '../src/index.ts';

const namespace = `test-${randomUUID()}`;
const url = inject('redisUrl');
let redis: Redis;

beforeEach(async () => {
  redis = new Redis(url);
  const store = new RedisStore({ url, namespace });
  await store.create({ id: 'a job', urls: ['https://a.example/1'], host: 'host', options: {} });
  await store.close();
});
afterEach(async () => {
  await redis.del(await redis.keys(`{${namespace}}:*`));
  redis.disconnect();
});

async function run(args: readonly string[], env = { REDIS_URL: url }) {
  const said = { out: [] as string[], err: [] as string[], progress: [] as string[] };
  const status = await checkCommand({
    args,
    env,
    out: (line) => said.out.push(line),
    err: (line) => said.err.push(line),
    progress: (text) => said.progress.push(text),
  });
  return { status, ...said };
}

describe('imgferry-check', () => {
  it('ends with 0 when all agrees, and shows how far it is', async () => {
    expect(await run(['--namespace', namespace])).toEqual({
      status: 0,
      out: [`1 job in {${namespace}}: all agrees`],
      err: [],
      progress: ['1 job looked at', ''],
    });
  });

  it('ends with 1 and names what does not agree', async () => {
    await redis.hincrby(`{${namespace}}:j:a job`, 'waiting', 1);
    const { status, out } = await run(['--namespace', namespace]);
    expect(status).toBe(1);
    expect(out[0]).toMatch(/^job a job: it counts 2 waiting and its records say 1/);
    expect(out.at(-1)).toBe(`1 job in {${namespace}}: 1 thing does not agree`);
    const json = await run(['--namespace', namespace, '--json']);
    expect(JSON.parse(json.out.join(''))).toEqual({ jobs: 1, violations: [out[0]] });
  });

  it.each([
    [[], { REDIS_URL: '' }, 'set REDIS_URL'],
    [['--wrong'], { REDIS_URL: url }, '--wrong'],
    [[], { REDIS_URL: 'redis://:hunter2@127.0.0.1:1' }, 'Redis can not be reached (ECONNREFUSED)'],
  ])('ends with 2 when it could not look (%#)', async (args, env, reason) => {
    const { status, out, err } = await run(args, env);
    expect([status, out]).toEqual([2, []]);
    expect(err.join('\n')).toContain(reason);
    expect(err.join('\n')).not.toContain('hunter2');
  });

  it('is a program that leaves nothing open', async () => {
    const file = fileURLToPath(new URL('../src/imgferry-check.ts', import.meta.url));
    const program = spawn(
      process.execPath,
      ['--conditions=@imgferry/source', file, '--namespace', namespace],
      {
        env: { ...process.env, REDIS_URL: url },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let told = '';
    program.stdout.on('data', (chunk) => {
      told += String(chunk);
    });
    expect(await once(program, 'close')).toEqual([0, null]);
    expect(told).toBe(`1 job in {${namespace}}: all agrees\n`);
  });
});
