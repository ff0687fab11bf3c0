import { afterEach, describe, expect, it, vi } from 'vitest';

import type { JobFilter, JobSummary, Page, PageOptions } from '@imgferry/core';
import { aJobSummary } from '@imgferry/core/testing';
import type { JobsView, ProblemView } from '@imgferry/monitor';
import { createScene, here, origin, type Scene, type SceneChanges } from './scene.ts';

const scenes: Scene[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.useRealTimers();
  for (const scene of scenes.splice(0)) await scene.stop();
});

function scene(changes: SceneChanges = {}): Scene {
  const made = createScene(changes);
  scenes.push(made);
  return made;
}

type Asked = PageOptions & JobFilter;

/** A monitor whose store answers lists as told, and what it was asked. */
function withLists(answer: (asked: Asked, look: number) => Page<JobSummary>): {
  asked: Asked[];
  made: Scene;
} {
  const asked: Asked[] = [];
  const made = scene({
    store: () => ({
      list: async (page = {}) => {
        asked.push(page);
        return answer(page, asked.length);
      },
    }),
  });
  return { asked, made };
}

const jobs = (count: number): JobSummary[] => Array.from({ length: count }, () => aJobSummary());

const someJob = '55355b7c-9b86-4a1a-b32e-6cdd6db07183';

describe('the list of jobs', () => {
  it.each(['from=0001-01-01', 'before=1969-12-31T23:59:59.999Z'])(
    'has no time before 1970: %s is a fault of who asks',
    async (query) => {
      const { ask, logged } = scene();
      expect((await ask(`/api/jobs?${query}`)).status).toBe(400);
      expect(logged).toEqual([]);
    },
  );

  it('is asked for by everything that can be filtered, times in ISO 8601 or in milliseconds', async () => {
    const { asked, made } = withLists(() => ({ items: [], next: undefined }));
    await made.read(
      '/api/jobs?status=pending&failed=true&paused=true&from=2026-01-02T03:04:05Z&before=7&limit=3&cursor=c',
    );
    await made.read('/api/jobs?failed=false&status=&from=2026-01-02');
    expect(asked).toEqual([
      {
        status: 'pending',
        failed: true,
        paused: true,
        createdFrom: Date.UTC(2026, 0, 2, 3, 4, 5),
        createdBefore: 7,
        limit: 3,
        cursor: 'c',
      },
      { createdFrom: Date.UTC(2026, 0, 2), limit: 50 },
    ]);
  });

  it('is of the times that are written, wherever the server stands', async () => {
    vi.stubEnv('TZ', 'America/New_York');
    const { asked, made } = withLists(() => ({ items: [], next: undefined }));
    for (const from of [
      '2026-11-27',
      '2026-11-27T00:00Z',
      '2026-11-26T19:00-05:00',
      '2024-02-29T23:59:59.5Z',
    ])
      await made.read(`/api/jobs?from=${from}`);
    expect((await made.ask('/api/jobs?from=2026-11-27T10:00')).status).toBe(400);
    const day = Date.UTC(2026, 10, 27);
    const leapDay = Date.UTC(2024, 1, 29, 23, 59, 59, 500);
    expect(asked.map(({ createdFrom }) => createdFrom)).toEqual([day, day, day, leapDay]);
  });

  it('is one look at the store for a page, also when that found few, so that it is the same each time', async () => {
    const { asked, made } = withLists(() => ({ items: jobs(2), next: 'further on' }));
    const { jobs: found, next } = await made.read<JobsView>('/api/jobs?limit=5&failed=true');
    expect([found.length, next, asked.length]).toEqual([2, 'further on', 1]);
  });

  it('asks the store for one list at a time, whoever looks at which, and for the next when one fails', async () => {
    const { made } = withLists(() => ({ items: [], next: undefined }));
    const nothing = { items: [], next: undefined, job: aJobSummary() };
    const turns: PromiseWithResolvers<typeof nothing>[] = [];
    const wait = (): Promise<typeof nothing> => {
      const turn = Promise.withResolvers<typeof nothing>();
      turns.push(turn);
      return turn.promise;
    };
    vi.spyOn(made.uploader, 'jobs').mockImplementation(wait);
    vi.spyOn(made.uploader, 'uploads').mockImplementation(wait);
    const watches = new URLSearchParams({ watch: 'jobs?status=pending' });
    const watching = await made.monitor(new Request(`${origin}/api/live?${watches}`), here);
    const asked = ['jobs?status=pending', 'jobs', `jobs/${someJob}/uploads`].map((path) =>
      made.ask(`/api/${path}`),
    );
    await expect.poll(() => turns.length).toBe(1);
    turns[0]?.reject(new Error('a fault'));
    for (const at of [1, 2, 3]) {
      await expect.poll(() => turns.length).toBe(at + 1);
      turns[at]?.resolve(nothing);
    }
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 200]);
    await watching.body?.cancel();
  });

  it('goes on for all tabs with different filters of a slow store, and asks for nothing once they have left', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { made } = withLists(() => ({ items: [], next: undefined }));
    let searches = 0;
    vi.spyOn(made.uploader, 'jobs').mockImplementation(async () => {
      searches += 1;
      const createdAt = searches;
      await new Promise((resolve) => setTimeout(resolve, 500));
      return { items: [aJobSummary({ createdAt })], next: undefined };
    });
    const changes = Array.from({ length: 8 }, () => [] as number[]);
    const tabs = changes.map(async (seen, tab) => {
      const watches = [0, 1, 2, 3].map((at): [string, string] => ['watch', `jobs?from=${tab * 4 + at}`]);
      const request = new Request(`${origin}/api/live?${new URLSearchParams(watches)}`);
      const { body } = await made.monitor(request, here);
      const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
      const read = async (): Promise<void> => {
        for (let part = await reader?.read(); part?.done === false; part = await reader?.read())
          if (part.value.startsWith('event: change')) seen.push(performance.now());
      };
      void read();
      return reader;
    });
    const readers = await Promise.all(tabs);
    await vi.advanceTimersByTimeAsync(60_000);
    const later = performance.now();
    await vi.advanceTimersByTimeAsync(60_000);
    for (const seen of changes) expect(seen.filter((at) => at > later).length).toBeGreaterThanOrEqual(4);
    for (const reader of readers) await reader?.cancel();
    await vi.advanceTimersByTimeAsync(500);
    const before = searches;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(searches).toBe(before);
  });

  it('that nobody waits for any more is not asked for', async () => {
    const { made } = withLists(() => ({ items: [], next: undefined }));
    const held = Promise.withResolvers<Page<JobSummary>>();
    const jobs = vi.spyOn(made.uploader, 'jobs').mockImplementation(() => held.promise);
    const leaving = new AbortController();
    const ask = (query: string, init: RequestInit = {}): Promise<Response> =>
      made.monitor(new Request(`${origin}/api/jobs?${query}`, init), here);
    const first = ask('limit=1');
    const left = ask('limit=2', { signal: leaving.signal });
    const last = ask('limit=3');
    await expect.poll(() => jobs.mock.calls.length).toBe(1);
    leaving.abort();
    held.resolve({ items: [], next: undefined });
    expect([await first, await left, await last].map(({ status }) => status)).toEqual([200, 503, 200]);
    expect(jobs.mock.calls).toEqual([[{ limit: 1 }], [{ limit: 3 }]]);
    expect(made.logged).toEqual([]);
  });

  it('is 503 to those who come while a thousand wait for their turn', async () => {
    const held = Promise.withResolvers<Page<JobSummary>>();
    const { made } = withLists(() => ({ items: [], next: undefined }));
    vi.spyOn(made.uploader, 'jobs').mockImplementation(() => held.promise);
    const ask = (from: number): Promise<Response> =>
      made.monitor(new Request(`${origin}/api/jobs?from=${from}`), here);
    const waiting = Array.from({ length: 1_001 }, (_, from) => ask(from));
    const refused = await ask(1_001);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    held.resolve({ items: [], next: undefined });
    expect((await Promise.all(waiting)).every(({ status }) => status === 200)).toBe(true);
    expect((await ask(1_001)).status).toBe(200);
  });

  it('of an id has that job at most, and only if the other filters hold', async () => {
    const { uploader, read } = scene();
    await uploader.submit(['https://source.example/1.png']);
    const { jobId } = await uploader.submit(['https://source.example/0.png']);
    const found = async (query: string): Promise<string[]> =>
      (await read<JobsView>(`/api/jobs?id=${query}`)).jobs.map(({ id }) => id);
    expect(await found(jobId)).toEqual([jobId]);
    expect(await found(`${jobId}&status=pending&from=0`)).toEqual([jobId]);
    for (const filter of ['status=complete', 'failed=true', 'paused=true', 'before=7', 'from=2999-01-01'])
      expect(await found(`${jobId}&${filter}`), filter).toEqual([]);
    for (const other of ['55355b7c-9b86-4a1a-b32e-6cdd6db07183', 'x', 'a:b', '%00', jobId.toUpperCase()])
      expect(await found(other), other).toEqual([]);
    await uploader.pause({ jobId });
    expect(await found(`${jobId}&paused=true`)).toEqual([jobId]);
    await uploader.cancel(jobId);
    expect(await found(`${jobId}&failed=true&status=complete`)).toEqual([jobId]);
    expect(await found(`${jobId}&paused=true`)).toEqual([]);
  });

  it('has a job that was created at from, and none that was created at before, also by its id', async () => {
    const { uploader, read } = scene();
    const { jobId } = await uploader.submit(['https://source.example/0.png']);
    const at = (await uploader.job(jobId))?.createdAt ?? 0;
    for (const id of ['', `&id=${jobId}`]) {
      const found = async (query: string): Promise<number> =>
        (await read<JobsView>(`/api/jobs?${query}${id}`)).jobs.length;
      expect(await found(`from=${at}&before=${at + 1}`)).toBe(1);
      expect(await found(`before=${at}`)).toBe(0);
      expect(await found(`from=${at + 1}`)).toBe(0);
    }
  });

  it('has every job on one page while pages are read', async () => {
    const { uploader, read } = scene();
    const ids: string[] = [];
    for (let index = 0; index < 7; index += 1)
      ids.unshift((await uploader.submit([`https://source.example/${index}.png`])).jobId);
    const found: string[] = [];
    let query = '';
    do {
      const page = await read<JobsView>(`/api/jobs?limit=3${query}`);
      found.push(...page.jobs.map(({ id }) => id));
      query = page.next === null ? '' : `&cursor=${encodeURIComponent(page.next)}`;
    } while (query !== '');
    expect(found).toEqual(ids);
  });

  it.each([
    ['status=done', 'status'],
    ['failed=1', 'failed'],
    ['from=yesterday', 'from'],
    ['from=2026-13-45', 'from'],
    ['from=2026-02-30', 'from'],
    ['before=2026-02-29T10:00Z', 'before'],
    ['from=2026-11-27T10:00', 'from'],
    ['from=2026-11-27T24:30Z', 'from'],
    ['before=-1', 'before'],
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=1e2', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['cursor=none', 'cursor'],
    [`cursor=${'x'.repeat(600)}`, 'cursor'],
    ['stauts=pending', 'stauts'],
  ])('refuses %s, and says which parameter it is', async (query, parameter) => {
    const answer = await scene().ask(`/api/jobs?${query}`);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as ProblemView).errors).toMatchObject([{ parameter }]);
  });
});
