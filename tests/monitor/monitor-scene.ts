import type { TestContext } from 'vitest';

import { type Store, silentLogger, Uploader, type UploaderOptions } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import {
  type ImgurStandIn,
  type ImgurStandInOptions,
  type PictureServer,
  sampleImage,
  startImgurStandIn,
  startPictureServer,
} from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';
import { createMonitor, type MonitorAccess, type MonitorOptions } from '@imgferry/monitor';
import { type FleetProcess, FleetScene } from '../fleet-scene.ts';
import { MonitorServer } from './monitor-server.ts';

/** What a monitor is mounted on, and what it shows. */
export interface MonitorScene {
  /** The uploader that the monitor was made of. */
  readonly uploader: Uploader;
  readonly pictures: PictureServer;
  readonly imgur: ImgurStandIn;
  readonly server: MonitorServer;
  /** URLs of pictures that all differ. */
  urls(count: number): string[];
  /** Begins to work. Answers the processes that do, where that is not this one. */
  work(): Promise<readonly FleetProcess[]>;
}

/** What a test changes. */
export interface SceneChanges extends Partial<MonitorOptions> {
  /** What of its store is otherwise. Only for the one in memory. */
  readonly store?: (store: Store) => Store;
  readonly workerId?: string;
  /** How many uploads run at once, in all. @default 4 */
  readonly slots?: number;
  readonly imgur?: ImgurStandInOptions;
}

type OnTestFinished = TestContext['onTestFinished'];

/** A job whose uploads wait for nothing but what a test holds back. */
const hasty: Partial<UploaderOptions> = {
  leaseMs: 1_500,
  heartbeatMs: 200,
  pollMs: 200,
  retries: 0,
  maxAttempts: 2,
  attemptDelayMs: 1,
  progressMs: 50,
  logger: silentLogger,
};

/** The monitor in the process that does the work, which keeps everything in memory. */
export async function memoryScene(
  onTestFinished: OnTestFinished,
  { store: changed = (store) => store, workerId, slots = 4, imgur: limits, ...options }: SceneChanges = {},
): Promise<MonitorScene> {
  const imgur = await startImgurStandIn(limits);
  const pictures = await startPictureServer({});
  const memory = new MemoryStore();
  const store = changed(memory);
  const source = createHttpSource({ allow: ['127.0.0.1'], connectionsPerHost: 8 });
  const host = createImgurHost({ clientId: 'any', apiUrl: imgur.url });
  const named = workerId === undefined ? {} : { workerId };
  const uploader = new Uploader({ store, source, host, concurrency: slots, ...hasty, ...named });
  const server = await mount(uploader, options);
  onTestFinished(async () => {
    await server.stop();
    await uploader.stop({ timeoutMs: 0 });
    await Promise.all([memory.close(), source.close(), host.close(), pictures.close(), imgur.close()]);
  });
  return {
    uploader,
    pictures,
    imgur,
    server,
    urls: (count) =>
      Array.from({ length: count }, (_, index) => {
        pictures.set(`/${index}.png`, sampleImage('image/png', { bytes: 2_000, seed: index }));
        return pictures.urlOf(`/${index}.png`);
      }),
    async work() {
      uploader.start();
      return [];
    },
  };
}

/** The monitor in a process that works on nothing, and two that do, on one Redis. */
export async function redisScene(
  onTestFinished: OnTestFinished,
  { store: _, workerId: __, slots = 4, imgur: limits, ...options }: SceneChanges = {},
): Promise<MonitorScene> {
  const fleet = await FleetScene.open(onTestFinished, { limits: {}, ...limits });
  const uploader = fleet.member(hasty);
  const server = await mount(uploader, options);
  fleet.later(() => server.stop());
  return {
    uploader,
    pictures: fleet.pictures,
    imgur: fleet.imgur,
    server,
    urls: (count) => fleet.urls(count),
    work: () => {
      const facts = { concurrency: slots / 2, heartbeatMs: 200 };
      return Promise.all([fleet.process('worker', facts), fleet.process('worker', facts)]);
    },
  };
}

export const scenes = { memory: memoryScene, Redis: redisScene } as const;
export const sceneNames = Object.keys(scenes) as readonly (keyof typeof scenes)[];

const loopback: MonitorAccess = { loopback: '127.0.0.1' };

function mount(uploader: Uploader, options: Partial<MonitorOptions>): Promise<MonitorServer> {
  return MonitorServer.open(
    createMonitor(uploader, { access: loopback, refreshMs: 100, logger: silentLogger, ...options }),
  );
}
