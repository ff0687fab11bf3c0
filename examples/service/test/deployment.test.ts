import { afterEach, describe, expect, it } from 'vitest';

import { expectToBalance, readAccounts, type UploadView, uploadsOf } from './accounts.ts';
import { type Deployment, deploy, endedOf, secrets, stop, writtenBy } from './deployment.ts';
import { complete, completed, handIn, reached } from './hand-in.ts';
import { submit } from './programs.ts';
import type { Program } from './start-program.ts';
import { paced, Web } from './web.ts';

let deployment: Deployment | undefined;
afterEach(() => deployment?.close());

/** As many as read from one host at once. */
const slots = 6;

const missing = (count: number): string[] => Array.from({ length: count }, (_, at) => `/gone/${at}.png`);

/** What a worker holds, by its own word. */
async function heldBy({ store }: Deployment, { process }: Program): Promise<string[]> {
  const workers = await store.fleet.list();
  return workers.find(({ pid }) => pid === process.pid)?.holds.map(({ url }) => url) ?? [];
}

/** The uploads of these URLs. */
function among(uploads: readonly UploadView[], urls: readonly string[]): UploadView[] {
  return uploads.filter(({ url }) => urls.includes(url));
}

describe('five workers, an api and a stand-in on one Redis', () => {
  it('lose no image and no job while a worker is killed, one freezes, one is drained, and Redis crashes', async () => {
    const gate = Promise.withResolvers<void>();
    const web = new Web();
    const first = web.add(1, 'first', (bytes) => bytes);
    const held = web.add(5 * slots, 'held', (bytes) => (_, response) => {
      void gate.promise.then(() => response.end(bytes));
    });
    const many = [...web.add(180, 'many', paced(100)), ...missing(20)];
    const few = Array.from({ length: 6 }, (_, at) => web.add(5, `few-${at}`, paced(20)));
    deployment = await deploy(web.routes);
    const own = deployment;
    const lease = { LEASE_MS: '2000', CONCURRENCY: `${slots}` };
    const workers = await Promise.all([
      own.addWorker(lease),
      own.addWorker(lease),
      own.addWorker({ ...lease, DRAIN_TIMEOUT_MS: '500' }),
      own.addWorker(lease),
      own.addWorker(lease),
    ]);
    const [killed, frozen, drained] = workers as [Program, Program, Program, ...Program[]];
    // What the host's limits are is known with the first reply; until then one upload goes at a time.
    const jobs = [await handIn(own, first)];
    await complete(own, jobs[0] ?? '');

    const heldJob = await handIn(own, held);
    const holds = () => Promise.all([killed, frozen, drained].map((worker) => heldBy(own, worker)));
    await expect
      .poll(holds, { timeout: 10_000 })
      .toEqual(Array(3).fill(expect.objectContaining({ length: slots })));
    await own.pictures.waitUntil((server) => held.every((path) => server.requests(path) === 1));
    const [ofKilled = [], ofFrozen = [], ofDrained = []] = await holds();

    killed.process.kill('SIGKILL');
    frozen.process.kill('SIGSTOP');
    const drainBegan = performance.now();
    expect(await stop(drained)).toBe(0);
    expect(performance.now() - drainBegan).toBeLessThan(500 + 2_000);
    // Handed back as if it had never begun; all other slots are taken.
    for (const upload of among(await uploadsOf(own.apiUrl, heldJob), ofDrained))
      expect(upload).toMatchObject({ status: 'waiting', attempts: 0, possiblyDuplicated: false });

    gate.resolve();
    await complete(own, heldJob);
    const uploads = await uploadsOf(own.apiUrl, heldJob);
    for (const upload of among(uploads, [...ofKilled, ...ofFrozen]))
      expect(upload).toMatchObject({ attempts: 2, possiblyDuplicated: true });
    frozen.process.kill('SIGCONT');
    await expect.poll(() => heldBy(own, frozen), { timeout: 10_000 }).toEqual([]);

    const before = await completed(own);
    const [manyJob, ...fewJobs] = await Promise.all(
      [many, ...few.slice(0, 4)].map((paths) => handIn(own, paths)),
    );
    await reached(own, before + 20);
    await own.redis.kill();
    const refused = await submit(own.apiUrl, [own.pictures.urlOf('/few-5/0.png')]);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, expect.any(String)]);
    await own.redis.restart();
    const again = { 'idempotency-key': 'a client that asks twice' };
    const [once, twice] = [await handIn(own, few[4] ?? [], again), await handIn(own, few[4] ?? [], again)];
    expect(twice).toBe(once);
    jobs.push(heldJob, manyJob ?? '', ...fewJobs, once, await handIn(own, few[5] ?? []));
    await Promise.all(jobs.map((job) => complete(own, job)));

    const accounts = await readAccounts(own, jobs);
    expect(accounts.uploads).toHaveLength(1 + 5 * slots + 200 + 6 * 5);
    await expectToBalance(own, accounts, web.digestsAt(own.pictures.url));
    expect(endedOf(own.programs)).toBe(2);
    const rest = [
      own.api,
      ...workers.filter((worker) => worker !== killed && worker !== drained),
      own.standIn,
    ];
    expect(await Promise.all(rest.map(stop))).toEqual([0, 0, 0, 0, 0]);
    for (const secret of Object.values(secrets)) expect(writtenBy(own.programs)).not.toContain(secret);
  });
});
