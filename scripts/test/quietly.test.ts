import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../quietly.mjs', import.meta.url));

const quietly = (...command: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...command], { encoding: 'utf8' });
  return { status, stdout, stderr };
};
const program = (code: string): string[] => [process.execPath, '--eval', code];

describe('a command that is run quietly', () => {
  it('is silent when it does well', () => {
    const ran = quietly(...program('console.log("built"); console.error("a warning")'));
    expect(ran).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('tells all it said when it fails, and ends as it did', () => {
    const ran = quietly(
      ...program('console.log("building"); console.error("no such type"); process.exit(3)'),
    );
    expect(ran).toEqual({ status: 3, stdout: '', stderr: 'building\nno such type\n' });
  });

  it('tells when it can not be started', () => {
    const { status, stderr } = quietly('no-such-command-anywhere');
    expect(status).not.toBe(0);
    expect(stderr).toContain('no-such-command-anywhere');
  });
});
