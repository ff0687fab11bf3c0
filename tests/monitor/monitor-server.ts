import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { silentLogger } from '@imgferry/core';
import { toNodeHandler } from '@imgferry/http-adapter';
import type { Monitor } from '@imgferry/monitor';

/** A monitor on a real server, which can go away and come back at the same address. */
export class MonitorServer {
  /** Where it listens, with the slash at the end. */
  readonly url: string;
  /** Every request that came, oldest first. */
  readonly asked: IncomingMessage[] = [];
  readonly #monitor: Monitor;
  #server: Server;
  #streams = 0;

  private constructor(monitor: Monitor, server: Server) {
    this.#monitor = monitor;
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  static async open(monitor: Monitor): Promise<MonitorServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const opened = new MonitorServer(monitor, server);
    opened.#serve();
    return opened;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** How many streams of events are open. */
  get streams(): number {
    return this.#streams;
  }

  /** What was asked for, as `GET /api/overview`. */
  get lines(): string[] {
    return this.asked.map(({ method, url }) => `${method} ${url}`);
  }

  /** Ends every connection; new ones can be made. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }

  /** Listens at the same port again. */
  async restart(): Promise<void> {
    this.#server = createServer();
    this.#serve();
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  #serve(): void {
    const handle = toNodeHandler(this.#monitor, { logger: silentLogger });
    this.#server.on('request', (incoming: IncomingMessage, outgoing) => {
      this.asked.push(incoming);
      if (incoming.url?.startsWith('/api/live')) {
        this.#streams += 1;
        outgoing.once('close', () => {
          this.#streams -= 1;
        });
      }
      handle(incoming, outgoing);
    });
  }
}
