import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, describe, expect, it } from 'vitest';

import { expectToBalance, readAccounts } from './accounts.ts';
import { type Deployment, deploy, stop } from './deployment.ts';
import { complete, completed, handIn, reached } from './hand-in.ts';
import { logLines } from './programs.ts';
import type { Program } from './start-program.ts';
import { paced, Web } from './web.ts';

let deployment: Deployment | undefined;
afterEach(() => deployment?.close());

/** Hands in jobs of ten so that at least so many uploads wait at all times. Answers the jobs when it is ended. */
function keepWaiting(to: Deployment, paths: readonly string[], least: number): { end(): Promise<string[]> } {
  const ending = new AbortController();
  const { signal } = ending;
  const feed = async (): Promise<string[]> => {
    const jobs: string[] = [];
    while (!signal.aborted) {
      const { waiting } = (await to.store.stats()).queue;
      if (waiting >= least) await sleep(10, undefined, { signal }).catch(() => {});
      else jobs.push(await handIn(to, paths.slice(jobs.length * 10, jobs.length * 10 + 10)));
    }
    return jobs;
  };
  const fed = feed();
  // Whoever ends it is told. A test that has failed before does not.
  fed.catch(() => {});
  return {
    end() {
      ending.abort();
      return fed;
    },
  };
}

describe('five workers under load', () => {
  it('are replaced one by one under load: work goes on, nothing fails, no attempt is burnt, nothing is sent twice', async () => {
    const web = new Web();
    const first = web.add(1, 'first', (bytes) => bytes);
    const paths = web.add(1_000, 'many', paced(100));
    deployment = await deploy(web.routes);
    const own = deployment;
    const add = () => own.addWorker({ CONCURRENCY: '2' });
    const workers = await Promise.all([add(), add(), add(), add(), add()]);
    const jobs = [await handIn(own, first)];
    await complete(own, jobs[0] ?? '');
    const load = keepWaiting(own, paths, 20);
    await reached(own, 10);

    const phases: number[] = [];
    const replacements: Program[] = [];
    for (const worker of workers) {
      const before = await completed(own);
      const [code, replacement] = await Promise.all([stop(worker), add()]);
      expect(code).toBe(0);
      replacements.push(replacement);
      phases.push((await completed(own)) - before);
    }
    expect(Math.min(...phases)).toBeGreaterThan(0);
    expect((await own.store.stats()).queue.waiting).toBeGreaterThan(0);
    jobs.push(...(await load.end()));
    await Promise.all(jobs.map((job) => complete(own, job)));

    const accounts = await readAccounts(own, jobs);
    await expectToBalance(own, accounts, web.digestsAt(own.pictures.url));
    expect(new Set(accounts.uploads.map(({ attempts }) => attempts))).toEqual(new Set([1]));
    // A worker that drains finishes what it has begun: no source is asked twice for one image.
    expect(own.pictures.requests()).toBe(accounts.uploads.length);
    expect(await Promise.all([own.api, ...replacements, own.standIn].map(stop))).toEqual(Array(7).fill(0));
    const told = logLines(own.standIn, /^stopping$/);
    expect(told).toMatchObject([{ images: accounts.uploads.length, deleted: 0 }]);
  });
});
