import assert from 'node:assert/strict';

import { type Area, rule } from './rule.ts';
import type { Scenario } from './scenario.ts';

const WORKERS = 5;
/** So many that a job which gets one upload too few of each claim falls behind by more than any turn. */
const CLAIMS = 20;
const LONGEST_TURN = 16;

/** Jobs side by side. */
export const fairness: Area = {
  name: 'fairness',
  rules: [
    rule('a job of one upload behind a job of 100,000 starts within workers + 2 claims', async (scenario) => {
      await scenario.create(100_000);
      for (let worker = 0; worker < WORKERS; worker += 1) await scenario.leases(50);
      for (const limit of [50, 1]) {
        const small = await scenario.create();
        assert.ok((await claimsUntil(scenario, small, limit)) <= WORKERS + 2);
      }
    }),
    rule('with claims for one upload at a time the jobs take turns', async (scenario) => {
      const jobs = [await scenario.create(20), await scenario.create(20), await scenario.create(20)];
      const turns: string[] = [];
      for (let claim = 0; claim < 12; claim += 1) turns.push((await scenario.lease()).jobId);
      for (const job of jobs) assert.equal(turns.filter((turn) => turn === job).length, 4);
    }),
    rule('a claim for many is shared between jobs', async (scenario) => {
      await scenario.create(1_000);
      const second = await scenario.create(1_000);
      const leases = await scenario.leases(200);
      assert.equal(leases.length, 200);
      assert.ok(leases.filter(({ jobId }) => jobId === second).length >= 50);
    }),
    rule(
      'a claim takes turns as long as it asks for, no longer than its limit, and the jobs still take turns',
      async (scenario) => {
        const jobs: string[] = [];
        for (let job = 0; job < 4; job += 1) jobs.push(await scenario.create(100));
        const taken = async (limit: number, shortestTurn: number) => {
          const leases = await scenario.leases(limit, { shortestTurn });
          return jobs.map((job) => leases.filter(({ jobId }) => jobId === job).length);
        };
        assert.deepEqual(await taken(16, 8), [8, 8, 0, 0]);
        assert.deepEqual(await taken(20, 8), [4, 0, 8, 8]);
        assert.deepEqual((await taken(3, 16)).sort(), [0, 0, 0, 3]);
        assert.deepEqual((await taken(40, 1)).sort(), [10, 10, 10, 10]);
      },
    ),
    rule('claims share themselves between the live jobs, whatever their limit', async (scenario) => {
      for (const jobs of [2, 4])
        for (const limit of [1, 7, 17, 50]) await sharesClaims(scenario, jobs, limit);
    }),
    rule('retries of one job do not crowd out another', async (scenario) => {
      await scenario.create(50);
      for (const lease of await scenario.leases(50)) await scenario.release(lease);
      const small = await scenario.create();
      assert.ok((await claimsUntil(scenario, small, 1)) <= 3);
    }),
    rule('retries that wait for their time do not block their job or others', async (scenario) => {
      const large = await scenario.create(40);
      for (const lease of await scenario.leases(30)) await scenario.release(lease, { delayMs: 60_000 });
      const small = await scenario.create();
      const leases = await scenario.leases(50);
      assert.equal(leases.filter(({ jobId }) => jobId === large).length, 10);
      assert.equal(leases.filter(({ jobId }) => jobId === small).length, 1);
    }),
    rule('a retry takes its turn before uploads of its job that never ran', async (scenario) => {
      await scenario.create(50);
      const lease = await scenario.lease();
      await scenario.release(lease);
      assert.equal((await scenario.lease()).index, lease.index);
    }),
    rule('a job whose retries are due comes back into the round', async (scenario) => {
      const first = await scenario.create();
      const lease = await scenario.lease();
      await scenario.create(1_000);
      await scenario.leases(10);
      await scenario.release(lease, { delayMs: 40 });
      await scenario.elapse(40);
      assert.ok((await claimsUntil(scenario, first, 10)) <= 3);
    }),
    rule('a paused job takes no turns', async (scenario) => {
      const paused = await scenario.create(100);
      const other = await scenario.create(3);
      await scenario.store.pause({ jobId: paused });
      assert.deepEqual(
        (await scenario.leases(10)).map(({ jobId }) => jobId),
        [other, other, other],
      );
    }),
  ],
};

/** At any time the job that was served most and the one that was served least are no more than one turn apart. */
async function sharesClaims(scenario: Scenario, jobs: number, limit: number): Promise<void> {
  const host = `${jobs} jobs and claims of ${limit}`;
  const served = new Map<string, number>();
  for (let job = 0; job < jobs; job += 1) served.set(await scenario.create(CLAIMS * limit, { host }), 0);
  const turn = Math.min(LONGEST_TURN, Math.ceil(limit / jobs));
  for (let claim = 0; claim < CLAIMS; claim += 1) {
    const leases = await scenario.leases(limit, { host });
    assert.equal(leases.length, limit);
    for (const { jobId } of leases) served.set(jobId, (served.get(jobId) ?? 0) + 1);
    const counts = [...served.values()];
    assert.ok(Math.max(...counts) - Math.min(...counts) <= turn, `${host}: ${counts.join(', ')}`);
  }
}

/** How many claims it takes until one gets an upload of the job. */
async function claimsUntil(scenario: Scenario, jobId: string, limit: number): Promise<number> {
  for (let claims = 1; claims <= 20; claims += 1) {
    const leases = await scenario.leases(limit);
    if (leases.some((lease) => lease.jobId === jobId)) return claims;
  }
  return assert.fail('the job did not start within 20 claims');
}
