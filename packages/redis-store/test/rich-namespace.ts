import type { Redis } from 'ioredis';

import type { Lease, Outcome } from '@imgferry/core';
import { aWorker } from '../../../tests/setup/a-worker.ts';
import { decodeRun, type RunAnswer } from '../src/decode-run.ts';
import { RedisStore } from '../src/index.ts';
import { type StepName, stepText } from '../src/step-text.ts';
import type { MovedClock } from './moved-clock.ts';
import { sentSettles } from './sent-settles.ts';

export const HOST = 'host';
export const LEASE_MS = 10_000;
const RETENTION_MS = 70_000;
/** After what is released, in milliseconds before the end of the story. */
const AT_LAST = 68_500;
const REMEMBER = { digest: 'digest', ttlMs: 1e9 };
const FAILED: Outcome = { status: 'failed', failure: { code: 'source_status', message: 'gone' } };

type ClaimAnswer = readonly [
  runs: readonly RunAnswer[],
  nextInMs: number,
  ended: unknown,
  passedOver: unknown,
  jobs: readonly (readonly [job: string, info: string])[],
];

/** A step with arguments that have it do something in a {@link fillRichly rich namespace}. */
export interface Call {
  readonly name: string;
  readonly step: StepName;
  readonly args: readonly (string | number)[];
}

function urls(job: string, count: number): readonly string[] {
  // Short where there are many: all of it is compared very often.
  return Array.from({ length: count }, (_, index) =>
    count > 500 ? `${index}` : `https://a.example/${job}/${index}`,
  );
}

function complete(lease: Lease): Outcome {
  const link = `https://links.example/${lease.jobId}/${lease.index}.jpg`;
  const facts = { deleteHash: `secret ${lease.index}`, bytes: 7, type: 'image/jpeg' };
  return { status: 'complete', link, ...facts, remember: REMEMBER };
}

/**
 * Has everything happen that a store can keep: uploads in every state, jobs in every state, a submit that died, a host
 * that allows little, a fleet. Answers the steps that would go on from there, at least one call of each.
 */
export async function fillRichly(
  redis: Redis,
  url: string,
  namespace: string,
  clock: MovedClock,
): Promise<readonly Call[]> {
  const began = clock.now;
  const store = new RedisStore({ url, namespace, retentionMs: RETENTION_MS });
  const run = async (step: StepName, ...args: (string | number)[]): Promise<unknown> =>
    redis.eval(stepText(step), 1, `{${namespace}}:`, ...args);
  const create = (id: string, count: number, more: object = {}) =>
    store.create({ id, urls: urls(id, count), host: HOST, options: {}, ...more });
  const settle = (leases: readonly Lease[], outcome: (lease: Lease) => Outcome) =>
    store.settle(leases.map((lease) => ({ lease, outcome: outcome(lease), posts: 1 })));
  const release = (leases: readonly Lease[], delayMs: number, countAttempt = true) =>
    store.queue.release(leases.map((lease) => ({ lease, delayMs, countAttempt, posts: 0 })));
  const claim = (limit: number, budget: readonly string[] = []) =>
    store.queue.claim({ host: HOST, limit, leaseMs: LEASE_MS, workerId: 'worker', budget });
  const take = async (id: string, count: number) => {
    const { leases } = await claim(1_000);
    const taken = leases.filter(({ jobId }) => jobId === id).slice(0, count);
    await release(
      leases.filter((lease) => !taken.includes(lease)),
      0,
      false,
    );
    return taken;
  };
  const createAndTake = async (id: string, count: number) => {
    await create(id, count);
    return take(id, count);
  };

  for (const id of ['forgotten', 'forgotten too']) {
    await create(id, 1_001);
    await store.cancel(id);
  }
  await clock.elapse(1_000);
  await settle(await createAndTake('over', 2), complete);
  await clock.elapse(1_000);
  await settle(await createAndTake('finished', 3), (lease) => (lease.index === 0 ? FAILED : complete(lease)));

  const held = await createAndTake('cancelled', 5);
  await settle(held.slice(0, 1), () => FAILED);
  await settle(held.slice(1, 2), complete);
  await release(held.slice(2, 3), 50);
  await store.cancel('cancelled');
  await settle(await createAndTake('retried', 4), () => FAILED);
  await settle(await createAndTake('retried in part', 4), () => FAILED);
  await store.retry('retried in part', { urls: urls('retried in part', 2) });
  await settle(await take('retried in part', 1), () => FAILED);
  // A choice is kept for as long as an upload waits by it.
  await settle(await createAndTake('chosen', 3), () => FAILED);
  await store.pause({ jobId: 'chosen' });
  await store.retry('chosen', { urls: urls('chosen', 2) });
  await settle(await createAndTake('choosing', 4), () => FAILED);
  await run('choose', 'choosing', 'choice', 0, 0, 4, 2, 1, 2, 0, 3);
  await settle(await createAndTake('cancelled, choosing', 3), () => FAILED);
  await store.retry('cancelled, choosing');
  await store.cancel('cancelled, choosing');
  await run('choose', 'cancelled, choosing', 'choice', 0, 2, 3, 1, 1, 0, 2);
  await create('paused', 3);
  await store.pause({ jobId: 'paused' });
  await store.pause({ host: 'another host' });

  await create('running', 120, {
    metadata: { for: 'somebody' },
    idempotency: { key: 'key', fingerprint: 'print', ttlMs: 1e9 },
  });
  const running = await take('running', 32);
  await settle(running.slice(0, 3), complete);
  await settle(running.slice(3, 5), () => FAILED);
  await release(running.slice(5, 7), AT_LAST);
  await release(running.slice(7, 8), 10 * AT_LAST);
  await release(await createAndTake('delayed', 1), AT_LAST + 10);
  await create('poisonous', 1);
  const reading = (bucket: string, remaining: number) => ({
    scope: [bucket],
    buckets: [{ bucket, remaining, resetInMs: 10 * RETENTION_MS, limit: 1_000 }],
  });
  await store.budget.observe(reading('known', 0));
  await store.budget.observe(reading('other', 500));
  await claim(1, ['known']);
  // What is claimed in each of two rounds is claimed for its third time at last.
  for (const round of [1, 2]) {
    await clock.elapse(LEASE_MS + round);
    await claim(20, ['other']);
  }
  for (const id of ['worker-1', 'worker-2']) await store.fleet.beat(aWorker({ id }), 60_000);
  await store.fleet.command('all', { type: 'pause' });
  await run('stage', 'dying', 1_001, 0, ...urls('dying', 1_000));
  await run('stage', 'staged', 1_001, 0, ...urls('staged', 1_000));
  await run('stage', 'staged', 1_001, 1, 'https://a.example/last.jpg');

  await clock.elapse(RETENTION_MS + 50 - (clock.now - began));
  const last = ['slot', 1, RETENTION_MS, 1e4] as const;
  const claimed = (await run('claim', HOST, 12, 500, '["other"]', ...last)) as ClaimAnswer;
  const jobs = claimed[4].map(([jobId]) => ({ jobId, options: {} }));
  const given = claimed[0].flatMap((run) => decodeRun(run, jobs));
  const kept = given.slice(0, 4).map(({ jobId, index, token }) => ({ job: jobId, index, token }));
  const [holding] = kept;
  if (holding === undefined || kept.length < 4) throw new Error('something can be claimed');
  const places = kept.flatMap(({ job, index, token }) => [job, index, token]);
  await run('extend', RETENTION_MS, ...places);
  await store.retry('retried');
  await clock.elapse(1_000);
  await store.close();

  const outcomeOf = (at: number): Outcome =>
    at % 2 === 0
      ? {
          status: 'complete',
          link: `https://links.example/${at}`,
          deleteHash: 'x',
          remember: REMEMBER,
          bytes: 1,
          type: 'image/png',
        }
      : FAILED;
  const readings = JSON.stringify([reading('known', 9)]);
  const settles = sentSettles(kept.map((place, at) => ({ ...place, posts: 1, outcome: outcomeOf(at) })));
  const releases = JSON.stringify(
    kept.map((place) => ({
      ...place,
      posts: 1,
      delayMs: 5,
      countAttempt: true,
      failure: { code: 'source_timeout', message: 'late' },
    })),
  );
  const progress = JSON.stringify(
    kept.map((place) => ({ ...place, url: 'https://a.example/0', attempt: 1, sentBytes: 1, totalBytes: 2 })),
  );
  const claimArgs = [HOST, 40, LEASE_MS, '["other"]'] as const;
  const newJob = ['new', HOST, 2, '{"options":{}}', 'new key', 'print', 1e6, 1e6, 1e4, 0] as const;
  const call = (name: string, step: StepName, ...args: (string | number)[]): Call => ({ name, step, args });
  return [
    call('beat', 'beat', 'worker-1', '{"id":"worker-1"}', 60_000, 'session', '', '[]', '{}'),
    call('budget', 'budget', '["known"]'),
    call('budget, all of it', 'budget', ''),
    call('cancel', 'cancel', 'running', 'request', RETENTION_MS, 1e4),
    call('cancel of a retried job', 'cancel', 'retried', 'request', RETENTION_MS, 1e4),
    call('charge', 'charge', holding.job, holding.index, holding.token, 'request'),
    call('choose', 'choose', 'running', 'choice', 0, 0, 2, 1, 3, 4),
    call('choose, its second part', 'choose', 'choosing', 'choice', 4, 0, 6, 1, 0, 3),
    call('claim', 'claim', ...claimArgs, 'new slot', 1, RETENTION_MS, 1e4),
    call('claim without a budget', 'claim', HOST, 200, LEASE_MS, '[]', 'new slot', 1, RETENTION_MS, 1e4),
    call('claim once more', 'claim', ...claimArgs, 'slot', 1, RETENTION_MS, 1e4),
    call('claim after a claim', 'claim', ...claimArgs, 'slot', 2, RETENTION_MS, 1e4),
    call('command', 'command', '{"type":"drain"}', 'request', 'worker-1', 'worker-2'),
    call('command to one', 'command', '{"type":"drain"}', 'request', 'worker-1'),
    call('create', 'create', ...newJob, ...urls('new', 2)),
    call(
      'create with a known key',
      'create',
      'new',
      HOST,
      2,
      '',
      'key',
      'print',
      1e6,
      -1,
      1e4,
      0,
      ...urls('new', 2),
    ),
    call('create what was staged', 'create', 'staged', HOST, 1_001, '', '', '', 0, -1, 1e4, 0),
    call(
      'create in the place of one that is over',
      'create',
      'over',
      HOST,
      2,
      '',
      '',
      '',
      0,
      -1,
      1e4,
      0,
      ...urls('over', 2),
    ),
    call('buckets', 'buckets', '0', 'known'),
    call('extend', 'extend', LEASE_MS, ...places),
    call('failures', 'failures', 'running', 0, 10),
    call('fleet', 'fleet', '0', '1', '1'),
    call('follow', 'follow', '', 5, 262_144),
    call('get', 'get', 'running'),
    call('hashes', 'hashes', 'running', 0, 10),
    call('inspect', 'inspect', 'running'),
    call('leave', 'leave', 'worker-1'),
    call('links', 'links', 0, 10),
    call('list', 'list', '', 20, '', '', '', '', ''),
    call('list of those with failures', 'list', '', 20, '', '1', '', '', ''),
    call('list of those that are paused', 'list', '', 20, '', '', '1', '', ''),
    call('list of those that run', 'list', '', 20, 'in-progress', '', '', 0, clock.now),
    call('leases', 'leases', '0'),
    call('listed, those that live', 'listed', 'live', '0'),
    call('listed, those that are over', 'listed', 'expiry', '0'),
    call('look', 'look', HOST, '["other"]'),
    call('observe', 'observe', readings, 1e4),
    call('overview', 'overview', 0, 100),
    call('pause of a job', 'pause', 'job', 'running', '1', 'request', 1e4),
    call('pause of a host', 'pause', 'host', HOST, '1', 'request', 1e4),
    call('resume of a job', 'pause', 'job', 'paused', '', 'request', 1e4),
    call('pause of the queue', 'pause', 'queue', '', '1', 'request', 1e4),
    call('progress', 'progress', progress),
    call('recall', 'recall', REMEMBER.digest),
    call('recent', 'recent', '', 100),
    call('relist', 'relist'),
    call('release', 'release', releases, readings, 1e4),
    call('retry', 'retry', 'running', 'request', '', 0, 0, 1e4, 1e6),
    call('retry of a cancelled job', 'retry', 'cancelled', 'request', '', 0, 0, 1e4, -1),
    call('retry of a finished job', 'retry', 'finished', 'request', '', 0, 0, 1e4, -1),
    call('retry of a choice', 'retry', 'choosing', 'request', 'choice', 0, 4, 1e4, 1e6),
    call(
      'retry of a choice in a cancelled job',
      'retry',
      'cancelled, choosing',
      'request',
      'choice',
      2,
      3,
      1e4,
      1e6,
    ),
    call('settle', 'settle', settles, readings, RETENTION_MS, 1e4, 3),
    call('stage', 'stage', 'dying', 1_001, 1, 'https://a.example/last.jpg'),
    call('stats', 'stats'),
    call('uploads', 'uploads', 'running', 0, 50, ''),
  ];
}
