import { readFileSync } from 'node:fs';

import { afterAll, describe, expect, it } from 'vitest';

import { silentLogger } from '@imgferry/core';
import { createFetchHandler, type FetchHandler } from '@imgferry/http-adapter';
import { tableRows } from '../../../tests/setup/table-rows.ts';
import { eventSchemas } from '../src/openapi/event-schemas.ts';
import { resolveOptions } from '../src/options.ts';
import { routes } from '../src/routes.ts';
import { createService } from './a-service.ts';
import { createGuardedHandler } from './snippets/who-may-call.ts';

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

const tokens = { userToken: 'u', operatorToken: 'o' };
const variables: Record<string, string> = {
  IMAGES: 'http://127.0.0.1:8080/images',
  OPERATOR_TOKEN: tokens.operatorToken,
};

/** As a shell reads it: what is in single quotes stays as it is. A URL has to be in double ones, because of its `?`. */
function stepOf(line: string): Step {
  const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|([^\s'"]+)/g)].map(
    ([, as, quoted, bare = '']) =>
      as ?? quoted?.replace(/\$(\w+)/g, (_, name) => variables[name] ?? '') ?? bare,
  );
  const valuesOf = (flag: string): string[] =>
    words.flatMap((word, at) => (words[at - 1] === flag ? [word] : []));
  const [body] = valuesOf('-d');
  return {
    url: words.find((word) => word.startsWith(variables.IMAGES ?? '')) ?? expect.fail(line),
    method: valuesOf('-X')[0] ?? (body === undefined ? 'GET' : 'POST'),
    headers: valuesOf('-H').map((header) => header.split(': ') as [string, string]),
    ...(body === undefined ? {} : { body }),
  };
}

describe('the walk with curl', () => {
  const service = createService();
  afterAll(() => service.stop());

  it('goes as it says', async () => {
    const options = { basePath: '/images', authorize: () => undefined };
    const handler = createGuardedHandler(service.uploader, tokens, options);
    const [, walk = ''] = /<!-- walk -->\s+```sh\n([\s\S]*?)```/.exec(readme) ?? [];
    const statuses: number[] = [];
    let text = '';
    const lines = walk.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (const line of lines) {
      const { url, ...init } = stepOf(line.replace(/^JOB=\$\((.*)\)$/, '$1'));
      const answer = await handler(new Request(url, init));
      statuses.push(answer.status);
      text = url.endsWith('/events') ? await firstEvent(answer) : await answer.text();
      // `cut -d '"' -f 4`
      if (line.startsWith('JOB=')) variables.JOB = text.split('"')[3] ?? '';
      expect(answer.headers.get('content-disposition')).toBe(
        url.endsWith('mapping') ? `attachment; filename="${variables.JOB}.csv"` : null,
      );
      if (url.endsWith('/pause') && url.includes('/hosts/'))
        expect(JSON.parse(text).pausedHosts).toEqual(['imgur']);
    }
    expect(JSON.parse(text).pausedHosts).toEqual([]);
    expect(statuses).toEqual([202, 200, 200, 200, 200, 200, 202, 200, 200, 200, 200, 200]);
  });
});

/** What is told first; then the stream is left, as by Ctrl-C. */
async function firstEvent({ body }: Response): Promise<string> {
  let text = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.includes('event: snapshot')) return text;
  }
  return expect.fail(text);
}

describe('who may call', () => {
  const service = createService();
  afterAll(() => service.stop());

  const ask = async (handler: FetchHandler, path: string, authorization?: string): Promise<number> => {
    const headers = authorization === undefined ? {} : { authorization };
    const method = path.endsWith('/resume') ? 'POST' : 'GET';
    return (await handler(new Request(`http://service.example${path}`, { method, headers }))).status;
  };

  it.each([
    ['nobody', undefined, 401, 401],
    ['a token of another length', 'Bearer uu', 401, 401],
    ['no token', 'Bearer ', 401, 401],
    ['a token without its scheme', 'u', 401, 401],
    ['a user', 'Bearer u', 200, 403],
    ['an operator', 'Bearer o', 200, 200],
  ])('%s is answered as the snippets say', async (_who, authorization, asUser, asOperator) => {
    const handler = createGuardedHandler(service.uploader, tokens);
    expect(await ask(handler, '/v1/images', authorization)).toBe(asUser);
    expect(await ask(handler, '/v1/queue/resume', authorization)).toBe(asOperator);
  });

  it.each<[string, object]>([
    ['operator: true', { operator: true }],
    ['operator: () => true', { operator: () => true }],
    ['authorize: () => true', { authorize: () => true, operator: () => undefined }],
    ['authorize: () => false', { authorize: () => false, operator: () => undefined }],
  ])('nobody is let in by %s', async (_what, options) => {
    const attempt = async (): Promise<void> => {
      const handler = createFetchHandler(service.uploader, { logger: silentLogger, ...options });
      if ((await ask(handler, '/v1/queue/resume')) >= 400) throw new Error('refused');
    };
    await expect(attempt()).rejects.toThrow();
  });
});
