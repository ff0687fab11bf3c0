import { Redis } from 'ioredis';

/** What a Redis has done since it was started. */
export interface RedisUsage {
  readonly cpuSeconds: number;
  /** Commands, those that scripts call included. */
  readonly commands: number;
  /** Requests that came over the wire and had to be answered. */
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
    const fact = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? 0);
    const calls = [...info.matchAll(/^cmdstat_[^:]+:calls=(\d+)/gm)].map(([, count]) => Number(count));
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
