import { setTimeout as sleep } from 'node:timers/promises';

import { StoreUnavailableError, silentLogger } from '@imgferry/core';
import { checkInvariants } from '@imgferry/redis-store';
import type { Diary } from './diary.ts';
import { namespace, type World } from './world.ts';

/** Looks over and over whether all that is kept agrees, while everything goes on. */
export async function watchInvariants(
  world: World,
  diary: Diary,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(everyMs, undefined, { signal }).catch(() => {});
    if (!signal.aborted) await lookAtInvariants(world, diary);
  }
}

/** Looks once. A Redis that is away has nothing to be looked at. */
export async function lookAtInvariants(world: World, diary: Diary): Promise<void> {
  try {
    const { jobs, violations } = await checkInvariants({
      url: world.redisUrl,
      namespace,
      logger: silentLogger,
      timeoutMs: 20_000,
    });
    diary.count('invariants checked', { jobs });
    for (const each of violations) diary.violation(`the store does not agree with itself: ${each}`);
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    diary.note('invariants not checked', { reason: error.message });
  }
}

/** Within this time a worker works again once nothing is done to it; half of it is for noticing that a connection is dead. */
const backWithinMs = 13_000;

/** Looks whether workers come back by themselves from what was done to them and to Redis. */
export async function watchWorkers(world: World, diary: Diary, signal: AbortSignal): Promise<void> {
  const told = new Set<number>();
  while (!signal.aborted) {
    await sleep(1_000, undefined, { signal }).catch(() => {});
    const members = await world.store.fleet.list().catch(() => undefined);
    if (members === undefined) continue;
    for (const [slot, { name, pid }] of world.workers.entries()) {
      if (told.has(pid) || world.calmMs(slot) < backWithinMs) continue;
      const states = members.filter((member) => member.pid === pid).map(({ state }) => state);
      if (states.includes('online')) continue;
      told.add(pid);
      diary.violation(
        `${name} is ${states[0] ?? 'unknown'} although nothing was done to it for ${backWithinMs} ms`,
      );
    }
  }
}
