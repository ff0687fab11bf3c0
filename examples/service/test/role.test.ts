import { describe, expect, it } from 'vitest';

import { ConfigError } from '../src/config.ts';
import { requireRoleAll } from '../src/role.ts';

describe('the role', () => {
  it('can be all', () => {
    expect(() => requireRoleAll(['all'])).not.toThrow();
  });

  it.each(['api', 'worker', 'monitor'])('can not be %s while there is no store to share', (role) => {
    expect(() => requireRoleAll([role])).toThrow(
      new ConfigError(
        `the role ${role} needs a store that processes share, and this version has only memory; use all`,
      ),
    );
  });

  it.each([[[]], [['some']], [['all', 'api']], [['--help']]])('is one of four: not %j', (args) => {
    expect(() => requireRoleAll(args)).toThrow(new ConfigError('give one role: all, api, worker or monitor'));
  });
});
