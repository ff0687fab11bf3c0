import { expect, it } from 'vitest';

import { serverNamed } from '../src/machine.ts';

it('names the server that measures start as their Redis by what it says of itself', () => {
  expect(serverNamed('Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=d8b3')).toBe(
    'Redis 7.0.15',
  );
  expect(serverNamed('Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64')).toBe(
    'Valkey 8.1.1',
  );
  expect(serverNamed('something else')).toBeUndefined();
});
