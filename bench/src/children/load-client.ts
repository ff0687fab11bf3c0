// Asks for one thing over and over on some connections, each answer before the next request, and costs next to nothing.
// `load-client.ts <connections>`
import { connect, type Socket } from 'node:net';

import { answerCalls } from '../answer-calls.ts';

const connections = Number(process.argv[2]);

const calls = { load };

/** What can be asked of this process. */
export type LoadClient = typeof calls;

answerCalls(calls, async () => {});

/** Answers how many seconds so many answers of so many bytes took. */
async function load({
  url,
  bytes,
  requests,
}: {
  readonly url: string;
  readonly bytes: number;
  readonly requests: number;
}): Promise<number> {
  const { port, host, pathname } = new URL(url);
  const request = `GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n\r\n`;
  const sockets = Array.from({ length: connections }, () =>
    connect({ port: Number(port), host: '127.0.0.1', noDelay: true }),
  );
  const begunAt = performance.now();
  await Promise.all(sockets.map((socket) => askOn(socket, request, bytes, requests / connections)));
  return (performance.now() - begunAt) / 1_000;
}

function askOn(socket: Socket, request: string, bytes: number, times: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = times;
    let missing = bytes;
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server has closed a connection')));
    socket.on('data', ({ length }) => {
      missing -= length;
      if (missing < 0) return reject(new Error('an answer is longer than the first'));
      if (missing > 0) return;
      left -= 1;
      missing = bytes;
      if (left > 0) return socket.write(request);
      socket.removeAllListeners('close').destroy();
      resolve();
    });
    socket.write(request);
  });
}
