import type { Diary } from './diary.ts';
import { namespace, type World } from './world.ts';

/** What may be left when every job is forgotten: what is kept for good, or for a time of its own. */
const mayStay =
  /^(meta|totals|outcomes|minutes|durations|failures|hosts|buckets|links|events|pauses|pause:.*|workers|delaying|bucket:.*|worker:.*|commands:.*|claims:.*|idem:.*)$/;
const prefix = `{${namespace}}:`;

/** What Redis uses, in bytes: all in all, and for data alone, without scripts and connections. */
export interface MemoryUse {
  readonly all: number;
  readonly data: number;
}

export async function usedMemory({ client }: World): Promise<MemoryUse> {
  const info = await client.info('memory');
  const figure = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return { all: figure('used_memory'), data: figure('used_memory_dataset') };
}

/**
 * Makes every job as old as jobs get, lets the store forget them as it does, and looks at what is left. Answers how many
 * bytes that is, by the first word of its keys.
 */
export async function forgetJobs(world: World, diary: Diary): Promise<ReadonlyMap<string, number>> {
  const { client, store } = world;
  const jobs = await makeOld(world, 'expiry');
  // Large submits that broke off half-way.
  const staged = await makeOld(world, 'staging');
  const left = async (): Promise<number> =>
    (await client.zcard(`${prefix}jobs`)) +
    (await client.zcard(`${prefix}staging`)) +
    (await client.llen(`${prefix}trash`));
  // A claim forgets a few jobs each time; there is nothing to claim any more.
  const claim = { host: 'imgur', limit: 1, leaseMs: 1_000, workerId: 'soak' };
  for (let claims = 0; (await left()) > 0 && claims < 10 * (jobs + staged) + 1_000; claims += 1)
    await store.queue.claim(claim);
  const bytes = new Map<string, number>();
  for (const key of await allKeys(world)) {
    if (!mayStay.test(key)) diary.violation(`${key} is left although every job was forgotten`);
    const kind = key.split(':')[0] ?? '';
    const used = Number((await client.memory('USAGE', prefix + key, 'SAMPLES', '0')) ?? 0);
    bytes.set(kind, (bytes.get(kind) ?? 0) + used);
  }
  await client.memory('PURGE');
  return bytes;
}

/** Moves every time of a sorted set to the beginning of 1970. Answers how many those are. */
async function makeOld({ client }: World, key: string): Promise<number> {
  const ids = await client.zrange(prefix + key, 0, '-1');
  for (let at = 0; at < ids.length; at += 1_000)
    await client.zadd(prefix + key, ...ids.slice(at, at + 1_000).flatMap((id) => ['1', id]));
  return ids.length;
}

async function allKeys({ client }: World): Promise<string[]> {
  const keys: string[] = [];
  let cursor = '0';
  do {
    const [next, found] = await client.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1_000);
    keys.push(...found.map((key) => key.slice(prefix.length)));
    cursor = next;
  } while (cursor !== '0');
  return keys;
}
