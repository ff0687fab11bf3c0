import { describe, it } from 'vitest';

import { testEndpoints } from './http-suite.ts';
import { mounts } from './mounts.ts';

for (const [name, mount] of Object.entries(mounts))
  describe(`the endpoints on ${name}`, () => testEndpoints({ describe, it, mount }));
