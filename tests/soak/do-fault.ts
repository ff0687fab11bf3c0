import { setTimeout as sleep } from 'node:timers/promises';

import { imgurReplies } from '@imgferry/core/testing';
import type { Diary } from './diary.ts';
import type { FaultKind, Lane, PlannedFault } from './plan.ts';
import { drainTimeoutMs, type World } from './world.ts';

/** What a drain may take beyond its deadline: handing back and leaving, with a Redis that may be away. */
const drainGraceMs = 5_000;

/** Does the faults of a lane one after the other. What a fault has broken is whole again when its turn is over. */
export async function doFaults(lane: Lane, world: World, diary: Diary, signal: AbortSignal): Promise<void> {
  for (const fault of lane.faults) {
    await sleep(fault.afterMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    diary.count(fault.kind, { lane: lane.name, ...fault });
    const calm = world.disturb(disturbed(fault));
    await faults[fault.kind](world, fault, diary);
    calm();
    diary.note('over', { lane: lane.name, kind: fault.kind });
  }
}

/** Which workers a fault keeps from working, apart from what the host does. */
function disturbed({ kind, worker }: PlannedFault): number | 'all' | undefined {
  if (kind.startsWith('worker')) return worker;
  return kind.startsWith('Redis') ? 'all' : undefined;
}

type Fault = (world: World, fault: PlannedFault, diary: Diary) => Promise<void>;

const faults: Readonly<Record<FaultKind, Fault>> = {
  async 'worker killed'(world, { worker }) {
    await world.workers[worker]?.kill();
    await world.startWorker(worker);
  },
  async 'worker frozen'(world, { worker, forMs }) {
    world.workers[worker]?.freeze();
    await sleep(forMs);
    world.workers[worker]?.thaw();
  },
  async 'worker drained and replaced'(world, { worker }, diary) {
    const leaving = world.workers[worker];
    const ending = leaving?.drain(drainTimeoutMs + drainGraceMs);
    await world.startWorker(worker);
    const how = await ending;
    if (how === undefined) {
      diary.violation(`${leaving?.name} did not end within ${drainTimeoutMs + drainGraceMs} ms of SIGTERM`);
      await leaving?.kill();
    } else if (how.code !== 0) {
      diary.violation(`${leaving?.name} was drained and ended with ${how.code ?? how.signal}`);
    }
  },
  async 'worker cut off from Redis'({ proxies }, { worker }) {
    proxies[worker]?.cut();
  },
  async 'worker swallowed'({ proxies }, { worker, forMs }) {
    await swallow(proxies[worker], forMs);
  },
  async 'Redis killed'({ redis }, { forMs }) {
    await redis.kill();
    await sleep(forMs);
    await redis.restart();
  },
  async 'Redis frozen'({ redis }, { forMs }) {
    redis.signal('SIGSTOP');
    await sleep(forMs);
    redis.signal('SIGCONT');
  },
  async 'api swallowed'({ proxies }, { forMs }) {
    await swallow(proxies.at(-1), forMs);
  },
  async 'api killed'(world) {
    await world.api.kill();
    await world.startApi();
  },
  async 'host slow'({ host }, { forMs }) {
    await answering(host, imgurReplies.delay(forMs / 2), forMs);
  },
  async 'host answers 500'({ host }, { forMs }) {
    await answering(host, imgurReplies.htmlPage(500), forMs);
  },
  async 'host answers 429'({ host }, { forMs }) {
    const resetSeconds = String(Math.ceil(forMs / 1_000));
    const empty = { 'X-RateLimit-UserRemaining': '0', 'X-RateLimit-UserReset': resetSeconds };
    host.next(imgurReplies.withHeaders(empty, imgurReplies.tooManyRequests()));
    await sleep(forMs);
  },
  async 'host cuts after it has the image'({ host }, { forMs }) {
    await answering(host, imgurReplies.resetAfterBody(), forMs / 4);
  },
  async 'host cuts in the middle of its answer'({ host }, { forMs }) {
    await answering(host, imgurReplies.truncatedReply(), forMs / 4);
  },
  async 'host cuts before it has the image'({ host }, { forMs }) {
    await answering(host, imgurReplies.resetBeforeBody(), forMs / 4);
  },
};

async function answering(
  host: World['host'],
  reply: Parameters<World['host']['always']>[0],
  forMs: number,
): Promise<void> {
  host.always(reply);
  await sleep(forMs);
  host.always(undefined);
}

/** The connections there are stay dead; those that are made afterwards work. */
async function swallow(proxy: World['proxies'][number] | undefined, forMs: number): Promise<void> {
  proxy?.swallow();
  await sleep(forMs);
  proxy?.heal();
}
