import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';

import { describe, expect, it } from 'vitest';

import { readConfig } from '../src/config.ts';
import { ConfigError, type Env } from '../src/env.ts';
import { readRole, requireShared } from '../src/role.ts';

const redis = { REDIS_URL: 'redis://127.0.0.1:6379' };
const credentials = { IMGUR_CLIENT_ID: 'an-id' };

describe('the role', () => {
  it.each(['all', 'api', 'worker', 'monitor', 'stand-in'])('can be %s', (role) => {
    expect(readRole([role])).toBe(role);
  });

  it('is all when none is given', () => {
    expect(readRole([])).toBe('all');
  });

  it.each([[['']], [['some']], [['all', 'api']], [['--help']]])('is one that there is: not %j', (args) => {
    expect(() => readRole(args)).toThrow(
      new ConfigError('give one role, or none for all: all, api, worker, monitor or stand-in'),
    );
  });
});

describe('npm start', () => {
  const root = new URL('../../../', import.meta.url);

  /** What npm runs for `npm start worker` and `npm start -- worker`, on the Node that runs this. */
  const startAsWorker = (folder: URL): SpawnSyncReturns<string> => {
    const { scripts } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
    const command = `${scripts.start.replace('node scripts/run.mjs ', '')} worker`;
    const env = { PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) };
    return spawnSync('sh', ['-c', command], { cwd: folder, env, encoding: 'utf8' });
  };

  it.each(['.', 'examples/service/'])('takes a role, in %s', (folder) => {
    const { status, stderr } = startAsWorker(new URL(folder, root));
    expect(stderr).toContain('the role worker shares its jobs with other processes by Redis; set REDIS_URL');
    expect(status).toBe(78);
  });
});

describe('what a role needs', () => {
  it('is nothing for all and for the stand-in', () => {
    expect(() => requireShared('all', readConfig({}))).not.toThrow();
    expect(() => requireShared('stand-in', readConfig({}))).not.toThrow();
  });

  it('is Redis for the monitor, and no credentials', () => {
    expect(() => requireShared('monitor', readConfig({}))).toThrow(
      new ConfigError('the role monitor shares its jobs with other processes by Redis; set REDIS_URL'),
    );
    expect(() => requireShared('monitor', readConfig(redis))).not.toThrow();
  });

  it.each(['api', 'worker'] as const)('is Redis and somewhere to upload to for %s', (role) => {
    const refusal = (env: Env) => () => requireShared(role, readConfig(env));
    expect(refusal(credentials)).toThrow(
      new ConfigError(`the role ${role} shares its jobs with other processes by Redis; set REDIS_URL`),
    );
    expect(refusal(redis)).toThrow(
      new ConfigError(
        `the role ${role} needs credentials, which begin with IMGUR_CLIENT_ID, or a stand-in at IMGUR_STAND_IN_URL`,
      ),
    );
    expect(refusal({ ...redis, ...credentials })).not.toThrow();
    expect(refusal({ ...redis, IMGUR_STAND_IN_URL: 'http://stand-in:8090' })).not.toThrow();
  });
});
