import fc, { type Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';

import type { Resolve } from '../../src/http-source/index.ts';
import { type AnyAddress, anyInside, anyPublic } from './any-address.ts';
import { anyAnswer, anyHost, anyUrl } from './any-spelling.ts';
import { catchDials, type Dial } from './dials.ts';
import { failureOf, open, sourceOf } from './loopback.ts';
import { addressValue } from './special-blocks.ts';

/** FUZZ_RUNS=100000 looks longer. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 1_000);
const timeout = 20_000 + numRuns * 5;

interface Spelled extends AnyAddress {
  readonly text: string;
}

const anyLiteral = (addresses: Arbitrary<AnyAddress>): Arbitrary<Spelled> =>
  addresses.chain((address) =>
    anyHost(address)
      .chain(anyUrl)
      .map((text) => ({ ...address, text })),
  );

const anyAnswerOf = (addresses: Arbitrary<AnyAddress>): Arbitrary<Spelled> =>
  addresses.chain((address) => anyAnswer(address).map((text) => ({ ...address, text })));

const severalPublic = fc.array(anyAnswerOf(anyPublic), { maxLength: 4 });

test('no spelling of an inside address is dialled', { timeout }, async () => {
  const { dialled, attempt } = await setUp();
  await fc.assert(
    fc.asyncProperty(anyLiteral(anyInside), async ({ text }) => {
      expect(await attempt(text)).toBe(blocked);
      expect(dialled).toEqual([]);
    }),
    { numRuns },
  );
});

test('no name in front of an address makes it dialled, public or not', { timeout }, async () => {
  const { dialled, attempt } = await setUp();
  const hosts = fc.oneof(anyInside, anyPublic).chain(anyHost);
  const names = fc.constantFrom('pictures.example', 'pictures.example:80', ':80', 'pictures.example%2f');
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('http', 'https'), names, hosts, async (scheme, name, host) => {
      expect(await attempt(`${scheme}://${name}@${host}/`)).toMatch(
        /^blocked_address: the URL holds credent/,
      );
      expect(dialled).toEqual([]);
    }),
    { numRuns },
  );
});

test('no name is dialled of which one address is inside, whatever else it has', { timeout }, async () => {
  const { dialled, attempt, answer } = await setUp();
  const answers = fc.tuple(severalPublic, anyAnswerOf(anyInside), severalPublic);
  await fc.assert(
    fc.asyncProperty(answers, async ([before, inside, after]) => {
      const asked = answer([...before, inside, ...after]);
      expect(await attempt('http://pictures.example/')).toBe(blocked);
      expect([asked.count, dialled]).toEqual([1, []]);
    }),
    { numRuns },
  );
});

test('every spelling of a public address is dialled, and nothing else', { timeout }, async () => {
  const { dialled, attempt } = await setUp();
  await fc.assert(
    fc.asyncProperty(anyLiteral(anyPublic), async ({ text, value }) => {
      expect(await attempt(text)).toBe(reached);
      expect(valuesOf(dialled)).toEqual([canonical(value)]);
    }),
    { numRuns },
  );
});

test('every public address of a name is dialled, and nothing else', { timeout }, async () => {
  const { dialled, attempt, answer } = await setUp();
  const answers = fc.array(anyAnswerOf(anyPublic), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(answers, async (addresses) => {
      const asked = answer(addresses);
      expect(await attempt('http://pictures.example/')).toBe(reached);
      expect(asked.count).toBe(1);
      expect(new Set(valuesOf(dialled))).toEqual(new Set(addresses.map(({ value }) => canonical(value))));
    }),
    { numRuns },
  );
});

const blocked = 'blocked_address: the URL leads to an address that is not on the public web';
/** What is caught on its way to the network is refused by it. */
const reached = 'source_unreachable: the connection to the source failed (ECONNREFUSED)';

/** A source that may reach the public web and nothing else, on a machine whose network refuses everything. */
async function setUp() {
  const dialled = await catchDials();
  let lookup: Resolve = () => {
    throw new Error('an address needs no lookup');
  };
  const source = sourceOf({ allow: [], resolve: (...given) => lookup(...given) });
  return {
    dialled,
    attempt: async (url: string) => {
      dialled.length = 0;
      const { code, message } = await failureOf(open(source, url));
      return `${code}: ${message}`;
    },
    answer: (addresses: readonly Spelled[]) => {
      const asked = { count: 0 };
      lookup = (_, __, callback) => {
        asked.count += 1;
        callback(
          null,
          addresses.map(({ text, family }) => ({ address: text, family })),
        );
      };
      return asked;
    },
  };
}

const valuesOf = (dials: readonly Dial[]): string[] =>
  dials.map(({ address }) => canonical(addressValue(address)));

const canonical = (value: bigint): string => value.toString(16);
