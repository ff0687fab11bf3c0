import assert from 'node:assert/strict';

import type { Lease } from '../lease.ts';
import type { EventsOptions } from '../store.ts';
import type { StoreEvent } from '../store-event.ts';
import { type Area, rule } from './rule.ts';
import { HOST, linkOf, type Scenario } from './scenario.ts';
import { endsWithin } from './within.ts';

const failure = { code: 'source_timeout', message: 'it took too long' } as const;
const scope = ['events:bucket'];

/** The history of the store. */
export const events: Area = {
  name: 'events',
  rules: [
    rule('tells everything that happens from now on, in order', async (scenario) => {
      await scenario.create();
      const telling = listen(scenario, 7);
      const jobId = await scenario.create(3, { host: 'other-host' });
      const [first, second, third] = await scenario.leases(3, { host: 'other-host' });
      assert.ok(first && second && third);
      await scenario.complete(first);
      await scenario.release(second, { failure, delayMs: 60_000 });
      await scenario.fail(third);
      await scenario.store.cancel(jobId);
      await scenario.create();
      const told = await telling;
      assert.deepEqual(typesOf(told), [
        'job:created',
        'job:started',
        'upload:completed',
        'upload:retried',
        'upload:failed',
        'job:finished',
        'job:created',
      ]);
      for (const event of told.slice(0, 6)) assert.equal('jobId' in event && event.jobId, jobId);
    }),
    rule('each event has the facts of its change', async (scenario) => {
      const telling = listen(scenario, 5);
      const jobId = await scenario.create(3);
      const created = await scenario.job(jobId);
      const [first, second, third] = await scenario.leases(3);
      assert.ok(first && second && third);
      await scenario.complete(first);
      await scenario.release(second, { failure, delayMs: 1_234 });
      await scenario.fail(third, 'source_tls');
      const told = await telling;
      const place = ({ index, url }: Lease) => ({ jobId, index, url });
      assert.deepEqual(told.map(changeOf), [
        { type: 'job:created', jobId, job: created },
        { type: 'job:started', jobId },
        { type: 'upload:completed', ...place(first), link: linkOf(first) },
        { type: 'upload:retried', ...place(second), failure, delayMs: 1_234 },
        {
          type: 'upload:failed',
          ...place(third),
          failure: { code: 'source_tls', message: 'it was source_tls' },
        },
      ]);
      for (const { at } of told) assert.ok(at >= created.createdAt);
    }),
    rule('job:finished comes after the last upload, with the job as it was then', async (scenario) => {
      const telling = listen(scenario, 4);
      const jobId = await scenario.create();
      await scenario.completeAll();
      const told = await telling;
      assert.deepEqual(typesOf(told), ['job:created', 'job:started', 'upload:completed', 'job:finished']);
      assert.deepEqual(told.map(changeOf)[3], {
        type: 'job:finished',
        jobId,
        job: await scenario.job(jobId),
      });
    }),
    rule('job:finished is told again for each run of a job', async (scenario) => {
      const jobId = await scenario.create();
      const telling = listen(scenario, 6);
      await scenario.fail(await scenario.lease());
      await scenario.store.retry(jobId);
      await scenario.complete(await scenario.lease());
      assert.deepEqual(typesOf(await telling), [
        'job:started',
        'upload:failed',
        'job:finished',
        'job:retried',
        'upload:completed',
        'job:finished',
      ]);
    }),
    rule(
      'job:retried is told with the job as it was then, once for each retry that changed something',
      async (scenario) => {
        const jobId = await scenario.create(2);
        for (const lease of await scenario.leases(2)) await scenario.fail(lease);
        const [url = ''] = (await scenario.uploads(jobId)).map((upload) => upload.url);
        const telling = listen(scenario, 3);
        await scenario.store.retry(jobId, { urls: ['https://unknown.example'] });
        const some = await scenario.store.retry(jobId, { urls: [url] });
        await scenario.store.retry(jobId, { urls: [url] });
        const all = await scenario.store.retry(jobId);
        await scenario.store.retry(jobId);
        await scenario.create();
        assert.deepEqual((await telling).slice(0, 2).map(changeOf), [
          { type: 'job:retried', jobId, job: some?.job },
          { type: 'job:retried', jobId, job: all?.job },
        ]);
        assert.deepEqual([some?.job.waiting, all?.job.waiting], [1, 2]);
      },
    ),
    rule(
      'job:paused and job:resumed are told with the job as it was then, once for each change',
      async (scenario) => {
        const { store } = scenario;
        const jobId = await scenario.create();
        await store.pause({ host: HOST });
        const telling = listen(scenario, 4);
        const paused = await store.pause({ jobId });
        await store.pause({ jobId });
        const resumed = await store.resume({ jobId });
        await store.resume({ jobId });
        await store.pause({ jobId: 'unknown' });
        await store.cancel(jobId);
        const late = await store.pause({ jobId });
        assert.deepEqual((await telling).map(changeOf), [
          { type: 'job:paused', jobId, job: paused?.job },
          { type: 'job:resumed', jobId, job: resumed?.job },
          { type: 'job:finished', jobId, job: { ...late?.job, pausedBy: ['host'] } },
          { type: 'job:paused', jobId, job: late?.job },
        ]);
        const pauses = [paused, resumed, late].map((change) => change?.job?.pausedBy);
        assert.deepEqual(pauses, [['job', 'host'], ['host'], ['job', 'host']]);
      },
    ),
    rule('queue:paused and queue:resumed are told once for each change', async (scenario) => {
      const telling = listen(scenario, 3);
      for (const step of ['pause', 'pause', 'resume', 'resume'] as const) await scenario.store[step]('queue');
      await scenario.create();
      assert.deepEqual((await telling).slice(0, 2).map(changeOf), [
        { type: 'queue:paused' },
        { type: 'queue:resumed' },
      ]);
    }),
    rule('an upload that a claim ended is told as failed', async (scenario) => {
      await scenario.create();
      const telling = listen(scenario, 3);
      for (let expiry = 0; expiry < 3; expiry += 1) await scenario.expiredLease();
      await scenario.claim();
      assert.deepEqual(typesOf(await telling), ['job:started', 'upload:failed', 'job:finished']);
    }),
    rule('a cancelled job is told as finished, however many uploads it has', async (scenario) => {
      const jobId = await scenario.create(50);
      const telling = listen(scenario, 2);
      await scenario.store.cancel(jobId);
      await scenario.create();
      const [finished, next] = await telling;
      assert.ok(finished?.type === 'job:finished' && next?.type === 'job:created');
      assert.deepEqual([finished.job.cancelled, finished.job.failed], [true, 50]);
    }),
    rule('a release without a failure is not told', async (scenario) => {
      await scenario.create();
      const telling = listen(scenario, 2);
      await scenario.release(await scenario.lease());
      await scenario.create();
      assert.deepEqual(typesOf(await telling), ['job:started', 'job:created']);
    }),
    rule('a settle that was lost or sent again tells nothing', async (scenario) => {
      await scenario.create();
      const telling = listen(scenario, 4);
      const old = await scenario.expiredLease();
      const taken = await scenario.lease();
      await scenario.complete(old);
      await scenario.complete(taken);
      await scenario.complete(taken);
      await scenario.create();
      const types = typesOf(await telling);
      assert.deepEqual(types, ['job:started', 'upload:completed', 'job:finished', 'job:created']);
    }),
    rule('host:paused and host:resumed are told when an operator does it, once each', async (scenario) => {
      const telling = listen(scenario, 3);
      const { store } = scenario;
      await store.pause({ host: HOST });
      await store.pause({ host: HOST });
      await store.resume({ host: HOST });
      await store.resume({ host: HOST });
      await scenario.create();
      assert.deepEqual((await telling).slice(0, 2).map(changeOf), [
        { type: 'host:paused', host: HOST, reason: 'operator', forMs: null },
        { type: 'host:resumed', host: HOST },
      ]);
    }),
    rule(
      'host:paused and host:resumed are told when its budget is empty and when it is not',
      async (scenario) => {
        await scenario.create(2);
        const telling = listen(scenario, 3);
        const lease = await scenario.lease({ budget: scope });
        const bucket = {
          bucket: 'events:bucket',
          remaining: 0,
          resetInMs: 50,
          reason: 'rate-limited',
        } as const;
        const back = { lease, delayMs: 0, countAttempt: false, posts: 1 };
        await scenario.store.queue.release([back], [{ scope, buckets: [bucket] }]);
        await scenario.claim({ budget: scope });
        await scenario.elapse(50);
        await scenario.claim({ budget: scope });
        const [, paused, resumed] = await telling;
        assert.ok(paused?.type === 'host:paused' && resumed?.type === 'host:resumed');
        assert.deepEqual([paused.host, paused.reason, resumed.host], [HOST, 'rate-limited', HOST]);
        assert.ok(paused.forMs !== null && paused.forMs > 0 && paused.forMs <= 50);
      },
    ),
    rule('every event has an id of its own', async (scenario) => {
      const told = await history(scenario);
      assert.equal(new Set(told.map(({ id }) => id)).size, told.length);
    }),
    rule('reading after an event gives what came later, from any place', async (scenario) => {
      const told = await history(scenario);
      for (const [place, { id }] of told.entries()) {
        const later = told.slice(place + 1);
        if (later.length > 0) assert.deepEqual(await readAfter(scenario, id, later.length), later);
      }
    }),
    rule('reading after an event goes on with what happens then', async (scenario) => {
      const last = (await history(scenario)).at(-1) ?? assert.fail();
      const telling = readAfter(scenario, last.id, 1);
      const jobId = await scenario.create();
      const [next] = await telling;
      assert.ok(next?.type === 'job:created' && next.jobId === jobId);
    }),
    rule('all who read are told everything', async (scenario) => {
      const readers = [listen(scenario, 2), listen(scenario, 2), listen(scenario, 2)];
      await scenario.create();
      await scenario.create();
      const [first, second, third] = await Promise.all(readers);
      assert.equal(first?.length, 2);
      assert.deepEqual(second, first);
      assert.deepEqual(third, first);
    }),
    rule(
      'events that are no longer kept are replaced by one gap',
      async (scenario) => {
        const telling = listen(scenario, 1);
        await scenario.create();
        const [first] = await telling;
        assert.ok(first);
        for (let count = 0; count < 200; count += 1) await scenario.create();
        const told = await readUntilCreated(scenario, first.id, await scenario.create());
        assert.equal(told[0]?.type, 'gap');
        assert.ok(told.slice(1).every(({ type }) => type === 'job:created'));
        assert.ok(told.length > 1 && told.length <= 101, 'few are kept');
      },
      { store: { maxEvents: 10 } },
    ),
    rule('reading after a gap gives what came after it', async (scenario) => {
      const last = await scenario.create();
      const [gap, ...kept] = await readUntilCreated(scenario, 'of-another-history', last);
      assert.ok(gap?.type === 'gap' && kept.length > 0);
      assert.deepEqual(await readUntilCreated(scenario, gap.id, last), kept);
    }),
    rule('an id of another history is answered with a gap', async (scenario) => {
      await scenario.create();
      for (const after of ['', 'nonsense', '0', '99999999999999-0', '5f3e-7', '-', '../*']) {
        const [first] = await readAfter(scenario, after, 1);
        assert.equal(first?.type, 'gap', `after ${after}`);
      }
    }),
    rule(
      'with a job only what happens to that job is told, pauses of the queue and hosts, and gaps',
      async (scenario) => {
        const before = await scenario.create();
        const [first] = await readAfter(scenario, 'of-another-history', 1);
        assert.equal(first?.type, 'gap');
        const jobId = 'the-job';
        const { store, signal } = scenario;
        const telling = scenario.read(store.events({ jobId, after: first.id, signal }), 8);
        const own = scenario.read(store.events({ jobId, signal }), 8);
        const others = scenario.read(store.events({ jobId: before, signal }), 7);
        await scenario.create(1, { id: jobId });
        for (const what of [{ host: HOST }, 'queue'] as const) {
          await store.pause(what);
          await store.resume(what);
        }
        await scenario.completeAll();
        const pauses = ['host:paused', 'host:resumed', 'queue:paused', 'queue:resumed'];
        const types = ['job:created', ...pauses, 'job:started', 'upload:completed', 'job:finished'];
        for (const told of [await telling, await own, await others]) {
          assert.deepEqual(typesOf(told), types.slice(-told.length));
          assert.equal(new Set(told.flatMap((event) => ('jobId' in event ? [event.jobId] : []))).size, 1);
        }
        const gap = await scenario.read(store.events({ jobId, after: 'of-another-history', signal }), 1);
        assert.deepEqual(typesOf(gap), ['gap']);
      },
    ),
    rule('who waits for a job is woken when the queue or a host is paused or resumed', async (scenario) => {
      const jobId = await scenario.create();
      const { store, signal } = scenario;
      const told = store.events({ jobId, signal })[Symbol.asyncIterator]();
      for (const what of ['queue', { host: HOST }] as const)
        for (const step of ['pause', 'resume'] as const) {
          const next = told.next();
          await beBusy(scenario);
          await store[step](what);
          assert.equal((await next).value?.type, `${what === 'queue' ? 'queue' : 'host'}:${step}d`);
        }
      await told.return?.();
    }),
    rule(
      'who waits for a job stays at the end of the history, however much of it is trimmed',
      async (scenario) => {
        const jobId = await scenario.create(2);
        const { store, signal } = scenario;
        const told = store.events({ jobId, signal })[Symbol.asyncIterator]();
        const [first, second] = await scenario.leases(2);
        assert.ok(first && second);
        await told.next();
        for (const lease of [first, second]) {
          const next = told.next();
          await beBusy(scenario);
          await scenario.complete(lease);
          assert.equal((await next).value?.type, 'upload:completed');
        }
        assert.equal((await told.next()).value?.type, 'job:finished');
        await told.return?.();
      },
      { store: { maxEvents: 10 } },
    ),
    rule('what is not live ends when all that has happened by now was told', async (scenario) => {
      const told = await history(scenario);
      const [first, last] = [told[0] ?? assert.fail(), told.at(-1) ?? assert.fail()];
      const jobId = 'jobId' in first ? first.jobId : assert.fail();
      const { store, signal } = scenario;
      const read = (options: Partial<EventsOptions>) =>
        scenario.read(store.events({ signal, live: false, ...options }), 100);
      assert.deepEqual(await read({ after: first.id }), told.slice(1));
      assert.deepEqual(await read({ after: last.id }), []);
      assert.deepEqual(await read({}), []);
      const own = told.slice(1).filter((event) => 'jobId' in event && event.jobId === jobId);
      assert.deepEqual(await read({ after: first.id, jobId }), own);
      assert.deepEqual(await read({ after: last.id, jobId: 'of nobody' }), []);
      const [gap, ...kept] = await read({ after: 'of-another-history' });
      assert.deepEqual([gap?.type, kept], ['gap', told]);
    }),
    rule('what is not live is told in full, however much of it is of other jobs', async (scenario) => {
      const jobId = await scenario.create();
      const { store, signal } = scenario;
      const [gap] = await readAfter(scenario, 'of-another-history', 1);
      await beBusy(scenario);
      await scenario.completeAll();
      await beBusy(scenario);
      const rest = store.events({ jobId, after: gap?.id ?? '', live: false, signal });
      const types = ['job:created', 'job:started', 'upload:completed', 'job:finished'];
      assert.deepEqual(typesOf(await scenario.read(rest, 100)), types);
    }),
    rule(
      'what is not live ends at the first event that is later than asked for, of whatever job',
      async (scenario) => {
        const told = await history(scenario);
        const { store, signal } = scenario;
        const [first, last] = [told[0] ?? assert.fail(), told.at(-1) ?? assert.fail()];
        const read = (until: number) =>
          scenario.read(store.events({ after: first.id, live: false, until, signal }), 100);
        assert.deepEqual(await read(last.at), told.slice(1));
        assert.deepEqual(await read(first.at - 1), []);
        await scenario.elapse(2);
        const jobId = await scenario.create();
        const later = (await readAfter(scenario, last.id, 1))[0] ?? assert.fail();
        assert.deepEqual(await read(later.at - 1), told.slice(1));
        const own = store.events({ after: last.id, jobId, live: false, until: later.at - 1, signal });
        assert.deepEqual(await scenario.read(own, 100), []);
      },
    ),
    rule('the iteration ends when the signal aborts, without throwing', async (scenario) => {
      const controller = new AbortController();
      const telling = scenario.read(scenario.store.events({ signal: controller.signal }), 100);
      await scenario.create();
      controller.abort(new Error('enough'));
      assert.ok(await endsWithin(telling));
      assert.ok((await telling).length <= 1);
    }),
    rule('nothing is told to who has aborted before', async (scenario) => {
      const stream = scenario.store.events({ signal: AbortSignal.abort() });
      await scenario.create();
      assert.deepEqual(await scenario.read(stream, 1), []);
    }),
  ],
};

/** Reads the next events from now on. */
function listen(scenario: Scenario, count: number): Promise<readonly StoreEvent[]> {
  return scenario.read(scenario.store.events({ signal: scenario.signal }), count);
}

function readAfter(scenario: Scenario, after: string, count: number): Promise<readonly StoreEvent[]> {
  return scenario.read(scenario.store.events({ after, signal: scenario.signal }), count);
}

/**
 * Has other jobs tell more than a store keeps that is to keep ten events. One after the other: who reads is not to be
 * behind all that is kept.
 */
async function beBusy(scenario: Scenario): Promise<void> {
  for (let count = 0; count < 110; count += 1) await scenario.create(1, { host: 'other-host' });
}

/** Reads as far as the creation of a job. */
async function readUntilCreated(
  scenario: Scenario,
  after: string,
  jobId: string,
): Promise<readonly StoreEvent[]> {
  const told: StoreEvent[] = [];
  for await (const event of scenario.store.events({ after, signal: scenario.signal })) {
    told.push(event);
    if (event.type === 'job:created' && event.jobId === jobId) break;
  }
  return told;
}

/** What two jobs, one of them to its end, have told. */
async function history(scenario: Scenario): Promise<readonly StoreEvent[]> {
  const telling = listen(scenario, 7);
  await scenario.create(2);
  await scenario.completeAll();
  await scenario.create();
  await scenario.lease();
  return telling;
}

function typesOf(told: readonly StoreEvent[]): readonly string[] {
  return told.map(({ type }) => type);
}

/** An event without its place in the history. */
function changeOf({ id: _id, at: _at, ...change }: StoreEvent): object {
  return change;
}
