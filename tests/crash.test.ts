import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request } from 'node:http';

import { describe, expect, it } from 'vitest';

import type { StoreEvent, Uploader } from '@imgferry/core';
import { createFakeHost, createFakeSource, sampleImage } from '@imgferry/core/testing';
import { createFetchHandler, toNodeHandler } from '@imgferry/http-adapter';
import type { Place } from './crash.fixture.ts';
import { eventually, type FleetProcess, FleetScene } from './fleet-scene.ts';

// The rows of the table "If the process dies here" in ARCHITECTURE.md, one after the other.

interface Death {
  readonly dies: Place;
  readonly when: string;
  /** No other upload waits: its slot is free by then, and the next one would be under way. */
  readonly alone?: boolean;
  /** Kills it from outside, in the moment that is meant. */
  readonly kill?: (scene: FleetScene, victim: FleetProcess) => Promise<void>;
  /** What the death costs the upload that was under way. */
  readonly costs: {
    readonly attempts: number;
    /** The host may hold it twice, as far as anybody can know. */
    readonly marked: boolean;
    /** How often the host really holds it. */
    readonly images: number;
    /** POSTs that ended before the image had left. */
    readonly incomplete?: number;
  };
}

const nothing = { attempts: 1, marked: false, images: 1 };
const anAttempt = { attempts: 2, marked: true, images: 1 };
const anImage = { attempts: 2, marked: true, images: 2 };

const deaths: readonly Death[] = [
  { dies: 'in wait', when: 'while it waits for work', costs: nothing },
  { dies: 'after claim', when: 'while the answer to its claim is on its way', costs: anAttempt },
  { dies: 'before open', when: 'between its claim and the first byte', costs: anAttempt },
  { dies: 'nowhere', when: 'while the source is opened', kill: whenTheSourceIsAsked, costs: anAttempt },
  { dies: 'after open', when: 'when the source was opened', costs: anAttempt },
  {
    dies: 'half of the image has left',
    when: 'in the middle of a POST',
    kill: whenAPostHasBegun,
    costs: { ...anAttempt, incomplete: 1 },
  },
  { dies: 'nowhere', when: 'before the reply of the host was read', kill: whenTheHostHasIt, costs: anImage },
  { dies: 'after upload', when: 'when it has read the reply of the host', costs: anImage },
  { dies: 'before settle', when: 'before it settles', costs: anImage },
  {
    dies: 'after settle',
    when: 'while the answer to its settle is on its way',
    alone: true,
    costs: nothing,
  },
  { dies: 'before listeners hear', when: 'before its listeners were told', alone: true, costs: nothing },
];

async function whenTheSourceIsAsked({ pictures }: FleetScene, victim: FleetProcess): Promise<void> {
  await pictures.waitUntil(() => pictures.requests('/0.png') === 1);
  victim.signal('SIGKILL');
}

async function whenAPostHasBegun({ imgur }: FleetScene, victim: FleetProcess): Promise<void> {
  await imgur.waitUntil(({ inFlight }) => inFlight === 1);
  victim.signal('SIGKILL');
}

async function whenTheHostHasIt({ imgur }: FleetScene, victim: FleetProcess): Promise<void> {
  await imgur.waitFor(1);
  victim.signal('SIGKILL');
}

describe.concurrent('a worker that dies', () => {
  it.for(deaths)('$when costs what the table says', async (death, { onTestFinished }) => {
    const scene = await FleetScene.open(onTestFinished);
    const urls = scene.urls(death.alone ? 1 : 2);
    if (death.kill === whenTheSourceIsAsked) stallTheFirst(scene);
    if (death.kill === whenTheHostHasIt) scene.imgur.hold({ times: 1 });
    const api = scene.member();
    const heard = await scene.hear(api);
    const victim = await scene.process('crash', { dies: death.dies });
    if (death.dies === 'in wait') await victim.ended;
    const { jobId } = await api.submit(urls);
    await death.kill?.(scene, victim);
    expect(await victim.ended).toEqual([null, 'SIGKILL']);
    scene.member().start();
    const job = await api.finished(jobId, { signal: AbortSignal.timeout(20_000) });
    const { attempts, marked, images, incomplete = 0 } = death.costs;
    const duplicated = marked ? 1 : 0;
    expect(job).toMatchObject({
      complete: urls.length,
      failed: 0,
      waiting: 0,
      claimed: 0,
      possiblyDuplicated: duplicated,
    });
    const other = { status: 'complete', attempts: 1, possiblyDuplicated: false };
    const others = urls.slice(1);
    expect((await api.uploads(jobId))?.items).toMatchObject([
      { status: 'complete', attempts, possiblyDuplicated: marked },
      ...others.map(() => other),
    ]);
    expect(urls.map((_, index) => scene.imagesOf(index).length)).toEqual([images, ...others.map(() => 1)]);
    expect(scene.imgur.requests).toMatchObject({ accepted: images + others.length, incomplete, refused: 0 });
    await hasALinkEach(scene, api, jobId);
    await isToldOnce(api, jobId, heard);
    await scene.agrees(1);
  });

  it('before it told that a job has finished lets everyone else know all the same', async ({
    onTestFinished,
  }) => {
    const scene = await FleetScene.open(onTestFinished);
    const api = scene.member();
    const heard = await scene.hear(api);
    const victim = await scene.process('crash', { dies: 'before listeners hear' });
    const { jobId } = await api.submit(scene.urls(1));
    const finished = api.finished(jobId, { signal: AbortSignal.timeout(20_000) });
    expect(await victim.ended).toEqual([null, 'SIGKILL']);
    expect(await finished).toMatchObject({ status: 'complete', complete: 1, possiblyDuplicated: 0 });
    await isToldOnce(api, jobId, heard);
  });
});

function stallTheFirst(scene: FleetScene): void {
  const bytes = sampleImage('image/png', { bytes: 2_000, seed: 0 });
  scene.pictures.set('/0.png', [{ bytes, breaks: { how: 'stall', afterBytes: 0 } }, { bytes }]);
}

/** Each upload has a link of its own, and the image behind it is its own and still there. */
async function hasALinkEach(scene: FleetScene, api: Uploader, jobId: string): Promise<void> {
  const uploads = (await api.uploads(jobId))?.items ?? [];
  const { items } = await api.links();
  expect([...items].sort()).toEqual(uploads.map(({ link }) => link).sort());
  for (const { index, link } of uploads)
    expect(scene.imagesOf(index)).toContainEqual(expect.objectContaining({ link, deleted: false }));
}

/** The history says each thing once, and a follower in another process has heard just that. */
async function isToldOnce(api: Uploader, jobId: string, heard: readonly StoreEvent[]): Promise<void> {
  const total = (await api.job(jobId))?.total ?? 0;
  const expected = [
    'job:created',
    'job:started',
    ...Array.from({ length: total }, (_, index) => `upload:completed ${index}`),
    'job:finished',
  ];
  await eventually(() => heard.map(nameOf).sort(), expected.toSorted());
  expect(heard.map(nameOf).at(-1)).toBe('job:finished');
  const kept: StoreEvent[] = [];
  for await (const event of api.follow(jobId, { after: 'the beginning' })) kept.push(event);
  expect(kept.slice(1)).toEqual(heard);
}

function nameOf(event: StoreEvent): string {
  return 'index' in event ? `${event.type} ${event.index}` : event.type;
}

interface ServerDeath {
  readonly dies: Place;
  readonly when: string;
  readonly urls: number;
  readonly answers?: number;
  /** Whether a job is there although nobody was told of it. */
  readonly kept: boolean;
}

const serverDeaths: readonly ServerDeath[] = [
  { dies: 'while a submit is read', when: 'while a submit is read', urls: 2, kept: false },
  { dies: 'before create', when: 'when the URLs were checked', urls: 2, kept: false },
  {
    dies: 'between answers of create',
    when: 'in the middle of bringing in a large job',
    urls: 1_001,
    answers: 2,
    kept: false,
  },
  {
    dies: 'between answers of create',
    when: 'before the last step of bringing in a large job',
    urls: 1_001,
    answers: 3,
    kept: false,
  },
  {
    dies: 'between answers of create',
    when: 'while the answer to create is on its way',
    urls: 2,
    answers: 1,
    kept: true,
  },
  { dies: 'after create', when: 'before the 202 has left', urls: 2, kept: true },
];

describe.concurrent('a server that dies', () => {
  it.for(serverDeaths)(
    '$when keeps a job whole or not at all, and a key finds it',
    async ({ dies, urls: count, answers, kept }, { onTestFinished }) => {
      const scene = await FleetScene.open(onTestFinished);
      const urls = Array.from({ length: count }, (_, index) => `http://pictures.example/${index}.png`);
      const body = JSON.stringify({ urls });
      const victim = await scene.process('crash', { dies, serves: true, ...(answers && { answers }) });
      const { url } = await victim.heard('ready');
      const picture = sampleImage('image/png');
      const source = createFakeSource(Object.fromEntries(urls.map((each) => [each, picture])));
      const host = createFakeHost({ name: 'imgur' });
      const member = scene.member({ source, host, concurrency: 64 });
      const heard = await scene.hear(member);
      const key = randomUUID();
      await expect(post(String(url), body, key)).rejects.toThrow(/ECONNRESET|socket hang up/);
      expect(await victim.ended).toEqual([null, 'SIGKILL']);

      const before = await member.jobs();
      expect(before.items.map(({ total, waiting }) => [total, waiting])).toEqual(
        kept ? [[count, count]] : [],
      );
      if (!kept) {
        member.start();
        await eventually(async () => (await member.workers()).length, 1);
        expect(source.opened).toEqual([]);
      }
      const healthy = await serve(scene, member);
      const [status, { jobId }] = await post(healthy, body, key);
      expect(status).toBe(202);
      if (kept) expect(jobId).toBe(before.items[0]?.id);
      member.start();
      expect(await member.finished(jobId, { signal: AbortSignal.timeout(20_000) })).toMatchObject({
        total: count,
        complete: count,
        possiblyDuplicated: 0,
      });
      expect(host.uploads.length).toBe(count);
      await isToldOnce(member, jobId, heard);
      await scene.agrees(1);

      const [, again] = await post(healthy, body);
      expect(again.jobId).not.toBe(jobId);
    },
  );
});

async function serve(scene: FleetScene, member: Uploader): Promise<string> {
  const server = createServer(toNodeHandler(createFetchHandler(member))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  scene.later(async () => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}

/** Submits, on a connection of its own: how that ends is what counts. */
async function post(url: string, body: string, key?: string): Promise<[number, { readonly jobId: string }]> {
  const headers = { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) };
  const sent = request(`${url}/v1/images/upload`, { method: 'POST', agent: false, headers });
  sent.end(body);
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return [response.statusCode, JSON.parse(text)];
}
