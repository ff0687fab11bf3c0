import { afterAll, describe, expect, it } from 'vitest';

import { describeMonitor } from '../src/openapi/document.ts';
import { operations } from '../src/openapi/operations.ts';
import { resolveOptions } from '../src/options.ts';
import { parameterKinds } from '../src/query.ts';
import { routes } from '../src/routes.ts';
import { check } from './contract.ts';
import { createScene } from './scene.ts';

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly parameters: readonly Parameter[] }>>>
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

  it('takes no answer that has a key more, lacks one, or has one of another type', () => {
    const session = { $ref: '#/components/schemas/Session' };
    const value = { role: 'read', user: null, version: '1' };
    expect(() => check(session, value)).not.toThrow();
    expect(() => check(session, { ...value, password: '' })).toThrow();
    expect(() => check(session, { role: 'read', user: null })).toThrow();
    expect(() => check(session, { ...value, role: 'admin' })).toThrow();
  });
});
