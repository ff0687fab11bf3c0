import { describe, it } from 'vitest';

import { mounts } from './mounts.ts';
import { testEndpoints } from './suite/test-endpoints.ts';

for (const [name, mount] of Object.entries(mounts))
  describe(`the endpoints on ${name}`, () => testEndpoints({ describe, it, mount }));
