import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { tableRows } from '../../../tests/setup/table-rows.ts';
import { failureCodes } from '../src/failure.ts';
import { resolveOptions } from '../src/options.ts';
import { createFakeHost, createFakeSource, ScriptedStore } from '../src/testing/index.ts';
import { eventPayloads } from './event-payloads.ts';
import { optionRows } from './option-docs.ts';

const readme = read('../README.md');

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}

const bare = (cell: string | undefined): string => (cell ?? '').replaceAll('`', '');

describe('the README of core', () => {
  it('tells every failure code as the code does, in its order', () => {
    expect(tableRows(readme, 'failures')).toEqual(
      Object.entries(failureCodes).map(([code, { retry, meaning, remedy }]) => [
        `\`${code}\``,
        retry,
        meaning,
        remedy,
      ]),
    );
  });

  it('tells every event with all that it carries, in the order of the code', () => {
    const payloads = eventPayloads();
    const upload = payloads.get('upload:started')?.join(', ') ?? '';
    expect(upload).toContain('jobId');
    const told = tableRows(readme, 'events').map(([name, payload]) => [
      bare(name),
      bare(payload).replace('the upload', upload).split(', ').filter(Boolean).sort(),
    ]);
    expect(told).toEqual([...payloads].map(([name, fields]) => [name, [...fields].sort()]));
  });

  it('tells when an event is told in the words of its doc comment', () => {
    const source = read('../src/events.ts');
    for (const [name, , when] of tableRows(readme, 'events'))
      expect(source, bare(name)).toContain(`/** ${when?.slice(0, -1)}`);
  });
});

describe('the defaults of the options', () => {
  const defaults = resolveOptions({
    store: new ScriptedStore({}),
    source: createFakeSource({}),
    host: createFakeHost(),
  });
  const rows = tableRows(readme, 'options');
  const numbers = Object.entries(defaults).filter(([, value]) => typeof value === 'number');

  it('are in the README for every option there is', () => {
    expect(rows.map(([option]) => bare(option))).toEqual(Object.keys(defaults));
  });

  it('are in the README as they are', () => {
    const told = rows.map(([option, value]) => [bare(option), Number(value)] as const);
    expect(told.filter(([, value]) => !Number.isNaN(value))).toEqual(numbers);
  });

  it('that are no numbers are a UUID', () => {
    expect(defaults.workerId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('are in the doc comments as they are', () => {
    const told = read('../src/options.ts').matchAll(/@default (\d+).*\n(?:\s+\*\/\n)?\s+readonly (\w+)\?/g);
    expect([...told].map(([, value, option]) => [option, Number(value)])).toEqual(
      numbers.filter(([option]) => option !== 'heartbeatMs'),
    );
  });
});

describe('the options of the source and the host', () => {
  const document = read('../OPTIONS.md');

  it.each([
    ['http-source', 'http-source/http-source-options.ts', 'HttpSourceOptions'],
    ['imgur-host', 'imgur-host/imgur-host-options.ts', 'ImgurHostOptions'],
  ])('of %s are told in the words of their doc comments, one by one', (table, file, name) => {
    const rows = optionRows(read(`../src/${file}`), name);
    expect(rows.length).toBeGreaterThan(15);
    expect(tableRows(document, table)).toEqual(rows.map((row) => [...row]));
  });
});
