import { afterEach, describe, expect, it } from 'vitest';

import { type Budget, type FailureCode, TransferError } from '@imgferry/core';
import type { JobPageView, ProblemView, UploadsView } from '@imgferry/monitor';
import { routes } from '../src/routes.ts';
import { createScene, here, origin, type Scene, type SceneChanges } from './scene.ts';

const scenes: Scene[] = [];
afterEach(async () => {
  for (const scene of scenes.splice(0)) await scene.stop();
});

function scene(changes: SceneChanges = {}): Scene {
  const made = createScene(changes);
  scenes.push(made);
  return made;
}

const someJob = '55355b7c-9b86-4a1a-b32e-6cdd6db07183';
const readsOf = (jobId: string): string[] =>
  routes
    .filter(({ method, path }) => method === 'GET' && path !== '/api/live')
    .map(({ path }) => path.replace('{jobId}', jobId).replace('{workerId}', 'w-1'));

const attacks = [
  '<img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '"><svg onload=alert(1)>',
  '</script><script>alert(1)</script>',
  'file\u202egnp.exe',
  'line\r\nbreak\u001b[31mred\u0000',
];

describe('texts of others', () => {
  it('are data in JSON: typed as such, on one line, with nothing in it that turns text around', async () => {
    const { uploader, ask, store } = scene();
    const metadata = Object.fromEntries(attacks.map((attack) => [attack, [attack]]));
    const { jobId } = await uploader.submit(
      attacks.map(
        (attack, index) => `https://source.example/${index}/${encodeURIComponent(attack.toWellFormed())}`,
      ),
      { title: attacks.join(' '), description: attacks[4] ?? '', metadata },
    );
    await store.fleet.beat(
      {
        id: 'w-1',
        hostname: attacks.join(' '),
        pid: 1,
        version: attacks[2] ?? '',
        state: 'online',
        slots: 1,
        holds: [{ jobId, index: 0, url: `javascript:${attacks.join('')}`, attempt: 1, forMs: 1 }],
        complete: 0,
        failed: 0,
        retried: 0,
        running: 0,
        memoryBytes: 1,
        load: 0,
        settings: { [attacks[3] ?? '']: attacks[4] ?? '' },
      },
      60_000,
    );
    for (const path of readsOf(jobId).filter((each) => each.startsWith('/api/'))) {
      const answer = await ask(path);
      const text = await answer.text();
      expect(answer.headers.get('content-type'), path).toMatch(/^application\/(problem\+)?json$/);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(text, path).not.toMatch(/[\u0000-\u001f\u202a-\u202e\u2066-\u2069]|\\u001b|\\u0000|\\r/);
    }
  });

  it('of a hostile server come as at most 200 characters', async () => {
    const { uploader, source, read } = scene({ settings: { retries: 0, maxAttempts: 1 } });
    source.set(
      'https://source.example/a.png',
      new TransferError('source_status', `<b>\u202e\r\n${'A'.repeat(1_000_000)}`),
    );
    const { jobId } = await uploader.submit(['https://source.example/a.png']);
    uploader.start();
    await uploader.finished(jobId);
    const { uploads } = await read<UploadsView>(`/api/jobs/${jobId}/uploads`);
    expect(uploads[0]?.failure?.message.length).toBeLessThanOrEqual(200);
    expect(uploads[0]?.failure?.message).not.toMatch(/[\u202e\r\n]/);
  });

  it('where a code, a reason or a host belongs are shown like others, and are no label', async () => {
    const evil = `${attacks.join(' ')} ${'x'.repeat(5_000)}`;
    const failure = { code: evil as FailureCode, message: 'no' };
    const url = 'https://ann:canary@source.example/a.png';
    const closed = { bucket: 'gate', remaining: 0, resetInMs: 1, resetsAt: 1, inFlight: 0 };
    const { monitor, uploader } = scene({
      store: (store) => ({
        budget: { list: async () => [{ ...closed, reason: evil }] } as unknown as Budget,
        recentFailures: async () => [{ jobId: someJob, index: 0, url, host: 'fake', failure, at: 1 }],
        stats: async () => {
          const { queue, ...stats } = await store.stats();
          const outcomes = [{ host: evil, outcome: 'failed', code: failure.code, count: 1 } as const];
          return { ...stats, outcomes, queue: { ...queue, pausedHosts: [evil] } };
        },
        uploads: async (jobId) => {
          const page = await store.uploads(jobId);
          return page && { ...page, items: page.items.map((upload) => ({ ...upload, url, failure })) };
        },
      }),
    });
    const { jobId } = await uploader.submit(['https://source.example/a.png']);
    for (const path of ['/api/overview', `/api/jobs/${jobId}/uploads`, '/metrics']) {
      const text = await (await monitor(new Request(`${origin}${path}`), here)).text();
      expect(text, path).toMatch(/gate|source/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(text, path).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]|\\u00|x{200}|canary/);
    }
  });

  it('as long as a megabyte are cut: of a URL 200 characters are shown', async () => {
    const { uploader, read } = scene({ settings: { maxUrlLength: 2_000_000 } });
    const { jobId } = await uploader.submit([`https://source.example/${'a'.repeat(1_000_000)}`]);
    const { uploads } = await read<UploadsView>(`/api/jobs/${jobId}/uploads`);
    expect(uploads[0]?.url.length).toBe(200);
  });

  it('in a request come back as at most 200 characters', async () => {
    const { ask } = scene();
    for (const path of [
      `/api/jobs?${'x'.repeat(5_000)}=1`,
      `/api/jobs?status=${'x'.repeat(5_000)}`,
      `/${'x'.repeat(5_000)}`,
    ])
      expect((await (await ask(path)).text()).length).toBeLessThan(600);
  });
});

describe('problems', () => {
  it('tell of a request with no mark that turns text around', async () => {
    const { ask } = scene();
    const problem = (await (await ask('/api/jobs?a%E2%80%AEb=1')).json()) as ProblemView;
    expect(problem).toMatchObject({ detail: 'a b is not a parameter here', errors: [{ parameter: 'a b' }] });
  });

  it('point to a key of the body by RFC 6901', async () => {
    const { steer } = scene();
    const answer = await steer('/api/workers/w-1/resize', { slots: 1, 'a/b~é': 1 });
    expect(await answer.json()).toMatchObject({ errors: [{ pointer: '#/a~1b~0%C3%A9' }] });
  });
});

describe('the log', () => {
  it('has no line break and no colour of a stranger in it, whatever is steered', async () => {
    const { steer, ask, logged } = scene();
    for (const name of [
      'a%0d%0ainfo: somebody else',
      'a%1b[31m',
      '%00',
      'a%E2%80%AEb',
      'a%E2%80%8Bb',
      'a%E2%80%A8b',
    ])
      expect((await steer(`/api/hosts/${name}/pause`)).status).toBe(404);
    expect((await steer('/api/hosts/a%20b/pause')).status).toBe(200);
    expect((await ask('/api/overview%0d%0a?a=%0d%0a')).status).toBe(404);
    expect(logged).toEqual([
      { level: 'warn', facts: { user: null, action: 'pause', what: { host: 'a b' } } },
    ]);
  });
});

describe('signed URLs', () => {
  const signed = 'https://bucket.example/cat.png?X-Amz-Signature=canary1&sv=canary2#canary3';

  async function everyAnswer(changes: SceneChanges): Promise<string> {
    const { uploader, ask, source } = scene({ settings: { retries: 0, maxAttempts: 1 }, ...changes });
    const held = source.hold();
    const { jobId } = await uploader.submit([signed, 'https://source.example/gone.png?sig=canary4']);
    uploader.start();
    await held.waitFor(1);
    const paths = readsOf(jobId).filter((path) => path.startsWith('/api/'));
    const texts = [];
    for (const path of paths) texts.push(await (await ask(path)).text());
    held.release();
    await uploader.finished(jobId);
    for (const path of paths) texts.push(await (await ask(path)).text());
    return texts.join('\n');
  }

  it('are shown without their query, wherever they stand', async () => {
    const text = await everyAnswer({});
    expect(text).toContain('https://bucket.example/cat.png?…');
    expect(text).not.toContain('canary');
  });

  it('are shown whole where the monitor was told to', async () => {
    expect(await everyAnswer({ showQueries: true })).toContain(signed);
  });
});

describe('every answer', () => {
  it('keeps browsers from framing, keeping, sniffing and sharing it, errors as well', async () => {
    const { ask } = scene();
    for (const path of [...readsOf(someJob), '/nothing', '/api/jobs?limit=x']) {
      const { headers } = await ask(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*|http/);
      expect(Object.fromEntries(headers)).toMatchObject({
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': path.startsWith('/page-') ? 'private, max-age=31536000, immutable' : 'no-store',
      });
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('to HEAD is that to GET without its body', async () => {
    const { ask } = scene();
    for (const path of [...readsOf(someJob), '/api/live?watch=overview']) {
      const head = await ask(path, { method: 'HEAD' });
      expect(await head.text(), path).toBe('');
      if (path.startsWith('/api/live')) continue;
      const get = await ask(path);
      expect([head.status, head.headers.get('content-type')]).toEqual([
        get.status,
        get.headers.get('content-type'),
      ]);
    }
  });
});

describe('the page', () => {
  it('names nothing but what is served beside it, and no image of a source can be loaded by it', async () => {
    const { ask } = scene({ basePath: '/monitor' });
    const answer = await ask('/monitor/');
    const html = await answer.text();
    const named = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url = '']) => url);
    expect(named.length).toBeGreaterThan(2);
    for (const url of named) {
      expect(url).not.toMatch(/^(\w+:|\/)/);
      expect((await ask(`/monitor/${url}`)).status, url).toBe(200);
    }
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|style=/);
    expect(answer.headers.get('content-security-policy')).toContain("img-src 'self'");
  });

  it('is found without the slash of its folder, wherever a proxy has put it', async () => {
    const { ask } = scene({ basePath: '/ops/monitor' });
    const answer = await ask('/ops/monitor');
    expect(answer.status).toBe(308);
    const location = answer.headers.get('location') ?? '';
    expect(new URL(location, `${origin}/ops/monitor`).pathname).toBe('/ops/monitor/');
    expect(new URL(location, 'https://proxy.example/a/b/monitor').pathname).toBe('/a/b/monitor/');
    expect((await ask('/healthz')).status).toBe(404);
  });
});

describe('what an application gave its job to carry', () => {
  it('is shown as it is, where nothing is wrong with it', async () => {
    const { uploader, read } = scene();
    const metadata = { list: [1, true, null, { 'a key': 'ü 漢字 👍' }] };
    const { jobId } = await uploader.submit(['https://source.example/0.png'], { metadata });
    expect((await read<JobPageView>(`/api/jobs/${jobId}`)).metadata).toEqual(metadata);
  });
});
