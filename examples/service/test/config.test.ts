import { describe, expect, it } from 'vitest';

import type { MonitorAccess } from '@imgferry/monitor';
import { readConfig } from '../src/config.ts';
import { ConfigError, type Env } from '../src/env.ts';

const credentials = { IMGUR_CLIENT_ID: 'an-id' };
const password = { MONITOR_USER: 'me', MONITOR_PASSWORD: 'long enough' };

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      monitor: { port: 5555, access: { loopback: '127.0.0.1' } },
      healthPort: undefined,
      redis: undefined,
      imgur: undefined,
      concurrency: 8,
      leaseMs: 15_000,
      drainTimeoutMs: 8_000,
      maxWaiting: 1_000_000,
      sourceAllow: [],
      sourceTimeoutMs: undefined,
      standInLimits: 'imgur',
      logLevel: 'info',
      unused: [],
    });
  });

  it('takes every variable', () => {
    const config = readConfig({
      HOST: '0.0.0.0',
      PORT: '0',
      HEALTH_PORT: '8081',
      REDIS_URL: 'rediss://user:pass@db:6380/1',
      NAMESPACE: 'pictures',
      IMGUR_API_URL: 'http://127.0.0.1:9000',
      IMGUR_CLIENT_ID: 'an-id',
      IMGUR_ACCESS_TOKEN: 'a-token',
      IMGUR_REFRESH_TOKEN: 'another',
      IMGUR_CLIENT_SECRET: 'a-secret',
      RAPIDAPI_KEY: 'a-key',
      CONCURRENCY: '3',
      LEASE_MS: '2000',
      DRAIN_TIMEOUT_MS: '0',
      MAX_WAITING: '10',
      SOURCE_ALLOW: '127.0.0.1, 10.0.0.0/8,fd00::/8',
      SOURCE_TIMEOUT_MS: '500',
      STAND_IN_LIMITS: 'none',
      LOG_LEVEL: 'debug',
      MONITOR_PORT: '5556',
      MONITOR_USER: 'me',
      MONITOR_PASSWORD: 'correct horse: battery',
      MONITOR_ALLOW_ANONYMOUS: 'read',
      MONITOR_CLIENT_HEADER: 'x-real-ip',
    });
    expect(config).toEqual({
      host: '0.0.0.0',
      port: 0,
      monitor: {
        port: 5556,
        access: { users: [{ user: 'me', password: 'correct horse: battery', role: 'write' }] },
        clientHeader: 'x-real-ip',
      },
      healthPort: 8081,
      redis: { url: 'rediss://user:pass@db:6380/1', namespace: 'pictures' },
      imgur: {
        apiUrl: 'http://127.0.0.1:9000',
        clientId: 'an-id',
        accessToken: 'a-token',
        refreshToken: 'another',
        clientSecret: 'a-secret',
        rapidApiKey: 'a-key',
      },
      concurrency: 3,
      leaseMs: 2_000,
      drainTimeoutMs: 0,
      maxWaiting: 10,
      sourceAllow: ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'],
      sourceTimeoutMs: 500,
      standInLimits: 'none',
      logLevel: 'debug',
      unused: [],
    });
  });

  it('uses the stand-in it is told of, in plain http too, only while there are no credentials', () => {
    const standIn = { IMGUR_STAND_IN_URL: 'http://stand-in:8090' };
    expect(readConfig(standIn).imgur).toEqual({
      clientId: 'stand-in',
      apiUrl: 'http://stand-in:8090',
      allowInsecureApiUrl: true,
    });
    expect(readConfig({ ...standIn, ...credentials }).imgur).toEqual({ clientId: 'an-id' });
  });

  it('has no use for a namespace in memory', () => {
    expect(readConfig({ NAMESPACE: 'pictures' }).unused).toEqual(['NAMESPACE']);
  });

  it.each<[Env, MonitorAccess | undefined]>([
    [{ HOST: '127.8.9.10' }, { loopback: '127.8.9.10' }],
    [{ HOST: '::1' }, { loopback: '::1' }],
    [{ HOST: 'localhost' }, { loopback: 'localhost' }],
    [{ HOST: '0.0.0.0' }, undefined],
    [{ HOST: '::' }, undefined],
    [{ HOST: '10.0.0.1' }, undefined],
    [{ HOST: '127.0.0.1.example' }, undefined],
    [{ HOST: 'localhost.example' }, undefined],
    [{ HOST: '0.0.0.0', MONITOR_ALLOW_ANONYMOUS: 'read' }, { anonymous: 'read' }],
    [{ MONITOR_ALLOW_ANONYMOUS: 'read' }, { anonymous: 'read' }],
    [
      { MONITOR_ALLOW_ANONYMOUS: 'read', MONITOR_HOST_NAMES: ' monitor, ops.example ,' },
      { anonymous: 'read', hostNames: ['monitor', 'ops.example'] },
    ],
    [{ MONITOR_HOST_NAMES: 'monitor' }, { loopback: '127.0.0.1' }],
    [{ ...password, HOST: '0.0.0.0' }, { users: [{ user: 'me', password: 'long enough', role: 'write' }] }],
    [password, { users: [{ user: 'me', password: 'long enough', role: 'write' }] }],
    [
      { ...password, MONITOR_ALLOW_ANONYMOUS: 'read' },
      { users: [{ user: 'me', password: 'long enough', role: 'write' }] },
    ],
  ])('of %j knows who may use the monitor: %j', (env, access) => {
    expect(readConfig(env).monitor.access).toEqual(access);
  });

  it('takes an empty variable as one that is not set', () => {
    expect(readConfig({ PORT: '', IMGUR_CLIENT_ID: ' ', REDIS_URL: '' })).toEqual(readConfig({}));
  });

  it.each<[Env, string]>([
    [
      { REDIS_URL: 'http://user:hunter2@db' },
      'REDIS_URL must be a URL like redis://127.0.0.1:6379, or rediss:// for TLS',
    ],
    [
      { REDIS_URL: 'redis:hunter2' },
      'REDIS_URL must be a URL like redis://127.0.0.1:6379, or rediss:// for TLS',
    ],
    [{ NAMESPACE: '{a}' }, 'NAMESPACE is "{a}"; it must be 1 to 200 characters without braces'],
    [{ HEALTH_PORT: 'on' }, 'HEALTH_PORT is "on"; it must be a whole number from 0 to 65535'],
    [
      { IMGUR_STAND_IN_URL: 'stand-in:8090' },
      'IMGUR_STAND_IN_URL must be a URL that begins with https:// or http://',
    ],
    [{ PORT: 'http' }, 'PORT is "http"; it must be a whole number from 0 to 65535'],
    [{ PORT: '65536' }, 'PORT is "65536"; it must be a whole number from 0 to 65535'],
    [{ PORT: '80.5' }, 'PORT is "80.5"; it must be a whole number from 0 to 65535'],
    [{ PORT: '\u001b[2J' }, 'PORT is "\\u001b[2J"; it must be a whole number from 0 to 65535'],
    [{ CONCURRENCY: '0' }, 'CONCURRENCY is "0"; it must be a whole number from 1 to 10000'],
    [{ CONCURRENCY: '-1' }, 'CONCURRENCY is "-1"; it must be a whole number from 1 to 10000'],
    [{ LEASE_MS: '1e4' }, 'LEASE_MS is "1e4"; it must be a whole number from 100 to 3600000'],
    [{ DRAIN_TIMEOUT_MS: '8s' }, 'DRAIN_TIMEOUT_MS is "8s"; it must be a whole number from 0 to 3600000'],
    [{ MAX_WAITING: '0' }, 'MAX_WAITING is "0"; it must be a whole number from 1 to 1000000000'],
    [{ SOURCE_TIMEOUT_MS: '0' }, 'SOURCE_TIMEOUT_MS is "0"; it must be a whole number from 1 to 3600000'],
    [
      { SOURCE_ALLOW: '10.0.0.0/8,*.example.com' },
      'SOURCE_ALLOW holds "*.example.com"; each entry must be an address or a CIDR, as 10.0.0.0/8',
    ],
    [
      { SOURCE_ALLOW: '10.0.0.0/33' },
      'SOURCE_ALLOW holds "10.0.0.0/33"; each entry must be an address or a CIDR, as 10.0.0.0/8',
    ],
    [{ STAND_IN_LIMITS: 'some' }, 'STAND_IN_LIMITS is "some"; it must be imgur or none'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL is "loud"; it must be one of debug, info, warn, error, silent'],
    [{ IMGUR_CLIENT_ID: 'two words' }, 'IMGUR_CLIENT_ID holds a space or a character that no credential has'],
    [
      { IMGUR_API_URL: 'ftp://host', ...credentials },
      'IMGUR_API_URL must be a URL that begins with https:// or http://',
    ],
    [
      { IMGUR_API_URL: 'https://me:hunter2@host', ...credentials },
      'IMGUR_API_URL must have no user, password, query or fragment',
    ],
    [
      { IMGUR_API_URL: 'http://host', ...credentials },
      'IMGUR_API_URL is plain http to another machine; use https',
    ],
    [
      { IMGUR_API_URL: 'https://host' },
      'IMGUR_API_URL is set without IMGUR_CLIENT_ID, which every use of Imgur needs',
    ],
    [
      { RAPIDAPI_KEY: 'hunter2' },
      'RAPIDAPI_KEY is set without IMGUR_CLIENT_ID, which every use of Imgur needs',
    ],
    [
      { IMGUR_ACCESS_TOKEN: 'hunter2' },
      'IMGUR_ACCESS_TOKEN is set without IMGUR_CLIENT_ID, which every use of Imgur needs',
    ],
    [
      { IMGUR_REFRESH_TOKEN: 'hunter2', ...credentials },
      'IMGUR_REFRESH_TOKEN needs IMGUR_ACCESS_TOKEN and IMGUR_CLIENT_SECRET beside it',
    ],
    [
      { IMGUR_CLIENT_SECRET: 'hunter2', ...credentials },
      'IMGUR_CLIENT_SECRET is of use only with IMGUR_REFRESH_TOKEN, which is not set',
    ],
    [{ MONITOR_PORT: '-5' }, 'MONITOR_PORT is "-5"; it must be a whole number from 0 to 65535'],
    [
      { MONITOR_USER: 'me' },
      'MONITOR_USER and MONITOR_PASSWORD belong together, and only one of them is set',
    ],
    [
      { MONITOR_PASSWORD: 'hunter2' },
      'MONITOR_USER and MONITOR_PASSWORD belong together, and only one of them is set',
    ],
    [
      { MONITOR_USER: 'me:you', MONITOR_PASSWORD: 'hunter2hunter2' },
      'MONITOR_USER must be 1 to 100 characters, without a colon or a control character',
    ],
    [
      { MONITOR_USER: 'me', MONITOR_PASSWORD: 'hunter2' },
      'MONITOR_PASSWORD must have at least 8 characters, none of them a control character',
    ],
    [
      { MONITOR_ALLOW_ANONYMOUS: 'read', MONITOR_HOST_NAMES: 'ops.example:5555' },
      'MONITOR_HOST_NAMES holds "ops.example:5555"; each entry must be a name as it stands in a URL, without a port',
    ],
    [
      { MONITOR_CLIENT_HEADER: 'x real ip' },
      'MONITOR_CLIENT_HEADER is "x real ip"; it must be the name of a header, such as x-real-ip',
    ],
    [{ MONITOR_ALLOW_ANONYMOUS: 'yes' }, 'MONITOR_ALLOW_ANONYMOUS is "yes"; the only value it takes is read'],
  ])('refuses %j with one sentence that names the variable and never a secret', (env, message) => {
    expect(() => readConfig(env)).toThrow(new ConfigError(message));
    expect(message).not.toContain('hunter2');
  });

  it('cuts a long value in its message', () => {
    expect(() => readConfig({ PORT: '9'.repeat(500) })).toThrow(/^PORT is "9{60}…"; it must/);
  });
});
