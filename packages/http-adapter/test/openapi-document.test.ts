import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import type { FetchHandlerOptions } from '@imgferry/http-adapter';
import { routes } from '../src/routes.ts';
import {
  documentOf,
  type MediaTypeObject,
  type OpenApiDocument,
  type OperationObject,
  resolved,
} from './contract/documents.ts';
import { SchemaCheck } from './contract/schema-check.ts';

const variants: Readonly<Record<string, FetchHandlerOptions>> = {
  'on its own': {},
  'under a prefix, with authorize': { basePath: '/api/images', authorize: () => undefined },
  'with operator': { operator: () => undefined },
  'with both': { authorize: () => undefined, operator: () => undefined },
};

/** The document of each variant. */
const documents = new Map<string, OpenApiDocument>();
for (const [variant, options] of Object.entries(variants)) documents.set(variant, await documentOf(options));

/** A document with a mistake: two operations of one name. */
const MISTAKEN = 'with a mistake';
/** What the linter finds in each. */
let found: ReadonlyMap<string, unknown>;
beforeAll(async () => {
  const { paths, ...rest } = await documentOf();
  const twice = { ...paths, '/v1/images/{name}': paths['/v1/images'] ?? {} };
  found = lint(new Map([...documents, [MISTAKEN, { ...rest, paths: twice }]]));
});

for (const [variant, document] of documents)
  describe(`the document of a handler ${variant}`, () => {
    const options = variants[variant];
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item));

    it('has an operation for each method of each route, and no other', () => {
      const described = Object.entries(document.paths).map(([template, item]): [string, string[]] => [
        template,
        Object.keys(item)
          .map((method) => method.toUpperCase())
          .sort(),
      ]);
      const served = routes
        .filter(({ operator }) => !operator || options?.operator !== undefined)
        .map(({ path, methods }): [string, string[]] => [path, Object.keys(methods).sort()]);
      expect(Object.fromEntries(described)).toEqual(Object.fromEntries(served));
    });

    it('names each operation once', () => {
      const ids = operations.map(({ operationId }) => operationId);
      expect(new Set(ids).size).toBe(ids.length);
    });

    it('describes a tag for every area, and no other', () => {
      expect(new Set(document.tags.map(({ name }) => name))).toEqual(
        new Set(operations.flatMap(({ tags }) => tags)),
      );
    });

    it('has examples that are what they are examples of', () => {
      const schemas = new SchemaCheck(document);
      const faults = operations
        .flatMap((operation) => examplesOf(document, operation))
        .map(([schema, value]) => schemas.faultOf(schema, value));
      expect(faults.length).toBeGreaterThan(20);
      expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
    });

    it('passes the recommended rules of a linter without a warning', () => {
      expect(found.get(variant)).toMatchObject({
        totals: { errors: 0, warnings: 0, ignored: 0 },
        problems: [],
      });
    });
  });

describe('the document', () => {
  it('says what the options say', async () => {
    const document = JSON.stringify(await documentOf({ basePath: '/api', maxBodyBytes: 4_321 }));
    expect(document).toContain('"servers":[{"url":"/api"}]');
    expect(document).toContain('At most 4321 bytes');
  });

  it('is looked at by a linter that finds what is wrong', () => {
    expect(JSON.stringify(found.get(MISTAKEN))).toMatch(/operation-operationId-unique/);
  });

  it('has the answers of authorize where it is asked, and only when it is there', async () => {
    const open = await documentOf();
    const guarded = await documentOf({ authorize: () => undefined });
    const refusals = ({ paths }: OpenApiDocument) =>
      Object.entries(paths).filter(([, item]) =>
        Object.values(item).some(({ responses }) => '401' in responses),
      );
    expect(refusals(open)).toEqual([]);
    expect(
      Object.keys(guarded.paths).filter((path) => !refusals(guarded).some(([each]) => each === path)),
    ).toEqual(['/healthz', '/readyz']);
  });
});

function examplesOf(
  document: OpenApiDocument,
  { requestBody, responses }: OperationObject,
): [object, unknown][] {
  const answers = Object.values(responses).map((part) =>
    resolved<{ content?: Record<string, MediaTypeObject> }>(document, part),
  );
  return [requestBody, ...answers]
    .flatMap((part) => Object.values(part?.content ?? {}))
    .flatMap(({ schema, examples = {} }) =>
      Object.values(examples).map(({ value }): [object, unknown] => [schema ?? {}, value]),
    );
}

/** What one run of the linter finds in each, with all that it would send or look up switched off. */
function lint(looked: ReadonlyMap<string, OpenApiDocument>): ReadonlyMap<string, unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'imgferry-openapi-'));
  try {
    const names = [...looked.keys()];
    const files = names.map((_, place) => `${place}.json`);
    for (const [place, name] of names.entries())
      writeFileSync(join(folder, `${place}.json`), JSON.stringify(looked.get(name)));
    // The linter writes a report for each, one behind the other.
    const reports = runLinter(folder, files).split(/(?<=^\})(?=\{)/m);
    expect(reports).toHaveLength(names.length);
    return new Map(names.map((name, place) => [name, JSON.parse(reports[place] ?? '')]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runLinter(folder: string, files: readonly string[]): string {
  const manifest = createRequire(import.meta.url).resolve('@redocly/cli/package.json');
  const cli = join(dirname(manifest), 'bin', 'cli.js');
  const args = [cli, 'lint', ...files, '--extends=recommended', '--format=json'];
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env }).stdout;
}
