import { readFileSync } from 'node:fs';

import { afterAll, describe, expect, it } from 'vitest';

import { createFetchHandler } from '@imgferry/http-adapter';
import { tableRows } from '../../../tests/setup/table-rows.ts';
import { eventSchemas } from '../src/openapi/event-schemas.ts';
import { resolveOptions } from '../src/options.ts';
import { routes } from '../src/routes.ts';
import { createService } from './a-service.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('the README of http-adapter', () => {
  it('tells every endpoint there is, and no other', () => {
    const told = tableRows(readme, 'endpoints').flatMap(([request = '']) =>
      [...request.matchAll(/`([A-Z]+ \/[^` ]*)/g)].map(([, line = '']) => line.replace(/:(\w+)/g, '{$1}')),
    );
    const there = routes.flatMap(({ path, methods }) =>
      Object.keys(methods)
        .filter((method) => method !== 'HEAD')
        .map((method) => `${method} ${path}`),
    );
    expect(told.toSorted()).toEqual(there.toSorted());
  });

  it('tells every option', () => {
    const told = tableRows(readme, 'options').map(([option]) => option?.replaceAll('`', ''));
    expect(told).toEqual(Object.keys(resolveOptions({})));
  });

  it('tells every event of a stream, and what is in it', () => {
    const told = tableRows(readme, 'events').map(([event = '', data = '']) => [
      event.replaceAll('`', ''),
      data.replaceAll('`', '').split(', ').toSorted(),
    ]);
    const there = Object.entries(eventSchemas).map(([event, schema]) => [
      event,
      Object.keys(Reflect.get(schema, 'entries')).toSorted(),
    ]);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(there));
    expect(told).toHaveLength(there.length);
  });
});

/** A line of curl as it would be sent. */
interface Step {
  readonly url: string;
  readonly method: string;
  readonly headers: [string, string][];
  readonly body?: string;
}

function stepOf(line: string): Step {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare = '']) => quoted ?? bare);
  const valuesOf = (flag: string): string[] =>
    words.flatMap((word, at) => (words[at - 1] === flag ? [word] : []));
  const [body] = valuesOf('-d');
  return {
    url: words.find((word) => word.startsWith('$IMAGES')) ?? expect.fail(line),
    method: valuesOf('-X')[0] ?? (body === undefined ? 'GET' : 'POST'),
    headers: valuesOf('-H').map((header) => header.split(': ') as [string, string]),
    ...(body === undefined ? {} : { body }),
  };
}

describe('the walk with curl', () => {
  const service = createService();
  afterAll(() => service.stop());

  it('goes as it says', async () => {
    const handler = createFetchHandler(service.uploader, { basePath: '/images' });
    const [, walk = ''] = /<!-- walk -->\s+```sh\n([\s\S]*?)```/.exec(readme) ?? [];
    const lines = walk.trim().split('\n');
    const statuses: number[] = [];
    let job = '';
    for (const { url, ...init } of lines.map(stepOf)) {
      const target = url.replace('$IMAGES', 'http://127.0.0.1:8080/images').replace('$JOB', job);
      const answer = await handler(new Request(target, init));
      statuses.push(answer.status);
      const text = await answer.text();
      if (job === '') job = JSON.parse(text).jobId;
      expect(answer.headers.get('content-disposition')).toBe(
        target.endsWith('mapping') ? `attachment; filename="${job}.csv"` : null,
      );
    }
    expect(statuses).toEqual([202, 200, 200, 200, 200, 202, 200, 200]);
  });
});
