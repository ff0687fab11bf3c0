import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

import { askNameServers } from '../../src/http-source/addresses/ask-name-servers.ts';
import type { Resolve } from '../../src/http-source/index.ts';

/** A record of an answer: the owner, the type, what it says. */
export type NameRecord = readonly [name: string, type: 'A' | 'AAAA' | 'CNAME', data: string];

/** What a name server says to a question. */
export type NameAnswer = readonly NameRecord[] | 'SERVFAIL' | 'NXDOMAIN' | 'silence';

/** A name server that lives as long as the test that started it. */
export interface NameServer {
  /** Looks names up at it and nowhere else. */
  readonly resolve: Resolve;
  /** Every question it was asked, as `A pictures.example`. */
  readonly questions: readonly string[];
}

const types = { A: 1, CNAME: 5, AAAA: 28 } as const;
const codes = { SERVFAIL: 2, NXDOMAIN: 3 } as const;

/** Serves DNS over UDP on loopback (RFC 1035). */
export async function serveNames(
  answer: (name: string, type: 'A' | 'AAAA') => NameAnswer,
  limitMs = 3_000,
): Promise<NameServer> {
  const questions: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (message, { address, port }) => {
    const { name, type, bytes } = readQuestion(message);
    const family = type === types.A ? 'A' : 'AAAA';
    questions.push(`${family} ${name}`);
    const said = answer(name, family);
    if (said !== 'silence') socket.send(reply(message, bytes, type, said), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(async () => {
    socket.close();
    await once(socket, 'close');
  });
  const server = `127.0.0.1:${(socket.address() as AddressInfo).port}`;
  return { resolve: askNameServers(limitMs, [server]), questions };
}

function readQuestion(message: Buffer): { name: string; type: number; bytes: Buffer } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return {
    name: labels.join('.').toLowerCase(),
    type: message.readUInt16BE(at + 1),
    bytes: message.subarray(12, at + 5),
  };
}

/** A chain of CNAMEs is answered whole, as recursive servers do, with the records of the type that was asked for. */
function reply(question: Buffer, asked: Buffer, type: number, said: Exclude<NameAnswer, 'silence'>): Buffer {
  const records =
    typeof said === 'string' ? [] : said.filter(([, kind]) => kind === 'CNAME' || types[kind] === type);
  const header = Buffer.alloc(12);
  question.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | (typeof said === 'string' ? codes[said] : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, asked, ...records.map(recordBytes)]);
}

function recordBytes([name, type, data]: NameRecord): Buffer {
  const said =
    type === 'CNAME'
      ? nameBytes(data)
      : Buffer.from(type === 'A' ? data.split('.').map(Number) : groups(data));
  const middle = Buffer.alloc(10);
  middle.writeUInt16BE(types[type], 0);
  middle.writeUInt16BE(1, 2);
  middle.writeUInt16BE(said.length, 8);
  return Buffer.concat([nameBytes(name), middle, said]);
}

function nameBytes(name: string): Buffer {
  const labels = name
    .split('.')
    .map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1'));
  return Buffer.concat([...labels, Buffer.of(0)]);
}

/** The 16 bytes of an IPv6 address that is written out in full. */
function groups(address: string): number[] {
  return address
    .split(':')
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]);
}
