import { format } from 'node:util';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { failureCodes } from '@imgferry/core';
import { type Canary, canaries, canaryNames, isIn, spellingsOf } from './secrets/canaries.ts';
import { Diary, type Place } from './secrets/diary.ts';
import { play } from './secrets/play.ts';
import { Scene } from './secrets/scene.ts';

const diary = new Diary();
const scene = new Scene(diary);

beforeAll(async () => {
  for (const stream of ['warn', 'error', 'log', 'info', 'debug'] as const)
    vi.spyOn(console, stream).mockImplementation((...args) => diary.see('the console', format(...args)));
  process.on('warning', (warning) => diary.see('the console', warning));
  await scene.open();
  await play(scene);
}, 120_000);

afterAll(async () => {
  await scene.close();
  vi.restoreAllMocks();
}, 60_000);

/** Where the URL of a source may be seen whole: it is echoed as it was sent to whoever may read the job. */
const whereTheUrlIs: readonly Place[] = [
  'a command to Redis',
  'a key of Redis',
  'a lease',
  'an answer of the endpoints',
  'an event',
  'an event of the store',
  'an object that was looked at',
  'the fleet',
];

/** Where each canary was seen, and nowhere else. That it was seen there says that the search would find it elsewhere. */
const whereTheyAre: Readonly<Record<Canary, readonly Place[]>> = {
  clientId: ['what the host was sent'],
  clientSecret: ['what the host was sent'],
  accessToken: ['what the host was sent'],
  refreshToken: ['what the host was sent'],
  rapidApiKey: ['what the host was sent'],
  monitorPassword: ['what the monitor was sent'],
  redisPassword: ['the configuration of Redis'],
  signature: [...whereTheUrlIs, 'what the source was sent'],
  sasSignature: [...whereTheUrlIs, 'what the source was sent'],
  fragment: whereTheUrlIs,
  deleteHash: [
    'a command to Redis',
    'the deletehashes at the monitor',
    'the key of the deletehashes',
    'what deleteHashes answers',
    'what the host was sent',
  ],
  // The application's own words about its job, which it gets back with the job. The endpoints do not show them.
  albumHash: [
    'a command to Redis',
    'a key of Redis',
    'an event',
    'an event of the store',
    'a lease',
    'what the host was sent',
  ],
};

describe('of a run in which everything goes wrong', () => {
  it.each(canaryNames)('%s is seen where it belongs and nowhere else', (canary) => {
    expect(diary.placesOf(canary)).toEqual([...whereTheyAre[canary]].sort());
  });

  it('tokens that were renewed are seen nowhere', () => {
    expect(diary.learned.size).toBeGreaterThanOrEqual(2);
    expect(diary.placesOfTheLearned()).toEqual([]);
  });

  it('no failure names an address, and none is longer than a sentence', () => {
    const failures = diary.textsOf('a failure');
    expect(failures.filter((text) => /\d+\.\d+\.\d+\.\d+/.test(text))).toEqual([]);
    expect(failures.filter((text) => text.includes('[address]:5432'))).not.toEqual([]);
    expect(failures.filter((text) => text.length > 1_000)).toEqual([]);
  });

  it("no line of the log is of a stranger's making, and none steers a terminal", () => {
    const lines = [...diary.textsOf('the log'), ...diary.textsOf('the console')];
    expect(lines.filter((text) => text.includes('all is lost'))).not.toEqual([]);
    expect(lines.filter((text) => text.includes('\u001b') || /^\{"level":60|^\s*GET/m.test(text))).toEqual(
      [],
    );
    expect(diary.textsOf('the log').filter((line) => line.includes('\n'))).toEqual([]);
  });

  it.each(['the log', 'the console'] as const)('%s has the faults of a store, and of headers', (place) => {
    const has = (words: RegExp): boolean => diary.textsOf(place).some((text) => words.test(text));
    expect(has(/the store could not say[\s\S]*GET image:|GET image:[\s\S]*the store could not say/)).toBe(
      true,
    );
    expect(has(/sent: .*x-api-key.*\[secret\]/)).toBe(true);
  });

  it('the settings that careless parts tell were looked at', () => {
    const settings = diary.textsOf('the settings').join('\n');
    expect(settings).toContain("'source.isCareless': true");
    expect(settings).toContain('[secret]');
    expect(settings).toContain("'store.namespace'");
  });

  it('everything did go wrong', () => {
    const { happened } = diary;
    expect(Object.keys(failureCodes).filter((code) => !happened.has(code))).toEqual([]);
    const others = [
      'store_unavailable',
      'redis_setup',
      'invalid_option',
      'upload:lost',
      'host:paused',
      'error',
    ];
    const answers = [
      'POST 400',
      'POST 415',
      'POST 503',
      'GET 500',
      'GET 503',
      'GET 404',
      'PATCH 405',
      'GET 200',
      'monitor GET 200',
      'monitor GET 401',
      'monitor GET 404',
      'monitor POST 200',
      'monitor POST 400',
      'monitor POST 403',
    ];
    expect([...others, ...answers].filter((each) => !happened.has(each))).toEqual([]);
  });

  it('the events of jobs were looked at', () => {
    const streams = diary
      .textsOf('an answer of the endpoints')
      .filter((text) => text.includes('event-stream'));
    for (const event of ['snapshot', 'gap', 'upload:completed', 'upload:failed', 'job:finished'])
      expect(streams.filter((text) => text.includes(`event: ${event}\n`))).not.toEqual([]);
  });

  it.each([
    ['the log', 10],
    ['the console', 5],
    ['an error', 20],
    ['a failure', 25],
    ['an event', 100],
    ['an event of the store', 50],
    ['a problem of the endpoints', 10],
    ['an answer of the monitor', 50],
    ['a problem of the monitor', 8],
    ['an object that was looked at', 10],
    ['the clients and logs of Redis', 4],
    ['the statistics', 1],
  ] as const)('%s was not empty', (place, least) =>
    expect(diary.textsOf(place).length).toBeGreaterThanOrEqual(least),
  );
});

describe('the search', () => {
  it.each(canaryNames)('would find %s in every spelling', (canary) => {
    for (const spelling of spellingsOf(canary))
      expect(isIn(`a line with ${spelling} in it`, canary)).toBe(true);
    const value = canaries[canary];
    for (const before of ['', ':', 'id:', 'Client-ID '])
      expect(isIn(Buffer.from(`${before}${value} behind`).toString('base64'), canary)).toBe(true);
    expect(isIn('a line with canary in it, and nothing of it', canary)).toBe(false);
  });
});
