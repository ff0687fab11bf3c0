import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const SOURCE = '@imgferry/source';

const project = (
  name: string,
  include: string[],
  options: TestProjectInlineConfiguration['test'] = {},
): TestProjectInlineConfiguration => ({ extends: true, test: { name, include, ...options } });

// Programs and workers start faster when what they load need not be compiled again, which they inherit: loading the
// stores and the core takes 0.17 s of CPU and not 0.44.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '.cache', 'compiled');

// Files of these projects run one after the other in the same few processes, which saves loading everything anew for
// each: CPU 33 → 15 s in core, 10 → 4.5 s in monitor. So a file leaves no fake timer and no global behind; spies are
// restored for it. The other projects patch what a process has once: nock its connections, *-clock the clock of the
// Redis store's scripts, tests-alone the console.
const shared = { isolate: false, restoreMocks: true } as const;

/** The tests in a folder that tell the Redis store's scripts the time: they share no process with those that do not. */
const clockMovers = (folder: string): string[] =>
  readdirSync(join(import.meta.dirname, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter((file) => readFileSync(join(import.meta.dirname, file), 'utf8').includes('moveClockByHand('));
const redisClockMovers = clockMovers('packages/redis-store/test');

/** The tests of all packages together that have a process to themselves. */
const alone = [...clockMovers('tests'), 'tests/secrets.test.ts'];
const onRedis = {
  globalSetup: ['./tests/setup/redis.ts'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

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
        ...shared,
        exclude: redisClockMovers,
        ...onRedis,
      }),
      project('redis-store-clock', redisClockMovers, {
        ...shared,
        ...onRedis,
      }),
      project('http-adapter', ['packages/http-adapter/test/**/*.test.ts'], shared),
      project(
        'monitor',
        ['packages/monitor/test/**/*.test.ts', 'packages/monitor/page/test/**/*.test.ts'],
        shared,
      ),
      project('scripts', ['scripts/test/**/*.test.ts'], shared),
      project('bench', ['bench/test/**/*.test.ts'], shared),
      project('examples', ['examples/*/test/**/*.test.ts'], {
        ...shared,
        testTimeout: 60_000,
        hookTimeout: 60_000,
      }),
      // The files that a process runs share its browser.
      project('tests-monitor', ['tests/monitor/**/*.test.ts'], {
        ...shared,
        ...onRedis,
        globalSetup: [...onRedis.globalSetup, './tests/setup/browser.ts'],
      }),
      project('tests', ['tests/**/*.test.ts'], {
        ...shared,
        exclude: ['**/node_modules/**', 'tests/monitor/**', ...alone],
        ...onRedis,
      }),
      project('tests-alone', alone, onRedis),
    ],
  },
});
