import type { LookupAddress, LookupAllOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';

import { TransferError } from '../../transfer-error.ts';
import { blockedAddress } from '../source-url.ts';

/** Asks for every address of a name. `dns.lookup` fits. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** How many addresses of one name are dialled, one after another. */
const mostDialled = 8;
/** All of these are judged. What is beyond them is left out: a message of DNS holds thousands, and none needs them. */
const mostJudged = 256;

/** Looks names up for Node's sockets: every address of an answer is judged, and one bad one refuses all. */
export function guardedLookup(resolve: Resolve, mayDial: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    const answer: Parameters<Resolve>[2] = (error, addresses) => {
      const judged = error ? asError(error) : judge(addresses, mayDial);
      if (judged instanceof Error) return callback(judged, '', 0);
      if (options.all) return callback(null, judged.slice(0, mostDialled));
      callback(null, judged[0].address, judged[0].family);
    };
    // Never at once, so that whoever dials has its socket in hand when the answer comes.
    try {
      resolve(hostname, { ...options, all: true }, (...given) => process.nextTick(answer, ...given));
    } catch (error) {
      process.nextTick(answer, asError(error));
    }
  };
}

type Addresses = readonly [LookupAddress, ...LookupAddress[]];

/** A resolver may be anyone's, and what it gives is no better than it should be. */
function judge(answer: unknown, mayDial: (address: string) => boolean): Addresses | Error {
  if (!Array.isArray(answer)) return new TypeError('resolve gave no list of addresses');
  const records: readonly (LookupAddress | null | undefined)[] = answer.slice(0, mostJudged);
  if (records.length === 0) return notFound();
  return records.every((record) => mayDial(record?.address ?? ''))
    ? (records as Addresses)
    : blockedAddress();
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('resolve failed', { cause: thrown });
}

function notFound(): TransferError {
  return new TransferError('host_not_found', 'the host name of the URL has no address');
}

/** For a lookup that takes longer than it may. What comes of it later is not looked at. */
export function lookupTimeout(limitMs: number): TransferError {
  return new TransferError(
    'source_timeout',
    `the host name of the URL could not be looked up within ${limitMs} ms`,
  );
}
