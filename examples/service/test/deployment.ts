import { silentLogger } from '@imgferry/core';
import { type PictureRoute, type PictureServer, startPictureServer } from '@imgferry/core/testing';
import { RedisStore } from '@imgferry/redis-store';
import { KEEPS_ALL, type RedisServer, startRedisServer } from '../../../tests/setup/redis-server.ts';
import { isRunning, Programs, urlOf } from './programs.ts';
import type { Program } from './start-program.ts';

/** What no log may hold. */
export const secrets = { clientId: 'canary-client-id-5d1f', redisPassword: 'canary-redis-password-7e2a' };

/** What compose.yaml starts, as processes on this machine, with a web of pictures to ferry. */
export interface Deployment {
  readonly programs: Programs;
  readonly redis: RedisServer;
  /** Where Redis is and what its keys begin with, for looking into it. */
  readonly redisOptions: { readonly url: string; readonly namespace: string };
  readonly store: RedisStore;
  readonly pictures: PictureServer;
  readonly standIn: Program;
  readonly standInUrl: string;
  readonly api: Program;
  readonly apiUrl: string;
  /** Starts a worker, and resolves when it works. */
  addWorker(env?: Readonly<Record<string, string>>): Promise<Program>;
  /** Starts a monitor, which is told where Redis is and nothing else, and resolves when it listens. */
  addMonitor(env?: Readonly<Record<string, string>>): Promise<Program>;
  /** Ends what is left of it at once. */
  close(): Promise<void>;
}

/** Starts all but the workers. */
export async function deploy(routes: Readonly<Record<string, PictureRoute>>): Promise<Deployment> {
  const programs = new Programs();
  const [pictures, redis] = await Promise.all([
    startPictureServer(routes),
    startRedisServer(...KEEPS_ALL, '--requirepass', secrets.redisPassword),
  ]);
  const redisOptions = {
    url: `redis://:${secrets.redisPassword}@127.0.0.1:${redis.port}`,
    namespace: 'deployment',
    logger: silentLogger,
  };
  const standIn = programs.start('stand-in', { STAND_IN_LIMITS: 'none', LOG_LEVEL: 'debug' });
  const standInUrl = await urlOf(standIn);
  const jobs = {
    REDIS_URL: redisOptions.url,
    NAMESPACE: redisOptions.namespace,
    // All that could be told is told, so that what must not be would be found.
    LOG_LEVEL: 'debug',
  };
  const fleet = {
    ...jobs,
    IMGUR_CLIENT_ID: secrets.clientId,
    IMGUR_API_URL: standInUrl,
    SOURCE_ALLOW: '127.0.0.1',
  };
  const api = programs.start('api', fleet);
  const store = new RedisStore(redisOptions);
  return {
    programs,
    redis,
    redisOptions,
    store,
    pictures,
    standIn,
    standInUrl,
    api,
    apiUrl: await urlOf(api),
    async addWorker(env = {}) {
      const worker = programs.start('worker', { ...fleet, ...env });
      await worker.seen(/Ctrl-C/);
      return worker;
    },
    async addMonitor(env = {}) {
      const monitor = programs.start('monitor', { ...jobs, ...env });
      await urlOf(monitor);
      return monitor;
    },
    async close() {
      await programs.killAll();
      await store.close();
      await Promise.all([redis.close(), pictures.close()]);
    },
  };
}

/** Ends a program in good order and answers its exit code, or the signal that killed it. */
export async function stop({ process, ended }: Program): Promise<number | NodeJS.Signals | null> {
  process.kill('SIGTERM');
  const { code, signal } = await ended;
  return code ?? signal;
}

/** All that the programs wrote, in one. */
export function writtenBy({ started }: Programs): string {
  return started.map((program) => program.stdout() + program.stderr()).join('\n');
}

/** How many programs have ended. */
export function endedOf({ started }: Programs): number {
  return started.filter((program) => !isRunning(program)).length;
}
