import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const readme = read('README.md');

/** The variables that the table explains. */
function explained(): string[] {
  const [, table = ''] = readme.split('## Variables\n\n');
  const rows = table.split('\n\n')[0]?.split('\n').slice(2) ?? [];
  return rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, name = '']) => name),
  );
}

/** The variables that the sources read. */
function known(): string[] {
  const sources = ['config.ts', 'imgur-config.ts', 'monitor-config.ts', 'demo.ts']
    .map((file) => read(`src/${file}`))
    .join('');
  const names = [...sources.matchAll(/'([A-Z]+(?:_[A-Z]+)*)'|process\.env\.([A-Z_]+)/g)].map(
    ([, quoted, direct]) => quoted ?? direct ?? '',
  );
  return [...new Set(names)].filter((name) => !name.startsWith('SIG'));
}

function milliseconds(pattern: RegExp, text: string): number {
  return Number(pattern.exec(text)?.[1]);
}

describe('the README', () => {
  it('explains every variable that is read, and no other', () => {
    expect(explained().sort()).toEqual(known().sort());
  });

  it.each(['compose.yaml', 'Dockerfile'])('explains every variable of the service that %s sets', (file) => {
    const set = read(file).matchAll(/^ +([A-Z_]{4,}): |(?:ENV | )([A-Z_]{4,})=/gm);
    const names = [...set].map(([, inYaml, inImage]) => inYaml ?? inImage ?? '');
    // Node reads those itself; the table has what the service does.
    const isOfNode = (name: string): boolean => name.startsWith('NODE_');
    const own = names.filter((name) => !isOfNode(name));
    expect(own.length).toBeGreaterThan(1);
    expect(explained()).toEqual(expect.arrayContaining(own));
    for (const name of names.filter(isOfNode)) expect(readme).toContain(`\`${name}`);
  });
});

describe('the compose file', () => {
  it('gives a worker more time to stop than it takes to drain', () => {
    const compose = read('compose.yaml');
    const drainMs = milliseconds(/DRAIN_TIMEOUT_MS: "(\d+)"/, compose);
    const graceMs = milliseconds(/stop_grace_period: (\d+)s/, compose) * 1_000;
    // After the drain: handing back, leaving the fleet, closing.
    expect(graceMs).toBeGreaterThanOrEqual(drainMs + 5_000);
  });
});
