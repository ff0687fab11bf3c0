import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url);
const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, root)), 'utf8');

const tables = { 'tests/FAULTS.md': 80, 'tests/MONITOR.md': 40, 'tests/STEERING.md': 30 };

/** The tests that a text names, each as its file and its name. */
function namedIn(text: string) {
  return [...text.matchAll(/`([\w./-]+)`: "([^"]+)"/g)].map(([, file = '', name = '']) => ({ file, name }));
}

/** The rows of the tables of a document, each by the heads of its columns. */
function rowsOf(document: string): Readonly<Record<string, string>>[] {
  const rows: Record<string, string>[] = [];
  let heads: string[] = [];
  let before = '';
  for (const line of document.split('\n')) {
    const cells = line.startsWith('|')
      ? line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim())
      : [];
    if (line.startsWith('|') && !before.startsWith('|')) heads = cells;
    else if (cells.length > 0 && !cells[0]?.startsWith('|'))
      rows.push(Object.fromEntries(heads.map((head, at) => [head, cells[at] ?? ''])));
    before = line;
  }
  return rows.filter((row) => !Object.values(row)[0]?.startsWith('---'));
}

describe.each(Object.entries(tables))('of %s', (path, least) => {
  const document = read(path);

  it('every row names a test', () => {
    const rows = rowsOf(document);
    expect(rows.length).toBeGreaterThan(least);
    expect(rows.filter((row) => namedIn(Object.values(row).join(' ')).length === 0)).toEqual([]);
  });

  it.each(namedIn(document))('$file has the test $name', ({ file, name }) => {
    expect(existsSync(fileURLToPath(new URL(file, root)))).toBe(true);
    expect(read(file)).toContain(name);
  });
});

describe('of tests/STEERING.md', () => {
  const inColumn = (head: string) =>
    rowsOf(read('tests/STEERING.md')).flatMap((row) => namedIn(row[head] ?? ''));

  it('what is said to run on both stores does', () => {
    const named = inColumn('on both stores');
    expect(named.length).toBeGreaterThan(30);
    const onBoth = ({ file }: { readonly file: string }): boolean =>
      file.startsWith('packages/core/src/conformance/') ||
      /describe(\.concurrent)?\.(for\(KINDS\)|each\(Object\.keys\(stores\)\))/.test(read(file));
    expect(named.filter((each) => !onBoth(each))).toEqual([]);
  });

  const byProcesses = ({ file }: { readonly file: string }): boolean =>
    /\bFleetScene\b|\bexecFile\b|\bfork\(/.test(read(file));

  it('what is said to be shown across stores or processes is', () => {
    const named = inColumn('across stores or processes');
    expect(named.length).toBeGreaterThan(15);
    const byStores = ({ file }: { readonly file: string }): boolean =>
      /new RedisStore\([\s\S]*new RedisStore\(|new RaceStores\(/.test(read(file));
    expect(named.filter((each) => !byStores(each) && !byProcesses(each))).toEqual([]);
  });

  it('what is said to be shown with processes is', () => {
    const named = inColumn('with processes');
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((each) => !byProcesses(each))).toEqual([]);
  });

  it('what is said to be shown over HTTP is', () => {
    const named = inColumn('over HTTP');
    expect(named.length).toBeGreaterThan(20);
    const overHttp = ({ file }: { readonly file: string }): boolean =>
      file.startsWith('packages/http-adapter/test/') || read(file).includes('createFetchHandler');
    expect(named.filter((each) => !overHttp(each))).toEqual([]);
  });
});
