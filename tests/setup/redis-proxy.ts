import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a Redis that can fail as networks do. */
export interface RedisProxy {
  readonly url: string;
  /**
   * From now on what comes and goes is dropped, and nobody is told: neither side sees its connection end. With `replies`
   * only what Redis answers is dropped.
   */
  swallow(what?: 'all' | 'replies'): void;
  /** From now on a connection is swallowed as soon as it sends such a command, which does not arrive. */
  swallowAfter(command: string): void;
  /** How many connections are swallowed. */
  readonly swallowed: number;
  /** Connections that are made from now on work. Those that were swallowed stay dead. */
  heal(): void;
  /** Cuts every connection. New ones can be made. */
  cut(): void;
  /** Sends what follows to another Redis, as a name does that moves to a new master, and cuts what there is. */
  moveTo(url: string): void;
  /** How many connections there are, and how many there have been. */
  readonly connections: number;
  readonly made: number;
  close(): Promise<void>;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  swallows: 'nothing' | 'replies' | 'all';
}

/** Starts a proxy in front of a Redis on a free port of the loopback address. */
export async function startRedisProxy(redisUrl: string): Promise<RedisProxy> {
  const pairs = new Set<Pair>();
  let target = new URL(redisUrl);
  let swallows: Pair['swallows'] = 'nothing';
  let made = 0;
  let last: string | undefined;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    const pair: Pair = { near, far, swallows };
    pairs.add(pair);
    made += 1;
    for (const socket of [near, far]) socket.on('error', () => {});
    near.on('data', (chunk) => {
      if (last !== undefined && chunk.toString('latin1').includes(`\r\n${last}\r\n`)) pair.swallows = 'all';
      if (pair.swallows !== 'all') far.write(chunk);
    });
    far.on('data', (chunk) => pair.swallows === 'nothing' && near.write(chunk));
    near.on('close', () => {
      pairs.delete(pair);
      far.destroy();
    });
    far.on('close', () => pair.swallows === 'nothing' && near.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const cut = (): void => {
    for (const { near, far } of pairs) for (const socket of [near, far]) socket.destroy();
  };
  return {
    url: `redis://127.0.0.1:${address.port}`,
    swallow(what = 'all') {
      swallows = what;
      for (const pair of pairs) pair.swallows = what;
    },
    swallowAfter(command) {
      last = command;
    },
    get swallowed() {
      return [...pairs].filter((pair) => pair.swallows !== 'nothing').length;
    },
    heal() {
      swallows = 'nothing';
      last = undefined;
    },
    cut,
    moveTo(url) {
      target = new URL(url);
      cut();
    },
    get connections() {
      return pairs.size;
    },
    get made() {
      return made;
    },
    async close() {
      cut();
      server.close();
    },
  };
}
