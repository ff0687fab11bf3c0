import { afterEach, describe, expect, it, vi } from 'vitest';

import { StoreUnavailableError, type WorkerCommand } from '@imgferry/core';
import { createMonitor, type JobPageView, type PausedAnswer, type ProblemView } from '@imgferry/monitor';
import { aWorker } from '../../../tests/setup/a-worker.ts';
import { routes } from '../src/routes.ts';
import { createScene, here, origin, pageHeaders, type Scene, type SceneChanges } from './scene.ts';

const scenes: Scene[] = [];
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const scene of scenes.splice(0)) await scene.stop();
});

function scene(changes: SceneChanges = {}): Scene {
  const made = createScene(changes);
  scenes.push(made);
  return made;
}

const someJob = '55355b7c-9b86-4a1a-b32e-6cdd6db07183';
const pathOf = (path: string): string =>
  path.replace('{jobId}', someJob).replace('{workerId}', 'w-1').replace('{host}', 'fake');
const writes = routes.filter(({ method }) => method === 'POST').map(({ path }) => pathOf(path));
const reads = routes
  .filter(({ method, path }) => method === 'GET' && path !== '/api/live')
  .map(({ path }) => pathOf(path));

describe('steering', () => {
  it('cancels, retries, pauses and resumes a job, and leaves a line of who did what', async () => {
    const { uploader, steer, logged, pictures } = scene({
      access: { users: [{ user: 'ann', password: 'correct horse', role: 'write' }] },
    });
    const { jobId } = await uploader.submit(pictures(2));
    const authorization = `Basic ${Buffer.from('ann:correct horse').toString('base64')}`;
    const { ask } = scenes[0] as Scene;
    const post = async (action: string, body?: string): Promise<JobPageView> => {
      const headers = { ...pageHeaders, authorization, 'content-type': 'application/json' };
      const init = { method: 'POST', headers, ...(body === undefined ? {} : { body }) };
      return (await (await ask(`/api/jobs/${jobId}/${action}`, init)).json()) as JobPageView;
    };
    expect(await post('pause')).toMatchObject({ id: jobId, pausedBy: ['job'] });
    expect(await post('resume')).toMatchObject({ pausedBy: [] });
    expect(await post('cancel')).toMatchObject({ cancelled: true, failed: 2 });
    expect(await post('retry', '{"codes":["poison"]}')).toMatchObject({ failed: 2 });
    expect(await post('retry')).toMatchObject({ waiting: 2, failed: 0 });
    expect(logged.map(({ level, facts }) => [level, facts])).toEqual([
      ['warn', { user: 'ann', action: 'pause', what: { jobId } }],
      ['warn', { user: 'ann', action: 'resume', what: { jobId } }],
      ['warn', { user: 'ann', action: 'cancel', what: { jobId } }],
      ['warn', { user: 'ann', action: 'retry', what: { jobId, codes: ['poison'] } }],
      ['warn', { user: 'ann', action: 'retry', what: { jobId } }],
    ]);
    expect((await steer(`/api/jobs/${jobId}/cancel`)).status).toBe(401);
  });

  it('leaves that line on the console where no logger is given, and so does reading deletehashes', async () => {
    const told = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { uploader } = scene();
    const monitor = createMonitor(uploader, { access: { loopback: '127.0.0.1' } });
    const { jobId } = await uploader.submit(['https://source.example/0.png']);
    const asked = { method: 'POST', headers: pageHeaders };
    await monitor(new Request(`${origin}/api/jobs/${jobId}/pause`, asked), here);
    await monitor(new Request(`${origin}/api/jobs/${jobId}/delete-hashes`, { headers: pageHeaders }), here);
    const did = (action: string) => [expect.any(String), { user: null, action, what: { jobId } }];
    expect(told.mock.calls).toEqual([did('pause'), did('read deletehashes')]);
  });

  it('pauses and resumes the queue and a host', async () => {
    const { steer } = scene();
    const paused = async (path: string): Promise<unknown> => (await steer(path)).json();
    expect(await paused('/api/queue/pause')).toEqual({ paused: { queue: true, hosts: [], jobs: 0 } });
    expect(await paused('/api/hosts/fake%20one/pause')).toEqual({
      paused: { queue: true, hosts: ['fake one'], jobs: 0 },
    });
    expect(await paused('/api/queue/resume')).toEqual({
      paused: { queue: false, hosts: ['fake one'], jobs: 0 },
    });
    expect(await paused('/api/hosts/fake%20one/resume')).toEqual({
      paused: { queue: false, hosts: [], jobs: 0 },
    });
  });

  it('tells one worker or all to pause, resume, resize and drain', async () => {
    const { steer, store } = scene();
    const beat = (id: string): Promise<readonly WorkerCommand[]> => store.fleet.beat(aWorker({ id }), 60_000);
    for (const id of ['w-1', 'w-2']) await beat(id);
    const told = async (path: string, body?: unknown): Promise<unknown> => (await steer(path, body)).json();
    expect(await told('/api/workers/w-1/resize', { slots: 3 })).toEqual({ told: 1 });
    expect(await told('/api/workers/all/pause')).toEqual({ told: 2 });
    expect(await told('/api/workers/w-2/resume')).toEqual({ told: 1 });
    expect((await steer('/api/workers/w-3/drain')).status).toBe(404);
    expect(await told('/api/workers/all/drain')).toEqual({ told: 2 });
    expect(await beat('w-1')).toEqual([{ type: 'resize', slots: 3 }, { type: 'pause' }, { type: 'drain' }]);
    expect(await beat('w-2')).toEqual([{ type: 'pause' }, { type: 'resume' }, { type: 'drain' }]);
  });

  it('of what is unknown is 404', async () => {
    const { steer, ask } = scene();
    for (const action of ['cancel', 'retry', 'pause', 'resume'])
      expect((await steer(`/api/jobs/${someJob}/${action}`)).status).toBe(404);
    for (const path of [
      `/api/jobs/${someJob}/delete-hashes`,
      '/api/jobs/x',
      '/api/workers/none',
      '/api/workers/%E0',
      '/nothing',
    ])
      expect((await ask(path, { headers: pageHeaders })).status).toBe(404);
  });

  it.each<[string, string | Uint8Array, string, number, RegExp]>([
    ['no JSON', '{', 'application/json', 400, /not JSON/],
    ['no UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'application/json', 400, /not JSON/],
    ['no object', '[1]', 'application/json', 400, /must be an object/],
    ['nothing', '', 'application/json', 400, /not JSON/],
    ['no slots', '{}', 'application/json', 400, /slots is missing/],
    ['none at all', '{"slots":0}', 'application/json', 400, /slots must be/],
    ['too many', '{"slots":10001}', 'application/json', 400, /slots must be/],
    ['half a slot', '{"slots":1.5}', 'application/json', 400, /slots must be/],
    ['a key that is unknown', '{"slots":1,"force":true}', 'application/json', 400, /force is not a key/],
    ['a form', 'slots=1', 'application/x-www-form-urlencoded', 415, /application\/json/],
    ['text', '{"slots":1}', 'text/plain', 415, /application\/json/],
    ['another charset', '{"slots":1}', 'application/json;charset=latin1', 415, /utf-8/],
    ['too much', `{"slots":${' '.repeat(70_000)}1}`, 'application/json', 413, /larger/],
    ['a long name', `{"${'x'.repeat(900)}":1,"slots":1}`, 'application/json', 400, /x{100}/],
  ])('a body of %s is refused', async (_what, body, type, status, detail) => {
    const headers = { ...pageHeaders, 'content-type': type };
    const answer = await scene().ask('/api/workers/w-1/resize', { method: 'POST', headers, body });
    const problem = (await answer.json()) as ProblemView;
    expect(answer.status).toBe(status);
    expect(problem.detail).toMatch(detail);
    expect(problem.detail.length).toBeLessThanOrEqual(200);
  });

  it('with a body that is encoded is refused, and never decoded', async () => {
    const headers = { ...pageHeaders, 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const init = { method: 'POST', headers, body: '{"slots":1}' };
    const answer = await scene().ask('/api/workers/w-1/resize', init);
    expect(answer.status).toBe(415);
    expect(((await answer.json()) as ProblemView).errors).toMatchObject([{ header: 'Content-Encoding' }]);
  });

  it('resumes a host by the name that is told, and pauses none that would be told as another', async () => {
    const { steer, store } = scene();
    const steered = async (name: string, step: string): Promise<PausedAnswer> =>
      (await (await steer(`/api/hosts/${encodeURIComponent(name)}/${step}`)).json()) as PausedAnswer;
    for (const name of ['imgur', 'a b', '東京/1']) {
      const { paused } = await steered(name, 'pause');
      expect(paused.hosts).toEqual([name]);
      expect((await steered(paused.hosts[0] ?? '', 'resume')).paused.hosts).toEqual([]);
    }
    for (const name of [' ', 'a  b', 'a ', '\u00a0', 'a\u2028b', '\u3164', '\u{e0100}', 'imgur\ufe0f'])
      expect((await steer(`/api/hosts/${encodeURIComponent(name)}/pause`)).status).toBe(404);
    expect((await store.stats()).queue.pausedHosts).toEqual([]);
  });

  it('with a body that does not come is 408, and its connection is closed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const left = Promise.withResolvers<void>();
    const body = new ReadableStream({ cancel: () => left.resolve() });
    const headers = { ...pageHeaders, 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body, duplex: 'half' } as const;
    const asked = scene().ask('/api/workers/w-1/resize', init);
    await vi.advanceTimersByTimeAsync(10_000);
    const answer = await asked;
    expect([answer.status, answer.headers.get('connection')]).toEqual([408, 'close']);
    await left.promise;
  });

  it('with a store that is away is 503, and the fault of a store is 500 and tells nothing', async () => {
    const away = scene({
      store: () => ({
        cancel: () => Promise.reject(new StoreUnavailableError('redis://:canary@host is away')),
      }),
    });
    const answer = await away.steer(`/api/jobs/${someJob}/cancel`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2']);
    expect(await answer.text()).not.toContain('canary');
    const broken = scene({
      store: () => ({ cancel: () => Promise.reject(new Error('redis://:canary@host')) }),
    });
    const fault = await broken.steer(`/api/jobs/${someJob}/cancel`);
    expect(fault.status).toBe(500);
    expect(await fault.text()).not.toContain('canary');
    expect(JSON.stringify([away.logged, broken.logged])).not.toContain('canary');
  });
});

const foreign: [string, Record<string, string>][] = [
  ['another site', { 'sec-fetch-site': 'cross-site', 'x-imgferry-monitor': '1' }],
  ['another host of the same site', { 'sec-fetch-site': 'same-site', 'x-imgferry-monitor': '1' }],
  ['another origin', { origin: 'https://evil.example', 'x-imgferry-monitor': '1' }],
  ['another port', { origin: 'http://127.0.0.1:8080', 'x-imgferry-monitor': '1' }],
  ['an origin that is hidden', { origin: 'null', 'x-imgferry-monitor': '1' }],
];

describe('a page of another origin', () => {
  it.each(foreign)('of %s changes nothing', async (_who, headers) => {
    const { uploader, ask } = scene();
    const { jobId } = await uploader.submit(['https://source.example/0.png']);
    for (const path of writes) {
      const sent = path.replace(someJob, jobId);
      expect((await ask(sent, { method: 'POST', headers })).status, sent).toBe(403);
    }
    expect(await uploader.job(jobId)).toMatchObject({ cancelled: false, pausedBy: [] });
  });

  it.each(foreign)('of %s reads nothing', async (_who, headers) => {
    const { ask } = scene();
    for (const path of [...reads, '/api/live?watch=overview'])
      expect((await ask(path, { headers })).status, path).toBe(403);
  });

  it('leads by a link to our page, and to nothing that the store is asked for', async () => {
    const headers = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      'x-imgferry-monitor': '1',
    };
    const { ask } = scene({ basePath: '/ops' });
    expect((await scene().ask('/', { headers })).status).toBe(200);
    expect((await ask('/ops', { headers })).status).toBe(308);
    expect((await ask('/ops/', { headers })).status).toBe(200);
    for (const path of [...reads.filter((each) => each !== '/'), '/api/live?watch=overview', '/nothing'])
      expect((await ask(`/ops${path}`, { headers })).status, path).toBe(403);
    for (const path of ['/', ...writes])
      expect((await ask(`/ops${path}`, { method: 'POST', headers })).status, path).toBe(403);
  });

  it('framed in one it is not shown', async () => {
    const headers = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'iframe',
    };
    expect((await scene().ask('/', { headers })).status).toBe(403);
  });
});

describe('a write', () => {
  it('without the header that only a page of ours can send is refused', async () => {
    const { ask } = scene();
    for (const path of writes) {
      expect((await ask(path, { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } })).status).toBe(
        403,
      );
      expect(
        (await ask(path, { method: 'POST', headers: { origin, 'x-imgferry-monitor': '0' } })).status,
      ).toBe(403);
    }
  });

  it('of somebody who may only look is 403, on every path, and changes nothing', async () => {
    const { steer, uploader, store, ask } = scene({ access: { authorize: () => 'read' } });
    const { jobId } = await uploader.submit(['https://source.example/0.png']);
    for (const path of writes) expect((await steer(path.replace(someJob, jobId))).status, path).toBe(403);
    expect((await ask(`/api/jobs/${jobId}/delete-hashes`)).status).toBe(403);
    expect(await uploader.job(jobId)).toMatchObject({ cancelled: false, pausedBy: [] });
    expect((await store.stats()).queue).toMatchObject({ paused: false, pausedHosts: [] });
  });

  it('is a POST: a GET of it is 405, and so is a POST of what is read', async () => {
    const { ask } = scene();
    for (const path of writes) {
      const answer = await ask(path);
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    }
    for (const path of reads) {
      const answer = await ask(path, { method: 'POST', headers: pageHeaders });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
  });
});

describe('deletehashes', () => {
  it('are told to a writer, with a line in the log, and stand in no other answer', async () => {
    const { uploader, pictures, ask, host, logged } = scene();
    const { jobId } = await uploader.submit(pictures(2));
    uploader.start();
    await uploader.finished(jobId);
    const bare = await ask(`/api/jobs/${jobId}/delete-hashes`, { headers: { 'sec-fetch-site': 'none' } });
    expect([bare.status, logged]).toEqual([403, []]);
    const answer = await ask(`/api/jobs/${jobId}/delete-hashes`, { headers: pageHeaders });
    const told = host.uploads.map(({ deleteHash }) => deleteHash);
    expect(
      ((await answer.json()) as { deleteHashes: { deleteHash: string }[] }).deleteHashes
        .map(({ deleteHash }) => deleteHash)
        .toSorted(),
    ).toEqual(told.toSorted());
    expect(logged).toMatchObject([
      { level: 'warn', facts: { action: 'read deletehashes', what: { jobId } } },
    ]);
    expect(JSON.stringify(logged)).not.toContain(told[0]);
    for (const path of reads.filter((each) => !each.endsWith('delete-hashes'))) {
      const text = await (await ask(path.replace(someJob, jobId))).text();
      for (const hash of told) expect(text, path).not.toContain(`"${hash}"`);
    }
  });
});
