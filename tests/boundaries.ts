import ts from 'typescript';

/** A package as the boundary rules see it: its manifest, and what each of its source files imports. */
export interface PackageFacts {
  readonly name: string;
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
  readonly imports: readonly ImportFact[];
  /** The names by which its manifest leads to files of its own (`imports`), as `#page`. */
  readonly internal?: readonly string[];
}

export interface ImportFact {
  readonly file: string;
  /** What is imported: a package's name without a path inside it, or a relative path. */
  readonly target: string;
  /** False when only types are taken, so that nothing of it is left when the program runs. */
  readonly atRuntime: boolean;
}

const SCOPE = '@imgferry/';
const CORE = '@imgferry/core';
const ADAPTERS = ['memory-store', 'redis-store', 'http-adapter', 'monitor'].map((name) => SCOPE + name);

/** Core knows no Redis and no HTTP server. */
const FOREIGN_TO_CORE = [
  'ioredis',
  'redis',
  'express',
  'fastify',
  'koa',
  'hono',
  '@hono/node-server',
  'srvx',
  'h3',
];

/** Every sentence names one arrow that turns, or one import that nothing installs. */
export function brokenBoundaries(packages: readonly PackageFacts[]): string[] {
  return packages.flatMap((each) => [
    ...unknownPackages(each),
    ...turnedArrows(each),
    ...escapes(each),
    ...undeclaredImports(each),
  ]);
}

function unknownPackages({ name }: PackageFacts): string[] {
  return name === CORE || ADAPTERS.includes(name) ? [] : [`${name} has no place among the arrows`];
}

function turnedArrows({ name, dependencies, imports }: PackageFacts): string[] {
  const mayUse = (target: string): boolean => {
    if (name === CORE && FOREIGN_TO_CORE.includes(target)) return false;
    if (!target.startsWith(SCOPE) || target === name) return true;
    return name !== CORE && target === CORE;
  };
  return [
    ...dependencies.filter((target) => !mayUse(target)).map((target) => `${name} depends on ${target}`),
    ...imports
      .filter(({ target }) => !mayUse(target))
      .map(({ file, target }) => `${name} imports ${target} in ${file}`),
  ];
}

/** A relative import that leaves its package reaches another one behind its manifest. */
function escapes({ name, imports }: PackageFacts): string[] {
  return imports
    .filter(({ file, target }) => target.startsWith('.') && leavesSource(file, target))
    .map(({ file, target }) => `${name} leaves its src with ${target} in ${file}`);
}

function leavesSource(file: string, target: string): boolean {
  const { pathname } = new URL(target, `file:///outside/${file}`);
  return !pathname.startsWith('/outside/src/');
}

function undeclaredImports(facts: PackageFacts): string[] {
  const { name, dependencies, devDependencies, imports, internal = [] } = facts;
  return imports
    .filter(({ target }) => !internal.includes(target))
    .filter(({ target }) => !target.startsWith('.') && !target.startsWith('node:') && target !== name)
    .filter(({ target, atRuntime }) => {
      if (dependencies.includes(target)) return false;
      return atRuntime || !(devDependencies.includes(target) || devDependencies.includes(`@types/${target}`));
    })
    .map(({ file, target }) => `${name} imports ${target} in ${file} and does not declare it`);
}

/** The page runs in a browser: all it has is what is bundled with it, and of this package it knows the types it is sent. */
export function brokenPageImports(imports: readonly ImportFact[]): string[] {
  return imports
    .filter(({ file, target, atRuntime }) => {
      if (target === 'preact' || target === 'uplot') return false;
      const { pathname } = new URL(target, `file:///package/${file}`);
      if (!target.startsWith('.')) return true;
      return (
        !pathname.startsWith('/package/page/') && (atRuntime || !pathname.startsWith('/package/src/views/'))
      );
    })
    .map(({ file, target }) => `the page imports ${target} in ${file}`);
}

/** The imports of one TypeScript file, dynamic ones and re-exports included. */
export function importsOf(file: string, source: string): ImportFact[] {
  const compilerOptions = {
    verbatimModuleSyntax: true,
    module: ts.ModuleKind.ESNext,
    target: ts.ScriptTarget.ESNext,
    jsx: ts.JsxEmit.Preserve,
  };
  const { outputText } = ts.transpileModule(source, { compilerOptions, fileName: file });
  const atRuntime = new Set(specifiers(outputText));
  return specifiers(source).map((specifier) => ({
    file,
    target: packageOf(specifier),
    atRuntime: atRuntime.has(specifier),
  }));
}

function specifiers(source: string): string[] {
  return ts.preProcessFile(source, true, true).importedFiles.map(({ fileName }) => fileName);
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
