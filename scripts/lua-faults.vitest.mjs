// How inject-lua-faults.mjs runs a test of the Redis store with a fault in its Lua. The Redis is that of REDIS_URL.
import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vitest/config';

const conditions = ['@imgferry/source', 'module', 'node', 'development|production'];

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@imgferry/source', 'node'] } },
  test: {
    pool: 'forks',
    include: ['packages/redis-store/test/**/*.test.ts'],
    globalSetup: ['./tests/setup/redis.ts'],
    setupFiles: ['./scripts/put-lua-fault.mjs'],
    testTimeout: 60_000,
    bail: 1,
    reporters: ['json'],
  },
});
