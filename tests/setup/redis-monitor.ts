import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

/** A command that a Redis was sent, or that a script of it ran. */
export interface MonitoredCommand {
  readonly args: readonly string[];
  /** The address of who sent it; `lua` for a script. */
  readonly from: string;
}

/**
 * Hears every command that a Redis runs from now on; answers the function that ends it. Reads MONITOR by itself: ioredis
 * can take what comes right behind the `OK` for a reply, and throws.
 */
export async function monitorRedis(
  url: string,
  heard: (command: MonitoredCommand) => void,
): Promise<() => void> {
  const { hostname, port, username, password } = new URL(url);
  const socket = connect(Number(port || 6_379), hostname);
  await once(socket, 'connect');
  // Whoever watched is told by what they wait for.
  socket.on('error', () => {});
  const credentials = [username || 'default', password]
    .map(decodeURIComponent)
    .map((each) => JSON.stringify(each));
  const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY });
  const begun = new Promise<void>((resolve, reject) => {
    let expected = password === '' ? 1 : 2;
    lines.on('line', (line) => {
      if (expected === 0) return void heardLine(line, heard);
      if (line !== '+OK') reject(new Error(`a Redis answered to MONITOR: ${line}`));
      expected -= 1;
      if (expected === 0) resolve();
    });
    lines.once('close', () => reject(new Error('a Redis closed the connection of MONITOR')));
  });
  socket.write(`${password === '' ? '' : `AUTH ${credentials.join(' ')}\r\n`}MONITOR\r\n`);
  await begun;
  return () => void socket.destroy();
}

/** A line such as `+1339518083.107412 [0 127.0.0.1:60866] "keys" "*"`. */
function heardLine(line: string, heard: (command: MonitoredCommand) => void): void {
  const [, from, rest] = /^\+[\d.]+ \[\d+ (\S+)\] (.*)$/.exec(line) ?? [];
  if (from === undefined || rest === undefined) throw new Error(`no line of MONITOR: ${line}`);
  heard({ from, args: [...rest.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => unescaped(text)) });
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b' };

/** As `sdscatrepr` of Redis writes a text. */
function unescaped(text: string): string {
  const bytes = text.replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex: string | undefined, letter: string) =>
    hex === undefined ? (escapes[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString();
}
