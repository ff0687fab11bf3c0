import type { TestContext } from 'vitest';

import type { JobSummary, Uploader } from '@imgferry/core';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { FleetScene } from '../fleet-scene.ts';
import { type Kind, RaceStores } from './race-stores.ts';
import { Wire } from './wire.ts';

type Options = Parameters<FleetScene['member']>[0];

/** Members of a fleet on a store of either kind, each as a process would be: with a worker and a way to the store of its own. */
export class WorkerRace {
  readonly scene: FleetScene;
  readonly stores: RaceStores;
  /** Takes jobs in and steers them. It does not work. */
  readonly api: Uploader;

  private constructor(scene: FleetScene, stores: RaceStores) {
    this.scene = scene;
    this.stores = stores;
    this.api = scene.member({ store: stores.api });
  }

  static async open(kind: Kind, onTestFinished: TestContext['onTestFinished']): Promise<WorkerRace> {
    const stores = new RaceStores(kind, onTestFinished);
    const race = new WorkerRace(await FleetScene.open(onTestFinished), stores);
    await race.#knowLimits();
    return race;
  }

  /** So that nobody has to find out with one upload first. */
  async #knowLimits(): Promise<void> {
    const host = createImgurHost({ clientId: 'any', apiUrl: this.scene.imgur.url });
    const scope = host.budget ?? [];
    const buckets = scope.map((bucket) => ({ bucket, remaining: 100_000, resetInMs: 3_600_000 }));
    await this.stores.api.budget.observe({ scope, buckets });
    await host.close();
  }

  /** A member that works, and what it has told of its uploads so far. */
  worker(options: Options = {}) {
    const wire = new Wire(this.stores.open());
    const uploader = this.scene.member({
      ...{ store: wire.store, leaseMs: 60_000, heartbeatMs: 100, pollMs: 50 },
      ...{ attemptDelayMs: 1, retryDelayMs: 1 },
      ...options,
    });
    const told: {
      readonly name: string;
      readonly index?: number;
      readonly reason?: string;
      readonly job?: JobSummary;
    }[] = [];
    for (const name of [
      'upload:started',
      'upload:completed',
      'upload:failed',
      'upload:lost',
      'job:finished',
    ] as const)
      uploader.on(name, (event) => told.push({ name, ...event }));
    uploader.start();
    return { wire, uploader, told, of: (name: string) => told.filter((each) => each.name === name) };
  }
}

export const inTime = (): { readonly signal: AbortSignal } => ({ signal: AbortSignal.timeout(20_000) });
