import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, it } from 'vitest';

const root = new URL('..', import.meta.url);
const table = readFileSync(fileURLToPath(new URL('tests/FAULTS.md', root)), 'utf8');

/** The tests that the table names, each as its file and its name. */
const named = [...table.matchAll(/`([\w./-]+)`: "([^"]+)"/g)].map(
  ([, file = '', name = '']) => [file, name] as const,
);

it('every row of the table of faults names a test', () => {
  const isHead = (line: string) => /^\| (what goes wrong|---)/.test(line);
  const rows = table.split('\n').filter((line) => line.startsWith('| ') && !isHead(line));
  expect(rows.length).toBeGreaterThan(80);
  expect(rows.filter((row) => !/`[\w./-]+`: "[^"]+" *(;|\|$)/.test(row))).toEqual([]);
});

it.each(named)('%s has the test that the table of faults names: %s', (file, name) => {
  const path = fileURLToPath(new URL(file, root));
  expect(existsSync(path)).toBe(true);
  expect(readFileSync(path, 'utf8')).toContain(name);
});
