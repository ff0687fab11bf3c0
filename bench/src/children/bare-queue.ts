import { randomUUID } from 'node:crypto';

import { Redis } from 'ioredis';

/** An upload that somebody may begin with. */
export interface BareUpload {
  readonly job: string;
  readonly index: number;
  readonly url: string;
}

/** Where uploads come from and go to. */
export interface Queue {
  submit(jobs: readonly string[][]): Promise<void>;
  /** The next one, `undefined` when there is none. */
  next(): Promise<BareUpload | undefined>;
  settle(upload: BareUpload, link: string): void;
  /** Resolves when all that was settled is kept. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Keeps nothing. */
export class MemoryQueue implements Queue {
  #urls: string[] = [];
  #at = 0;

  async submit(jobs: readonly string[][]): Promise<void> {
    this.#urls = jobs.flat();
    this.#at = 0;
  }

  async next(): Promise<BareUpload | undefined> {
    const url = this.#urls[this.#at];
    this.#at += 1;
    return url === undefined ? undefined : { job: '', index: this.#at, url };
  }

  settle(): void {}
  async settled(): Promise<void> {}
  async close(): Promise<void> {}
}

/** Hands out up to 16 URLs of the job at the front of the ring, then of the next, until there are enough. */
const claimScript = `
local answer, left = {}, tonumber(ARGV[1])
while left > 0 do
  local id = redis.call('LPOP', KEYS[1])
  if not id then break end
  local at = tonumber(redis.call('HGET', KEYS[2], id))
  local urls = redis.call('LRANGE', KEYS[1] .. id, at, at + math.min(16, left) - 1)
  if #urls > 0 then
    redis.call('HSET', KEYS[2], id, at + #urls)
    redis.call('RPUSH', KEYS[1], id)
    redis.call('ZADD', KEYS[3], ARGV[2], id .. ' ' .. at .. ' ' .. #urls)
    answer[#answer + 1] = { id, at, urls }
    left = left - #urls
  end
end
return answer`;

/** Keeps links, many at a time. */
const settleScript = `
local sent = cjson.decode(ARGV[1])
for id, links in pairs(sent) do
  redis.call('HSET', KEYS[1] .. id .. 'links', unpack(links))
  redis.call('HINCRBY', KEYS[2], id .. 'done', #links / 2)
end
return 1`;

const mostAClaim = 64;

/** The least that keeps jobs in Redis and hands them out: no retries, no fencing, no limits, no events. */
export class BareQueue implements Queue {
  readonly #redis: Redis;
  readonly #ahead: number;
  readonly #claimed: BareUpload[] = [];
  #claiming: Promise<void> | undefined;
  #isEmpty = false;
  #settling: Promise<void> | undefined;
  #done = new Map<string, (string | number)[]>();

  constructor(url: string, slots: number) {
    this.#redis = new Redis(url, { enableAutoPipelining: true });
    this.#ahead = slots / 2;
    this.#redis.defineCommand('claim', { lua: claimScript, numberOfKeys: 3 });
    this.#redis.defineCommand('settleAll', { lua: settleScript, numberOfKeys: 2 });
  }

  async submit(jobs: readonly string[][]): Promise<void> {
    this.#isEmpty = false;
    await Promise.all(
      jobs.map(async (urls) => {
        const id = randomUUID();
        await this.#redis
          .multi()
          .rpush(`{q}${id}`, ...urls)
          .hset('{q}at', id, 0)
          .rpush('{q}', id)
          .exec();
      }),
    );
  }

  async next(): Promise<BareUpload | undefined> {
    if (this.#claimed.length < this.#ahead && !this.#isEmpty) this.#claiming ??= this.#claim();
    while (this.#claimed.length === 0 && this.#claiming !== undefined) await this.#claiming;
    return this.#claimed.shift();
  }

  settle({ job, index }: BareUpload, link: string): void {
    const done = this.#done.get(job) ?? [];
    done.push(index, link);
    this.#done.set(job, done);
    this.#settling ??= this.#settleAll();
  }

  async settled(): Promise<void> {
    await this.#settling;
  }

  async close(): Promise<void> {
    await this.#redis.quit();
  }

  async #claim(): Promise<void> {
    const answer = (await this.#call('claim', '{q}', '{q}at', '{q}out', mostAClaim, Date.now())) as [
      string,
      number,
      string[],
    ][];
    for (const [job, first, urls] of answer)
      for (const [at, url] of urls.entries()) this.#claimed.push({ job, index: first + at, url });
    this.#isEmpty = answer.length === 0;
    this.#claiming = undefined;
  }

  async #settleAll(): Promise<void> {
    await new Promise(setImmediate);
    while (this.#done.size > 0) {
      const done = JSON.stringify(Object.fromEntries(this.#done));
      this.#done = new Map();
      await this.#call('settleAll', '{q}', '{q}at', done);
    }
    this.#settling = undefined;
  }

  #call(name: string, ...args: (string | number)[]): Promise<unknown> {
    return (this.#redis as unknown as Record<string, (...args: (string | number)[]) => Promise<unknown>>)[
      name
    ]?.(...args) as Promise<unknown>;
  }
}
