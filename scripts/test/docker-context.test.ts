import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { readDockerIgnore } from '../docker-context.mjs';

const leftOut = (patterns: string, ...paths: string[]): string[] => paths.filter(readDockerIgnore(patterns));

describe('what a .dockerignore leaves out', () => {
  it('is a path from the root, with all below it', () => {
    const paths = ['tests', 'tests/a/b.ts', 'packages/tests', 'testsuite'];
    expect(leftOut('tests', ...paths)).toEqual(['tests', 'tests/a/b.ts']);
  });

  it('is anywhere with two stars, and within one name with one', () => {
    expect(leftOut('**/dist', 'dist', 'a/b/dist/c', 'distant')).toEqual(['dist', 'a/b/dist/c']);
    expect(leftOut('**/*.md', 'README.md', 'a/b.md', 'a/bxmd')).toEqual(['README.md', 'a/b.md']);
    expect(leftOut('*.md', 'README.md', 'a/b.md')).toEqual(['README.md']);
  });

  it('is decided by the last pattern that fits', () => {
    expect(leftOut('# notes\n**/*.md\n\n!a/keep.md\n', 'a/b.md', 'a/keep.md')).toEqual(['a/b.md']);
  });

  it('is no secret, no history and nothing built here, in this repository', () => {
    const own = readFileSync(new URL('../../.dockerignore', import.meta.url), 'utf8');
    const paths = ['.git/config', 'examples/service/.env', 'node_modules/a', 'packages/core/dist/index.js'];
    expect(leftOut(own, ...paths, 'packages/core/src/index.ts', 'pnpm-lock.yaml')).toEqual(paths);
  });
});
