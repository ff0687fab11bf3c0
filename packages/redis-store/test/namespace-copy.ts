import type { Redis } from 'ioredis';

const DIGEST = `
local names = redis.call('KEYS', ARGV[1] .. '*')
table.sort(names)
local all, without_times = {}, {}
for _, name in ipairs(names) do
  local one = name .. redis.sha1hex(redis.call('DUMP', name))
  all[#all + 1] = one
  local suffix = string.sub(name, #ARGV[1] + 1)
  if suffix ~= 'events' and suffix ~= 'meta' then without_times[#without_times + 1] = one end
end
return { redis.sha1hex(table.concat(all)), redis.sha1hex(table.concat(without_times)) }`;

const COPY_ALL = `
for _, name in ipairs(redis.call('KEYS', ARGV[2] .. '*')) do redis.call('DEL', name) end
for _, name in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
  redis.call('COPY', name, ARGV[2] .. string.sub(name, #ARGV[1] + 1))
end`;

/** Each is the same only when every key holds the same; `timeless` leaves out the history, whose ids are times. */
export interface NamespaceDigest {
  readonly whole: string;
  readonly timeless: string;
}

/** All keys of a namespace as they were, to begin from again. Needs a Redis of its own: it looks at all keys there are. */
export class NamespaceCopy {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  async take(): Promise<void> {
    await this.#redis.eval(COPY_ALL, 0, this.#prefix, `copy of ${this.#prefix}`);
  }

  async restore(): Promise<void> {
    await this.#redis.eval(COPY_ALL, 0, `copy of ${this.#prefix}`, this.#prefix);
  }

  async restoreOne(suffix: string): Promise<void> {
    await this.#redis.copy(`copy of ${this.#prefix}${suffix}`, this.#prefix + suffix, 'REPLACE');
  }

  async digest(): Promise<NamespaceDigest> {
    const [whole, timeless] = (await this.#redis.eval(DIGEST, 0, this.#prefix)) as [string, string];
    return { whole, timeless };
  }
}
