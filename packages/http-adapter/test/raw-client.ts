import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection on which a test says every byte itself. */
export interface RawClient {
  readonly socket: Socket;
  /** Everything that came so far. */
  readonly received: string;
  send(text: string): void;
  /** Resolves when what came so far matches. */
  until(pattern: RegExp): Promise<string>;
  /** Resolves with everything that came, when the other side has closed. */
  closed(): Promise<string>;
  leave(): Promise<void>;
}

export async function connectRaw(port: number): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString();
  });
  // A reset is one of the ways in which the other side closes.
  socket.on('error', () => {});
  const close = once(socket, 'close');
  return {
    socket,
    get received() {
      return received;
    },
    send: (text) => void socket.write(text),
    async until(pattern) {
      while (!pattern.test(received)) {
        if (socket.destroyed) throw new Error(`closed before ${pattern}: ${received}`);
        await Promise.race([once(socket, 'data'), close]);
      }
      return received;
    },
    async closed() {
      await close;
      return received;
    },
    async leave() {
      socket.destroy();
      await close;
    },
  };
}
