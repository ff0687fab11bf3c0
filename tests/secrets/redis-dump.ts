import type { Redis } from 'ioredis';

const READS: Readonly<Record<string, (key: string) => readonly [string, ...(string | number)[]]>> = {
  string: (key) => ['GET', key],
  hash: (key) => ['HGETALL', key],
  list: (key) => ['LRANGE', key, 0, -1],
  set: (key) => ['SMEMBERS', key],
  zset: (key) => ['ZRANGE', key, 0, -1, 'WITHSCORES'],
  stream: (key) => ['XRANGE', key, '-', '+'],
};

/** Every key with all that it holds. */
export async function dumpOf(redis: Redis): Promise<ReadonlyMap<string, string>> {
  const dump = new Map<string, string>();
  for await (const keys of redis.scanStream({ count: 1_000 }))
    for (const key of keys as string[]) {
      const type = await redis.type(key);
      // Its time was over since it was found.
      if (type === 'none') continue;
      const read = READS[type];
      if (read === undefined) throw new Error(`a key of a type that is not known: ${key}`);
      const [command, ...args] = read(key);
      dump.set(key, textOf(await redis.callBuffer(command, ...args)));
    }
  return dump;
}

function textOf(reply: unknown): string {
  if (Array.isArray(reply)) return reply.map(textOf).join('\n');
  return Buffer.isBuffer(reply) ? reply.toString('latin1') : String(reply);
}
