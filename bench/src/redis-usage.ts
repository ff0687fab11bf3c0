import { Redis } from 'ioredis';

/** What a Redis has done since it was started. */
export interface RedisUsage {
  readonly cpuSeconds: number;
  /** Commands, those that scripts call included. */
  readonly commands: number;
  /**
   * How often it has read something from a connection (`total_reads_processed`). What a client writes in one go is one
   * read, however many commands are in it, and several where it is longer than Redis reads at once (16 KB). So a read
   * stands for a round trip as the network sees it, and not for a command that somebody waits for.
   */
  readonly reads: number;
  /** Both ways. */
  readonly bytesOnTheWire: number;
}

/** Reads what a Redis has done. */
export class RedisMeter {
  readonly #redis: Redis;

  constructor(url: string) {
    this.#redis = new Redis(url);
  }

  async read(): Promise<RedisUsage> {
    const info = String(await this.#redis.info('everything'));
    const fact = (name: string): number => factOf(info, name);
    const calls = [...info.matchAll(/^cmdstat_[^:]+:calls=(\d+)/gm)].map(([, count]) => Number(count));
    if (calls.length === 0) throw new Error('this Redis does not count its commands');
    return {
      cpuSeconds: fact('used_cpu_user') + fact('used_cpu_sys'),
      commands: calls.reduce((sum, count) => sum + count, 0),
      reads: fact('total_reads_processed'),
      bytesOnTheWire: fact('total_net_input_bytes') + fact('total_net_output_bytes'),
    };
  }

  close(): void {
    this.#redis.disconnect();
  }
}

/** A number that INFO tells. A Redis that does not tell it would look as if it cost nothing, so then it throws. */
export function factOf(info: string, name: string): number {
  const value = new RegExp(`^${name}:(\\d+(?:\\.\\d+)?)\r?$`, 'm').exec(info)?.[1];
  if (value === undefined) throw new Error(`this Redis does not tell its ${name}`);
  return Number(value);
}
