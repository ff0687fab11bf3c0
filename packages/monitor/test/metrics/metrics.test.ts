import { describe, expect, it } from 'vitest';

import {
  durationBoundsMs,
  type FailureCode,
  failureCodes,
  type OutcomeCount,
  type WorkerInfo,
} from '@imgferry/core';
import { writeMetrics } from '../../src/metrics/index.ts';
import { parseExposition, type ReadSample } from './exposition-parser.ts';
import { aWorker, emptyStats, type Facts, measured } from './facts.ts';

async function samplesOf(name: string, facts: Facts): Promise<readonly ReadSample[]> {
  const families = parseExposition(await writeMetrics(measured(facts)));
  return families.find((family) => family.name === name)?.samples ?? expect.fail(`there is no ${name}`);
}

/** Values by the values of their labels. */
async function valuesOf(name: string, facts: Facts): Promise<Record<string, number>> {
  const samples = await samplesOf(name, facts);
  return Object.fromEntries(samples.map(({ labels, value }) => [Object.values(labels).join(' '), value]));
}

/** The same facts, each number another one. */
function distinct<Facts extends object>(facts: Facts, from: number): Facts {
  const entries = Object.entries(facts).map(([name, value], at) => [
    name,
    typeof value === 'number' ? from + at : value,
  ]);
  return Object.fromEntries(entries);
}

const complete = (host: string, count: number): OutcomeCount => ({
  host,
  outcome: 'complete',
  code: null,
  count,
});

describe('the metrics', () => {
  it('count uploads by host, outcome and code, also those that there are none of yet', async () => {
    const outcomes: OutcomeCount[] = [
      complete('imgur', 5),
      { host: 'imgur', outcome: 'failed', code: 'too_large', count: 2 },
    ];
    const none = Object.keys(failureCodes).map((code) => [`imgur failed ${code}`, 0]);
    expect(await valuesOf('imgferry_uploads_total', { stats: { outcomes } })).toEqual({
      ...Object.fromEntries(none),
      'imgur complete none': 5,
      'imgur failed too_large': 2,
    });
  });

  it('begin with 0 for each host that a worker is there for', async () => {
    const host = (name: string | number, state: WorkerInfo['state'] = 'online') =>
      aWorker({ state, settings: { host: name } });
    const workers = [
      host('imgur'),
      host('imgur', 'paused'),
      host('gone', 'offline'),
      host(7),
      host('\n'),
      aWorker({}),
    ];
    const values = await valuesOf('imgferry_uploads_total', { workers });
    expect(values).toMatchObject({ 'imgur complete none': 0, 'imgur failed too_large': 0 });
    expect(Object.keys(values).filter((labels) => !labels.startsWith('imgur '))).toEqual([]);
  });

  it('name the 20 busiest hosts and count the others together, whatever hosts there are', async () => {
    const outcomes = Array.from({ length: 1_000 }, (_, at) => complete(`host-${at}`, at + 1));
    const failed: OutcomeCount = { host: 'host-1', outcome: 'failed', code: 'too_large', count: 3 };
    const facts = {
      stats: { outcomes: [...outcomes, failed] },
      workers: [aWorker({ settings: { host: 'idle' } })],
    };
    const samples = await samplesOf('imgferry_uploads_total', facts);
    const values = samples
      .filter(({ labels }) => labels.outcome === 'complete')
      .map(({ labels, value }) => [labels.host, value]);
    expect(values).toEqual(Array.from({ length: 20 }, (_, at) => [`host-${999 - at}`, 1_000 - at]));
    expect(new Set(samples.map(({ labels }) => labels.host)).size).toBe(20);
    expect(await valuesOf('imgferry_uploads_other_hosts', facts)).toEqual({
      complete: (980 * 981) / 2,
      failed: 3,
    });
  });

  it('have no counter that falls when another host becomes one of the busiest', async () => {
    const counted = async (last: number): Promise<Record<string, number>> => {
      const hosts = Array.from({ length: 20 }, (_, at) => complete(`host-${at}`, 10));
      return valuesOf('imgferry_uploads_total', { stats: { outcomes: [...hosts, complete('last', last)] } });
    };
    const [before, after] = [await counted(5), await counted(11)];
    expect(after).toMatchObject({ 'last complete none': 11 });
    for (const [labels, value] of Object.entries(after))
      expect(value, labels).toBeGreaterThanOrEqual(before[labels] ?? 0);
  });

  it('count codes that are in no table together, as those of a newer worker', async () => {
    const outcomes = ['of_tomorrow', 'toString', 'cancelled'].map(
      (code): OutcomeCount => ({
        host: 'imgur',
        outcome: 'failed',
        code: code as FailureCode,
        count: 1,
      }),
    );
    const values = await valuesOf('imgferry_uploads_total', { stats: { outcomes } });
    expect(Object.entries(values).filter(([, value]) => value > 0)).toEqual([
      ['imgur failed cancelled', 1],
      ['imgur failed other', 2],
    ]);
  });

  it('tell each number of the store by its own name', async () => {
    const totals = distinct(emptyStats.totals, 100);
    const queue = { ...distinct(emptyStats.queue, 200), pausedHosts: [] };
    const values = Object.fromEntries(
      parseExposition(await writeMetrics(measured({ stats: { totals, queue } }))).map(({ name, samples }) => [
        name,
        samples[0]?.value,
      ]),
    );
    expect(values).toMatchObject({
      imgferry_jobs_created_total: totals.jobsCreated,
      imgferry_jobs_finished_total: totals.jobsFinished,
      imgferry_uploads_created_total: totals.uploadsCreated,
      imgferry_upload_bytes_total: totals.bytes,
      imgferry_upload_attempts_retried_total: totals.uploadsRetried,
      imgferry_uploads_reused_total: totals.uploadsReused,
      imgferry_uploads_possibly_duplicated_total: totals.possiblyDuplicated,
      imgferry_leases_expired_total: totals.leasesExpired,
      imgferry_settles_lost_total: totals.settlesLost,
      imgferry_jobs_live: queue.liveJobs,
      imgferry_jobs_paused: queue.pausedJobs,
      imgferry_uploads_waiting: queue.waiting,
      imgferry_uploads_delayed: queue.delayed,
      imgferry_uploads_running: queue.claimed,
      imgferry_uploads_overdue: queue.overdue,
    });
  });

  it('tell durations in seconds, each bucket with those below it', async () => {
    const counts = durationBoundsMs.map((_, at) => at).concat(7);
    const samples = await samplesOf('imgferry_upload_duration_seconds', {
      stats: { durations: { counts, sumMs: 12_345 } },
    });
    const total = (durationBoundsMs.length * (durationBoundsMs.length - 1)) / 2 + 7;
    expect(samples.slice(0, 3).map(({ labels, value }) => [labels.le, value])).toEqual([
      ['0.05', 0],
      ['0.1', 1],
      ['0.25', 3],
    ]);
    expect(samples.slice(-3).map(({ name, labels, value }) => [name, labels, value])).toEqual([
      ['imgferry_upload_duration_seconds_bucket', { le: '+Inf' }, total],
      ['imgferry_upload_duration_seconds_sum', {}, 12.345],
      ['imgferry_upload_duration_seconds_count', {}, total],
    ]);
  });

  it('tell the age of the oldest job in seconds, and 0 without any', async () => {
    const age = (oldestMs: number | null) =>
      valuesOf('imgferry_oldest_job_age_seconds', { stats: { queue: { ...emptyStats.queue, oldestMs } } });
    expect([await age(1_500), await age(null)]).toEqual([{ '': 1.5 }, { '': 0 }]);
  });

  it('tell what is paused by hand, also when it is no more', async () => {
    const stats = {
      outcomes: [complete('imgur', 1), complete('elsewhere', 1)],
      queue: { ...emptyStats.queue, paused: true, pausedHosts: ['elsewhere'] },
    };
    expect(await valuesOf('imgferry_queue_paused', { stats })).toEqual({ '': 1 });
    expect(await valuesOf('imgferry_host_paused', { stats })).toEqual({ elsewhere: 1, imgur: 0 });
    expect(await valuesOf('imgferry_hosts_paused', { stats })).toEqual({ '': 1 });
  });

  it('name at most 20 hosts that are paused, and count them all', async () => {
    const pausedHosts = Array.from({ length: 500 }, (_, at) => `host-${at}`);
    const stats = { outcomes: [complete('imgur', 1)], queue: { ...emptyStats.queue, pausedHosts } };
    expect(Object.values(await valuesOf('imgferry_host_paused', { stats }))).toEqual(Array(20).fill(1));
    expect(await valuesOf('imgferry_hosts_paused', { stats })).toEqual({ '': 500 });
  });

  it('tell what the hosts allow, and until when', async () => {
    const budget = [
      { bucket: 'imgur:client:9f', remaining: 3, limit: 12, resetInMs: 1_500, resetsAt: 1_500, inFlight: 2 },
      {
        bucket: 'imgur:gate',
        remaining: 0,
        resetInMs: 60_000,
        resetsAt: 60_000,
        reason: 'blocked',
        inFlight: 0,
      },
    ] as const;
    expect(await valuesOf('imgferry_budget_remaining', { budget })).toEqual({
      'imgur:client:9f': 3,
      'imgur:gate': 0,
    });
    expect(await valuesOf('imgferry_budget_limit', { budget })).toEqual({ 'imgur:client:9f': 12 });
    expect(await valuesOf('imgferry_budget_in_flight', { budget })).toMatchObject({ 'imgur:client:9f': 2 });
    expect(await valuesOf('imgferry_budget_reset_seconds', { budget })).toEqual({
      'imgur:client:9f': 1.5,
      'imgur:gate': 60,
    });
    expect(await valuesOf('imgferry_budget_paused', { budget })).toEqual({ 'imgur:gate blocked': 1 });
  });

  it('name at most 50 buckets, and tell how many they leave out', async () => {
    const names = ['x'.repeat(201), ...Array.from({ length: 60 }, (_, at) => `bucket-${at}`)];
    const budget = names.map((bucket) => ({ bucket, remaining: 1, resetInMs: 1, resetsAt: 1, inFlight: 0 }));
    expect(Object.keys(await valuesOf('imgferry_budget_remaining', { budget }))).toEqual(names.slice(1, 51));
    expect(await valuesOf('imgferry_budget_buckets', { budget })).toEqual({ '': 61 });
    expect(await valuesOf('imgferry_budget_buckets_dropped', { budget })).toEqual({ '': 11 });
  });

  it('count workers by state, and the slots and memory of those that are there', async () => {
    const workers = [
      aWorker({ slots: 3, running: 1_200 }),
      aWorker({ state: 'draining', slots: 4, running: 1 }),
      aWorker({ state: 'offline', slots: 5, running: 1 }),
    ];
    expect(await valuesOf('imgferry_workers', { workers })).toEqual({
      online: 1,
      paused: 0,
      draining: 1,
      offline: 1,
    });
    expect(await valuesOf('imgferry_worker_slots', { workers })).toEqual({ '': 7 });
    expect(await valuesOf('imgferry_worker_slots_busy', { workers })).toEqual({ '': 1_201 });
    expect(await valuesOf('imgferry_worker_memory_bytes', { workers })).toEqual({ '': 2_000 });
  });

  it('name no job, no upload and no worker', async () => {
    const held = { jobId: 'canary-job', index: 0, url: 'https://canary.example/', attempt: 1, forMs: 0 };
    const workers = [aWorker({ id: 'canary-worker', hostname: 'canary-machine', holds: [held] })];
    expect(await writeMetrics(measured({ workers }))).not.toContain('canary');
  });

  it('are about a thousand series at most, whatever is in the store', async () => {
    const names = Array.from({ length: 200 }, (_, at) => `name-${at}`);
    const codes = [...Object.keys(failureCodes), 'of_tomorrow'] as FailureCode[];
    const outcomes = names.flatMap((host) => [
      complete(host, 1),
      ...codes.map((code): OutcomeCount => ({ host, outcome: 'failed', code, count: 1 })),
    ]);
    const budget = names.map((bucket) => ({
      bucket,
      remaining: 0,
      limit: 1,
      resetInMs: 1,
      resetsAt: 1,
      inFlight: 0,
    }));
    const paused = { ...emptyStats.queue, pausedHosts: names };
    const facts = {
      stats: { outcomes, queue: paused },
      budget: budget.map((bucket) => ({ ...bucket, reason: 'blocked' as const })),
      workers: names.map((id) => aWorker({ id })),
    };
    const families = parseExposition(await writeMetrics(measured(facts)));
    expect(families.flatMap(({ samples }) => samples).length).toBeLessThan(1_100);
  });

  it('fail when the store does', async () => {
    const away = new Error('the store is away');
    const uploader = { ...measured({}), workers: () => Promise.reject(away) };
    await expect(writeMetrics(uploader)).rejects.toBe(away);
  });

  it('are all there from the start', async () => {
    const names = async (facts: Facts): Promise<string[]> =>
      parseExposition(await writeMetrics(measured(facts))).map(({ name }) => name);
    expect(await names({})).toEqual(await names({ stats: { outcomes: [complete('imgur', 1)] } }));
  });
});
