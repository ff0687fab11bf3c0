import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import {
  brokenBoundaries,
  brokenPageImports,
  type ImportFact,
  importsOf,
  type PackageFacts,
} from './boundaries.ts';

const packagesFolder = fileURLToPath(new URL('../packages', import.meta.url));

interface Manifest {
  readonly name: string;
  readonly dependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly imports?: Record<string, unknown>;
}

function readPackage(folder: string): PackageFacts {
  const path = join(packagesFolder, folder);
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest;
  const files = readdirSync(join(path, 'src'), { recursive: true, encoding: 'utf8' });
  return {
    name: manifest.name,
    dependencies: Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
    devDependencies: Object.keys(manifest.devDependencies ?? {}),
    internal: Object.keys(manifest.imports ?? {}),
    imports: files
      .filter((file) => /\.(ts|js|mjs)$/.test(file))
      .flatMap((file) => importsOf(`src/${file}`, readFileSync(join(path, 'src', file), 'utf8'))),
  };
}

/** What makes the page runs in Node, and so do its tests. */
const madeInNode = /^(test\/|bundle\.ts$|write-bundle\.ts$)/;

function readPage(): ImportFact[] {
  const path = join(packagesFolder, 'monitor', 'page');
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => /\.tsx?$/.test(file) && !madeInNode.test(file))
    .flatMap((file) => importsOf(`page/${file}`, readFileSync(join(path, file), 'utf8')));
}

describe('the boundaries of the packages', () => {
  it('hold in this repository', () => {
    const packages = readdirSync(packagesFolder).map(readPackage);
    expect(packages.map(({ name }) => name)).toContain('@imgferry/core');
    expect(packages.flatMap(({ imports }) => imports).length).toBeGreaterThan(0);
    expect(brokenBoundaries(packages)).toEqual([]);
  });

  it('keep the page of the monitor to what a browser can have', () => {
    const imports = readPage();
    expect(imports.filter(({ target }) => target === 'preact')).not.toEqual([]);
    expect(brokenPageImports(imports)).toEqual([]);
  });
});

describe('the boundary check', () => {
  const facts = (name: string, over: Partial<PackageFacts>): PackageFacts[] => [
    { name: `@imgferry/${name}`, dependencies: [], devDependencies: [], imports: [], ...over },
  ];
  const importing = (target: string, atRuntime = true): ImportFact[] => [
    { file: 'src/a.ts', target, atRuntime },
  ];

  it('allows an adapter to use core', () => {
    const dependencies = ['@imgferry/core'];
    expect(
      brokenBoundaries(facts('redis-store', { dependencies, imports: importing('@imgferry/core') })),
    ).toEqual([]);
  });

  it('refuses an adapter that depends on another', () => {
    expect(brokenBoundaries(facts('monitor', { dependencies: ['@imgferry/http-adapter'] }))).toEqual([
      '@imgferry/monitor depends on @imgferry/http-adapter',
    ]);
  });

  it('refuses an adapter that imports another, even for its types', () => {
    const devDependencies = ['@imgferry/memory-store'];
    const imports = importing('@imgferry/memory-store', false);
    expect(brokenBoundaries(facts('http-adapter', { devDependencies, imports }))).toEqual([
      '@imgferry/http-adapter imports @imgferry/memory-store in src/a.ts',
    ]);
  });

  it.each(['@imgferry/memory-store', 'ioredis', 'express', '@hono/node-server'])(
    'refuses %s in core',
    (target) => {
      const dependencies = [target];
      expect(brokenBoundaries(facts('core', { dependencies, imports: importing(target) }))).toEqual([
        `@imgferry/core depends on ${target}`,
        `@imgferry/core imports ${target} in src/a.ts`,
      ]);
    },
  );

  it('refuses a way around the manifest', () => {
    expect(
      brokenBoundaries(facts('core', { imports: importing('../../memory-store/src/index.ts') })),
    ).toEqual(['@imgferry/core leaves its src with ../../memory-store/src/index.ts in src/a.ts']);
  });

  it('refuses an import at run time that only development installs', () => {
    const devDependencies = ['valibot'];
    expect(
      brokenBoundaries(facts('http-adapter', { devDependencies, imports: importing('valibot') })),
    ).toEqual(['@imgferry/http-adapter imports valibot in src/a.ts and does not declare it']);
    expect(
      brokenBoundaries(facts('http-adapter', { devDependencies, imports: importing('valibot', false) })),
    ).toEqual([]);
  });

  it('allows a name that the manifest leads to a file of its own, and no other such name', () => {
    const imports = [...importing('#page'), ...importing('#other')];
    expect(brokenBoundaries(facts('monitor', { internal: ['#page'], imports }))).toEqual([
      '@imgferry/monitor imports #other in src/a.ts and does not declare it',
    ]);
  });

  it.each([
    ["import { failureCodes } from '@imgferry/core';", '@imgferry/core'],
    ["import { readFileSync } from 'node:fs';", 'node:fs'],
    ["import { quantile } from '../src/quantile.ts';", '../src/quantile.ts'],
    ["import type { Look } from '../src/call.ts';", '../src/call.ts'],
    ["import * as views from '../src/views/index.ts';", '../src/views/index.ts'],
  ])('refuses %s in the page', (source, target) => {
    expect(brokenPageImports(importsOf('page/app.tsx', source))).toEqual([
      `the page imports ${target} in page/app.tsx`,
    ]);
  });

  it('allows the page preact, uplot, its own files and the types of the views', () => {
    const source = `
      import { useState } from 'preact/hooks';
      import uPlot from 'uplot';
      import type { Overview } from '../../src/views/index.ts';
      import { live } from '../use-live.ts';
      export const shown = <b>{useState(live)}{uPlot}{null as Overview | null}</b>;
    `;
    expect(importsOf('page/pages/a.tsx', source)).toHaveLength(4);
    expect(brokenPageImports(importsOf('page/pages/a.tsx', source))).toEqual([]);
  });

  it('refuses a package whose place nobody decided', () => {
    expect(brokenBoundaries(facts('new-thing', {}))).toEqual([
      '@imgferry/new-thing has no place among the arrows',
    ]);
  });

  it('reads every kind of import', () => {
    const source = `
      import { a } from 'one/deep';
      import type { B } from '@two/types';
      export * from './three.ts';
      const four = await import('four');
    `;
    expect(importsOf('src/a.ts', source)).toEqual([
      { file: 'src/a.ts', target: 'one', atRuntime: true },
      { file: 'src/a.ts', target: '@two/types', atRuntime: false },
      { file: 'src/a.ts', target: './three.ts', atRuntime: true },
      { file: 'src/a.ts', target: 'four', atRuntime: true },
    ]);
  });
});
