import { Command, Redis } from 'ioredis';
import { expect, inject, it } from 'vitest';

import { PackedValues } from '../src/packed-values.ts';

/** What Redis packs of what an expression of Lua gives. */
async function packed(lua: string): Promise<Buffer> {
  const redis = new Redis(inject('redisUrl'));
  const command = new Command('eval', [`return cmsgpack.pack(${lua})`, 0], { replyEncoding: null });
  void redis.sendCommand(command);
  try {
    return (await command.promise) as Buffer;
  } finally {
    redis.disconnect();
  }
}

const sixteen = Array.from({ length: 16 }, (_, index) => index + 1);

const packs: readonly (readonly [lua: string, value: unknown])[] = [
  ['nil', null],
  ['true', true],
  ['false', false],
  ...[0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 1_790_000_000_000_001].map(
    (number) => [String(number), number] as const,
  ),
  ...[-1, -32, -33, -128, -129, -32_768, -32_769, -(2 ** 31), -(2 ** 31) - 1].map(
    (number) => [String(number), number] as const,
  ),
  ['1.5', 1.5],
  ['0.1', 0.1],
  ["''", ''],
  ["'https://a.example/\u00fc\u{1f600}'", 'https://a.example/\u00fc\u{1f600}'],
  ...[31, 32, 255, 256, 65_535, 65_536].map(
    (length) => [`string.rep('x', ${length})`, 'x'.repeat(length)] as const,
  ),
  ["{ 1, { 'a', false }, 'b' }", [1, ['a', false], 'b']],
  [`{ ${sixteen.join(', ')} }`, sixteen],
];

it.each(packs)('what Redis packs of %s is read as it was', async (lua, expected) => {
  const values = new PackedValues(await packed(`${lua}, 'the next'`));
  expect([values.next(), values.next()]).toEqual([expected, 'the next']);
});

it('a text that holds values is passed over, and gone back to', async () => {
  for (const filled of ['1', '20', '200', '40000']) {
    const list = `cmsgpack.pack(string.rep('x', ${filled}))`;
    const values = new PackedValues(await packed(`{ ${list}, 'behind' }`));
    expect(values.enterList()).toBe(2);
    const at = values.passText();
    expect(values.next()).toBe('behind');
    values.goTo(at);
    expect(values.next()).toBe('x'.repeat(Number(filled)));
  }
});

it('a kind that no step packs, and what ends too soon, are errors', async () => {
  const table = await packed("{ name = 'x' }");
  expect(() => new PackedValues(table).next()).toThrow('no values of the kind');
  for (const none of [table, await packed('1'), await packed("'text'"), await packed('nil')])
    expect(() => new PackedValues(none).enterList()).toThrow('no list of the kind');
  const text = await packed("'some text'");
  expect(() => new PackedValues(text.subarray(0, 5)).next()).toThrow('ends too soon');
});
