import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { ConfigError } from './env.ts';

/**
 * Listens on HOST and PORT and answers the URL to reach it by. `variable` is the one that the port is from.
 * @throws ConfigError when the address is taken or not of this machine
 */
export async function listen(
  server: Server,
  host: string,
  port: number,
  variable: string = 'PORT',
): Promise<string> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw cannotListen(error, host, port, variable);
  }
  return `http://${reachableName(host)}:${(server.address() as AddressInfo).port}`;
}

/**
 * Takes no more connections and waits for the work. Then answers under way get a while to finish, and what is left
 * (an event stream, a reader that stalls) is cut.
 */
export async function closeAfter(server: Server, work: Promise<void>, graceMs: number): Promise<void> {
  const allAnswered = new AbortController();
  const closed = once(server, 'close').then(() => allAnswered.abort());
  server.close();
  await work;
  server.closeIdleConnections();
  await sleep(graceMs, undefined, { signal: allAnswered.signal }).catch(() => {});
  server.closeAllConnections();
  await closed;
}

/** Why a server can not listen, as a sentence about the variables that said where. */
export function cannotListen(
  error: unknown,
  host: string,
  port: number,
  variable: string = 'PORT',
): ConfigError {
  return new ConfigError(whyNot(error, host, port, variable), { cause: error });
}

function whyNot(error: unknown, host: string, port: number, variable: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return `${variable} ${port} on ${host} is in use by another program; set ${variable} to a free one`;
  if (code === 'EACCES')
    return `${variable} ${port} on ${host} may not be opened by this user; set ${variable} to one from 1024`;
  return `HOST ${JSON.stringify(host)} can not be listened on (${String(code ?? error)}); set it to an address of this machine`;
}

/** A wildcard address is for listening; to connect, loopback will do. */
function reachableName(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
