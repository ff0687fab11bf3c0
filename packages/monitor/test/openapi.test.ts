import { afterAll, describe, expect, it } from 'vitest';

import { describeMonitor } from '../src/openapi/document.ts';
import { operations } from '../src/openapi/operations.ts';
import { resolveOptions } from '../src/options.ts';
import { parameterKinds } from '../src/query.ts';
import { routes } from '../src/routes.ts';
import { check, checkAsPublished } from './contract.ts';
import { createScene } from './scene.ts';

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly parameters: readonly Parameter[] }>>>
  >;
}

interface Properties {
  readonly properties: Readonly<
    Record<string, { readonly items: { readonly properties: Readonly<Record<string, object>> } }>
  >;
}

interface Parameter {
  readonly name: string;
  readonly description: string;
}

describe('the document', () => {
  const scene = createScene({ basePath: '/ops' });
  afterAll(() => scene.stop());

  it('names every route with its method, and no other', () => {
    const named = Object.entries(operations).map(
      ([path, { writes }]) => `${writes ? 'POST' : 'GET'} ${path}`,
    );
    const there = routes
      .filter(({ path }) => !path.startsWith('/page-'))
      .map(({ method, path }) => `${method} ${path}`);
    expect(named.toSorted()).toEqual(there.toSorted());
  });

  it('is served as OpenAPI 3.1, with the mount as its server, and each operation once', async () => {
    const document = await scene.read<Record<string, never>>('/ops/api/openapi.json');
    expect(document).toMatchObject({ openapi: '3.1.1', servers: [{ url: '/ops' }] });
    const ids = Object.values(operations).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(JSON.stringify(document)).not.toContain('"$schema"');
  });

  it('says of every parameter what it is for, and of none what is said to one that is wrong', async () => {
    const document = await scene.read<Document>('/ops/api/openapi.json');
    const parameters = Object.values(document.paths)
      .flatMap((path) => Object.values(path))
      .flatMap((operation) => operation.parameters);
    expect(parameters.length).toBeGreaterThan(20);
    const rules = Object.values(parameterKinds).map(({ rule }) => rule);
    for (const { name, description } of parameters) {
      expect(description, name).toMatch(/^[A-Z`].*\.$/);
      expect(rules.filter((rule) => description.includes(rule))).toEqual([]);
    }
  });

  it('says that a password is asked for, where it is', () => {
    const { gate: users } = resolveOptions({
      access: { users: [{ user: 'ann', password: 'correct horse', role: 'write' }] },
    });
    expect(describeMonitor({ basePath: '', gate: users })).toMatchObject({
      security: [{ password: [] }],
      components: { securitySchemes: { password: { type: 'http', scheme: 'basic' } } },
    });
    expect(
      describeMonitor({ basePath: '', gate: resolveOptions({ access: { loopback: '::1' } }).gate }),
    ).toMatchObject({
      security: [],
    });
  });

  it('is published so that what a later version answers fits it: keys more, and other failure codes', () => {
    const session = { $ref: '#/components/schemas/Session' };
    const value = { role: 'read', user: null, version: '2' };
    expect(() => checkAsPublished(session, { ...value, since: 7 })).not.toThrow();
    expect(() => checkAsPublished(session, { role: 'read', user: null, since: 7 })).toThrow();
    expect(() => checkAsPublished(session, { ...value, version: 2 })).toThrow();
    const { schemas } = describeMonitor({
      basePath: '',
      gate: resolveOptions({ access: { loopback: '::1' } }).gate,
    }).components as { readonly schemas: Record<string, object> };
    const shut = Object.entries(schemas).filter(([, schema]) =>
      JSON.stringify(schema).includes('"additionalProperties"'),
    );
    expect(shut.map(([name]) => name).toSorted()).toEqual(['ResizeBody', 'RetryBody']);
    const { Overview } = schemas as Record<string, Properties>;
    for (const [list, key, word] of [
      ['failures', 'code', 'poison'],
      ['budget', 'reason', 'blocked'],
    ] as const) {
      const items = Overview?.properties[list]?.items.properties[key];
      expect(JSON.stringify(items)).toMatch(`"type":"string"`);
      expect(JSON.stringify(items)).toMatch(new RegExp(`"examples":\\[[^\\]]*"${word}"`));
      expect(JSON.stringify(items)).not.toContain('"enum"');
    }
  });

  it('is published with bodies that have nothing but what is named', () => {
    const retry = { $ref: '#/components/schemas/RetryBody' };
    expect(() => checkAsPublished(retry, { codes: ['poison'] })).not.toThrow();
    expect(() => checkAsPublished(retry, { codes: ['poison'], code: 'poison' })).toThrow();
    expect(() => checkAsPublished(retry, { codes: ['of_a_newer_worker'] })).toThrow();
  });

  it('is held to take no answer of this version that has a key more, lacks one, or has one of another type', () => {
    const session = { $ref: '#/components/schemas/Session' };
    const value = { role: 'read', user: null, version: '1' };
    expect(() => check(session, value)).not.toThrow();
    expect(() => check(session, { ...value, password: '' })).toThrow();
    expect(() => check(session, { role: 'read', user: null })).toThrow();
    expect(() => check(session, { ...value, role: 'admin' })).toThrow();
  });
});
