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
