import { version } from '@imgferry/core';
import type { ResolvedOptions } from '../options.ts';
import { eventPaths } from './event-operations.ts';
import { headers } from './headers.ts';
import { jobPaths } from './job-operations.ts';
import { mapValues } from './map-values.ts';
import type { Operation, PathItem, Paths, TagName } from './operation.ts';
import { operationObject } from './operation-object.ts';
import { operatorPaths } from './operator-operations.ts';
import { namedParameters } from './parameters.ts';
import { namedProblems } from './problems.ts';
import { type JsonSchema, namedSchemas } from './schemas.ts';
import { servicePaths } from './service-operations.ts';

const description = `Ferries images from anywhere on the web to an image host: a job is a list of image URLs, and what becomes of each can be asked at any time.

Who may call is for the application to say in which these endpoints are mounted. Where it does, it is asked before every operation but \`/healthz\` and \`/readyz\`, and answers in its own words, with the 401 and 403 that are listed here or otherwise. No security scheme is named, because only the application knows it.

Every error is \`application/problem+json\` (RFC 9457). HEAD works wherever GET does. Any other method is answered with 405. The schemas name every key that this version answers with; a later one may have more.`;

const tags: Readonly<Record<TagName, string>> = {
  jobs: 'Submit a job, see how far it is, steer it.',
  images: 'What was uploaded.',
  queue: 'What waits. For operators.',
  service: 'The service itself.',
};

/** Describes the endpoints as they are mounted, as an OpenAPI 3.1 document. */
export function describeEndpoints(options: ResolvedOptions): JsonSchema {
  const described = pathsOf(options);
  const paths = mapValues(described, (item) =>
    mapValues(withHead(item), (each, method) => operationObject(each, method, options)),
  );
  return {
    openapi: '3.1.1',
    info: { title: 'imgferry', version, description, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: options.basePath === '' ? '/' : options.basePath }],
    security: [],
    tags: tagsOf(described),
    paths,
    components: componentsOf(paths),
  };
}

function pathsOf({ operator }: ResolvedOptions): Paths {
  return { ...jobPaths, ...eventPaths, ...(operator === undefined ? {} : operatorPaths), ...servicePaths };
}

function tagsOf(paths: Paths): JsonSchema[] {
  const used = new Set(
    Object.values(paths).flatMap((item) => Object.values(item).flatMap((each) => each.tags)),
  );
  const all = Object.entries(tags).map(([name, each]) => ({ name, description: each }));
  return all.filter(({ name }) => used.has(name as TagName));
}

/** HEAD works wherever GET does, and answers without a body. */
function withHead(item: PathItem): PathItem {
  if (item.get === undefined) return item;
  const { operationId, summary, description: told, answers, ...rest } = item.get;
  const head: Operation = {
    ...rest,
    operationId: `${operationId}Head`,
    summary: `${summary}, without the body`,
    description: `Answers the headers of the GET. ${told}`,
    answers: mapValues(answers, ({ content: _, ...answer }) => answer),
  };
  const { get, ...others } = item;
  return { get, head, ...others };
}

/** What the paths name, and what that names; the rest has no place in the document. */
function componentsOf(paths: JsonSchema): JsonSchema {
  const all: Readonly<Record<string, JsonSchema>> = {
    schemas: namedSchemas(),
    parameters: namedParameters(),
    headers,
    responses: namedProblems(),
  };
  const named = new Set<string>();
  const follow = (part: unknown): void => {
    for (const [, kind = '', name = ''] of JSON.stringify(part).matchAll(componentRef)) {
      if (named.has(`${kind}/${name}`)) continue;
      named.add(`${kind}/${name}`);
      follow(all[kind]?.[name]);
    }
  };
  follow(paths);
  return mapValues(all, (components, kind) =>
    Object.fromEntries(Object.entries(components).filter(([name]) => named.has(`${kind}/${name}`))),
  );
}

const componentRef = /"#\/components\/(\w+)\/([\w-]+)"/g;
