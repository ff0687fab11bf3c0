import { randomUUID } from 'node:crypto';

import { describe, inject, it } from 'vitest';

import { silentLogger } from '@imgferry/core';
import { RedisStore } from '@imgferry/redis-store';
import { mounts } from '../packages/http-adapter/test/mounts.ts';
import { testEndpoints } from '../packages/http-adapter/test/suite/test-endpoints.ts';

const mount = mounts['node:http under a prefix'];
if (mount === undefined) throw new Error('the mounts have other names');

describe('the endpoints over Redis', () =>
  testEndpoints({
    describe,
    it,
    mount,
    createStore: () =>
      new RedisStore({ url: inject('redisUrl'), namespace: `test-${randomUUID()}`, logger: silentLogger }),
  }));
