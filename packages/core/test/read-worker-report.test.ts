import { describe, expect, it } from 'vitest';

import { readWorkerReport, type WorkerReport } from '../src/index.ts';

const report: WorkerReport = {
  id: 'w-1',
  hostname: 'machine',
  pid: 7,
  version: '1.0.0',
  state: 'online',
  slots: 8,
  running: 1,
  holds: [{ jobId: 'j', index: 3, url: 'https://source.example/a.png', attempt: 2, forMs: 40 }],
  complete: 5,
  failed: 1,
  retried: 2,
  memoryBytes: 1_000,
  load: 0.5,
  settings: { leaseMs: 15_000, transform: false, 'host.name': 'imgur' },
};

const long = 'x'.repeat(1_000_000);

describe('what is told of a worker', () => {
  it('is as it was told, where nothing is wrong with it', () => {
    expect(readWorkerReport(report)).toEqual(report);
  });

  it.each([undefined, null, 5, 'text', [], {}])('is none when it is %j', (told) => {
    expect(readWorkerReport(told)).toBeUndefined();
  });

  it.each([
    { id: undefined },
    { id: 7 },
    { id: 'all' },
    { id: '..' },
    { id: long },
    { state: 'x' },
    { state: 1 },
  ])('is none without an id that a worker can have and a state that is known', (odd) => {
    expect(readWorkerReport({ ...report, ...odd })).toBeUndefined();
  });

  it.each([undefined, null, '1', { toString: 1 }, Number.NaN, -1, Number.NEGATIVE_INFINITY])(
    'has 0 for a number that is %j',
    (odd) => {
      const numbers = { pid: odd, slots: odd, running: odd, complete: odd, failed: odd, retried: odd };
      const told = readWorkerReport({ ...report, ...numbers, memoryBytes: odd, load: odd });
      expect(told).toMatchObject({ pid: 0, slots: 0, running: 0, complete: 0, failed: 0, retried: 0 });
      expect(told).toMatchObject({ memoryBytes: 0, load: 0 });
    },
  );

  it('has no number beyond what one can be', () => {
    expect(readWorkerReport({ ...report, slots: Number.POSITIVE_INFINITY, load: 7 })).toMatchObject({
      slots: Number.MAX_SAFE_INTEGER,
      load: 1,
    });
  });

  it('has texts of a bounded length, and empty ones for what is no text', () => {
    const settings = { [long]: long };
    const holds = [{ jobId: long, index: 1, url: long }];
    const told = readWorkerReport({ ...report, hostname: long, version: long, settings, holds });
    expect(JSON.stringify(told).length).toBeLessThan(10_000);
    expect(readWorkerReport({ ...report, hostname: null, version: 1 })).toMatchObject({
      hostname: '',
      version: '',
    });
  });

  it('has the holds that are holds, of which the attempt and the time may not be told', () => {
    const { jobId, index, url } = report.holds[0] as WorkerReport['holds'][number];
    const odd = [null, 5, {}, { jobId, index: '3', url }, { jobId, index, url: 1 }, { jobId, index, url }];
    expect(readWorkerReport({ ...report, holds: odd })?.holds).toEqual([
      { jobId, index, url, attempt: 0, forMs: 0 },
    ]);
    expect(readWorkerReport({ ...report, holds: { length: 1 } })?.holds).toEqual([]);
    const many = Array.from({ length: 1_001 }, () => report.holds[0]);
    expect(readWorkerReport({ ...report, holds: many })?.holds.length).toBe(1_000);
  });

  it('has the settings that are settings', () => {
    const settings = { a: 1, b: null, c: {}, d: [1], e: Number.NaN, f: true, g: 'text' };
    expect(readWorkerReport({ ...report, settings })?.settings).toEqual({ a: 1, f: true, g: 'text' });
    for (const none of [null, 5, 'text', undefined])
      expect(Object.keys(readWorkerReport({ ...report, settings: none })?.settings ?? { no: 1 })).toEqual([]);
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`s${at}`, at]));
    expect(Object.keys(readWorkerReport({ ...report, settings: many })?.settings ?? {}).length).toBe(400);
  });
});
