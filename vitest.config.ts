import { availableParallelism } from 'node:os';

import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const SOURCE = '@imgferry/source';

const project = (
  name: string,
  include: string[],
  options: TestProjectInlineConfiguration['test'] = {},
): TestProjectInlineConfiguration => ({ extends: true, test: { name, include, ...options } });

// Files of these projects run one after the other in the same few processes, which saves loading everything anew for
// each: CPU 33 → 15 s in core, 10 → 4.5 s in monitor, 8 → 6 s in memory-store, 31 → 29 s in http-adapter. So a file
// leaves no fake timer and no global behind; spies are restored for it. The other projects patch what a process has
// once: nock its connections, redis-store the clock of its scripts, tests the console and Math.random.
const shared = { isolate: false, restoreMocks: true } as const;

export default defineConfig({
  // Packages are tested from their sources: nothing has to be built first.
  resolve: { conditions: [SOURCE, 'module', 'node', 'development|production'] },
  ssr: {
    resolve: {
      conditions: [SOURCE, 'module', 'node', 'development|production'],
      externalConditions: [SOURCE, 'node'],
    },
  },
  test: {
    pool: 'forks',
    // What is awaited comes in milliseconds, or late on a machine that is busy; how late is no rule of ours.
    testTimeout: 15_000,
    hookTimeout: 15_000,
    expect: { poll: { timeout: 10_000 } },
    // Many tests wait, for processes and for time-outs, so two more than there are cores keep them busy.
    maxWorkers: availableParallelism() + 2,
    reporters: ['default', 'json'],
    outputFile: { json: '.cache/vitest.json' },
    coverage: { provider: 'v8', include: ['packages/*/src/**'], reporter: ['text-summary', 'lcov'] },
    projects: [
      project('core', ['packages/core/test/**/*.test.ts'], {
        ...shared,
        exclude: ['**/*.nock.test.ts'],
      }),
      project('core-nock', ['packages/core/test/**/*.nock.test.ts'], {
        setupFiles: ['./tests/setup/nock.ts'],
      }),
      project('memory-store', ['packages/memory-store/test/**/*.test.ts'], shared),
      project('redis-store', ['packages/redis-store/test/**/*.test.ts'], {
        globalSetup: ['./tests/setup/redis.ts'],
        testTimeout: 60_000,
      }),
      project('http-adapter', ['packages/http-adapter/test/**/*.test.ts'], shared),
      project(
        'monitor',
        ['packages/monitor/test/**/*.test.ts', 'packages/monitor/page/test/**/*.test.ts'],
        shared,
      ),
      project('scripts', ['scripts/test/**/*.test.ts'], shared),
      project('examples', ['examples/*/test/**/*.test.ts'], { testTimeout: 60_000, hookTimeout: 60_000 }),
      // The files that a process runs share its browser. A worker that they start takes 0.17 s of CPU and not 0.44, as
      // it finds its sources compiled.
      project('tests-monitor', ['tests/monitor/**/*.test.ts'], {
        ...shared,
        env: { NODE_COMPILE_CACHE: '.cache/node' },
        globalSetup: ['./tests/setup/redis.ts', './tests/setup/browser.ts'],
        testTimeout: 60_000,
        hookTimeout: 60_000,
      }),
      project('tests', ['tests/**/*.test.ts'], {
        exclude: ['tests/monitor/**'],
        globalSetup: ['./tests/setup/redis.ts'],
        testTimeout: 60_000,
        hookTimeout: 60_000,
      }),
    ],
  },
});
