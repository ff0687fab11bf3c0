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
  const imports: ImportFact[] = [];
  const visit = (node: ts.Node): void => {
    const { specifier, atRuntime } = importOf(node) ?? {};
    if (specifier !== undefined && ts.isStringLiteralLike(specifier))
      imports.push({ file, target: packageOf(specifier.text), atRuntime: atRuntime === true });
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.ESNext));
  return imports;
}

/** What a piece of a program imports, if it is one that does. */
function importOf(node: ts.Node): { specifier?: ts.Node | undefined; atRuntime: boolean } | undefined {
  if (ts.isImportDeclaration(node))
    return { specifier: node.moduleSpecifier, atRuntime: node.importClause?.isTypeOnly !== true };
  if (ts.isExportDeclaration(node)) return { specifier: node.moduleSpecifier, atRuntime: !node.isTypeOnly };
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return { specifier: node.argument.literal, atRuntime: false };
  if (ts.isCallExpression(node) && isImporting(node.expression))
    return { specifier: node.arguments[0], atRuntime: true };
  return undefined;
}

function isImporting(called: ts.Expression): boolean {
  return (
    called.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(called) && called.text === 'require')
  );
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
