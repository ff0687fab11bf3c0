import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { readDockerfile } from '../dockerfile.mjs';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('the Dockerfile of the example service', () => {
  const { stages } = readDockerfile(read('examples/service/Dockerfile'));
  const [build, image] = stages;

  it('builds in one stage and runs in another, on the Node that this repository fetches', () => {
    const [, version] = /'linux-x64': \['[^']+', '([\d.]+)'\]/.exec(read('scripts/run.mjs')) ?? [];
    const base = `node:${version}-bookworm-slim`;
    expect(stages.map((stage) => stage.base)).toEqual([base, base]);
  });

  it('fetches dependencies before it copies sources, so that a change of these fetches nothing', () => {
    const steps = build?.steps.map(({ instruction, args }) => `${instruction} ${args}`) ?? [];
    const fetched = steps.findIndex((step) => step.endsWith('pnpm fetch'));
    const copied = steps.indexOf('COPY . .');
    expect(fetched).toBeGreaterThan(0);
    expect(copied).toBeGreaterThan(fetched);
  });

  it('runs node itself, not a shell, and not as root', () => {
    expect(image).toMatchObject({ user: 'node', entrypoint: ['node', 'dist/main.js'] });
    expect(image?.healthcheck).toEqual(['node', 'dist/healthcheck.js']);
  });

  it('keeps the young generation of a process small, which costs memory and wins nothing', () => {
    expect(image?.env).toMatchObject({ NODE_ENV: 'production', NODE_OPTIONS: '--max-semi-space-size=16' });
  });
});
