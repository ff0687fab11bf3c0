import assert from 'node:assert/strict';

import { type Logger, StoreUnavailableError, type Uploader } from '@imgferry/core';
import type { FetchHandlerOptions } from '@imgferry/http-adapter';
import { createService, pictures, type Service, type ServiceChanges } from './a-service.ts';

/** The endpoints, mounted and reachable. */
export interface MountedService {
  /** @param path From the root, so that it has the prefix. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

/** One way to mount the endpoints. */
export interface Mount {
  readonly prefix: string;
  /** A body parser comes first, so that what is wrong with a body as bytes is its business. */
  readonly parsed?: boolean;
  /** A path without an endpoint is passed on, so that what it is answered is the framework's business. */
  readonly passesOn?: boolean;
  start(uploader: Uploader, options: FetchHandlerOptions): Promise<MountedService>;
}

/** What runs the tests. */
export interface Runner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>): void;
}

interface Scene extends Service {
  fetch: MountedService['fetch'];
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
  readonly logged: readonly { readonly facts: object; readonly message: string }[];
}

interface SceneChanges extends ServiceChanges {
  readonly options?: FetchHandlerOptions;
}

const id = '55355b7c-9b86-4a1a-b32e-6cdd6db07183';
const urls = ['https://source.example/a.png', 'https://source.example/b.png'];

/** Every rule of the endpoints that holds whatever they are mounted on. */
export function testEndpoints({ describe, it, mount }: Runner & { mount: Mount }): void {
  const at = (path: string): string => mount.prefix + path;
  const uploadPath = at('/v1/images/upload');

  const rule = (name: string, body: (scene: Scene) => Promise<void>, changes: SceneChanges = {}): void =>
    it(name, () => onStage(mount, changes, body));
  const assertNothing = async (answer: Response): Promise<void> => {
    if (!mount.passesOn) await assertProblem(answer, 404);
    else assert.deepEqual([answer.status, (await answer.text()).includes('problem')], [404, false]);
  };
  /** A rule about bodies as bytes. */
  const rawRule: typeof rule = (...rest) => {
    if (!mount.parsed) rule(...rest);
  };

  describe('submit', () => {
    rule('answers 202, the id and nothing else, and where the job is', async ({ post, fetch, uploader }) => {
      const answer = await post({ urls });
      assert.equal(answer.status, 202);
      assert.equal(answer.headers.get('content-type'), 'application/json');
      const body = await jsonOf(answer);
      assert.deepEqual(Object.keys(body), ['jobId']);
      const location = answer.headers.get('location');
      assert.equal(location, `${uploadPath}/${body.jobId}`);
      assert.equal((await jsonOf(await fetch(String(location)))).id, body.jobId);
      assert.equal((await uploader.job(String(body.jobId)))?.total, 2);
    });

    rule('strips duplicates, keeps the first of each and the order', async ({ post, fetch }) => {
      const view = await viewAfter(
        await post({ urls: [...urls, urls[0], 'https://source.example/A.png'] }),
        fetch,
      );
      assert.deepEqual(view.uploaded.pending, [...urls, 'https://source.example/A.png']);
    });

    rule('with the same key and URLs is the same job, quoted or not', async ({ post, uploader }) => {
      const first = await jsonOf(await post({ urls }, { 'idempotency-key': 'order-1' }));
      const again = await post({ urls }, { 'idempotency-key': '"order-1"' });
      assert.equal(again.status, 202);
      assert.deepEqual(await jsonOf(again), first);
      assert.equal((await uploader.jobs()).items.length, 1);
    });

    rule('with the same key and other URLs is 422', async ({ post }) => {
      await post({ urls }, { 'idempotency-key': 'order-1' });
      await assertProblem(await post({ urls: urls.slice(1) }, { 'idempotency-key': 'order-1' }), 422);
    });

    rule('refuses a key that is too long', async ({ post, uploader }) => {
      await assertProblem(await post({ urls }, { 'idempotency-key': 'k'.repeat(4_096) }), 400);
      assert.equal((await uploader.jobs()).items.length, 0);
    });

    rule('refuses all for one bad URL, and says which and why', async ({ post, uploader }) => {
      const problem = await assertProblem(
        await post({ urls: [...urls, 'ftp://source.example/c.png', 7] }),
        400,
      );
      const errors = problem.errors as { index: number; reason: string }[];
      assert.deepEqual(
        errors.map(({ index }) => index),
        [2, 3],
      );
      assert.match(String(errors[0]?.reason), /ftp:/);
      assert.match(String(errors[1]?.reason), /not a string/);
      assert.equal((await uploader.jobs()).items.length, 0);
    });

    rule('lists at most 100 bad URLs, and says how many there are', async ({ post }) => {
      const problem = await assertProblem(await post({ urls: Array(150).fill('nonsense') }), 400);
      assert.equal((problem.errors as unknown[]).length, 100);
      assert.match(String(problem.detail), /149 more/);
    });

    rule('never repeats a long URL', async ({ post }) => {
      const answer = await post({
        urls: [`nonsense-${'x'.repeat(5_000)}`, `https://u:${'p'.repeat(300)}@a.example`],
      });
      assert.ok(!/x{200}|p{200}/.test(await answer.text()));
    });

    for (const body of [
      {},
      [],
      { urls: 'https://a.example' },
      { urls: { length: 1 } },
      { urls: null },
      { urls: [] },
    ])
      rule(`refuses ${JSON.stringify(body)}`, async ({ post }) => {
        await assertProblem(await post(body), 400);
      });

    for (const item of [
      [],
      {},
      null,
      5,
      true,
      'a\nb',
      '\ud800',
      'https://u:p@a.example',
      `https://a.example/${'x'.repeat(8_192)}`,
    ])
      rule(`refuses ${JSON.stringify(item).slice(0, 40)} as a URL`, async ({ post }) => {
        const problem = await assertProblem(await post({ urls: [...urls, item] }), 400);
        assert.equal((problem.errors as { index: number }[])[0]?.index, 2);
      });

    rule('ignores keys that it does not know', async ({ post }) => {
      assert.equal((await post({ urls, priority: 9, jobId: id })).status, 202);
    });

    for (const text of [
      '',
      'null',
      '"urls"',
      '7',
      '{"urls":',
      '{urls:[]}',
      `\ufeff\ufeff{"urls":["${urls[0]}"]}`,
    ])
      rawRule(`refuses the body ${JSON.stringify(text)}`, async ({ post }) => {
        await assertProblem(await post(text), 400);
      });

    rawRule('takes one byte order mark', async ({ post }) => {
      assert.equal((await post(`\ufeff${JSON.stringify({ urls })}`)).status, 202);
    });

    rawRule('refuses what is not UTF-8', async ({ post }) => {
      await assertProblem(
        await post(Buffer.from([...Buffer.from('{"urls":["https://a.example/'), 0xff, 0x22, 0x5d, 0x7d])),
        400,
      );
    });

    rawRule('takes the last of equal keys', async ({ post, fetch }) => {
      const view = await viewAfter(await post(`{"urls":["${urls[0]}"],"urls":["${urls[1]}"]}`), fetch);
      assert.deepEqual(view.uploaded.pending, [urls[1]]);
    });

    rawRule('is not misled by __proto__', async ({ post }) => {
      const inherited = `{"__proto__":{"urls":["${urls[0]}"],"polluted":1},"constructor":{"prototype":{"polluted":1}}}`;
      await assertProblem(await post(inherited), 400);
      assert.equal(Reflect.get({}, 'polluted'), undefined);
      assert.equal((await post(`{"__proto__":{"urls":[]},"urls":["${urls[0]}"]}`)).status, 202);
    });

    for (const [name, text] of [
      ['half a million nested lists', '['.repeat(500_000) + ']'.repeat(500_000)],
      ['half a million open lists', '['.repeat(500_000)],
      ['100,000 nested objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
      ['nested lists as a URL', `{"urls":[${'['.repeat(400_000)}${']'.repeat(400_000)}]}`],
      ['80,000 keys', `{${Array.from({ length: 80_000 }, (_, key) => `"k${key}":1`)}}`],
    ] as const)
      rawRule(`refuses ${name}`, async ({ post }) => {
        await assertProblem(await post(text), 400);
      });

    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonp',
      'application/json; charset=utf-16',
      'application/json; charset=iso-8859-1',
    ])
      rawRule(`refuses the Content-Type ${type}`, async ({ post }) => {
        await assertProblem(await post({ urls }, { 'content-type': type }), 415);
      });

    rawRule('refuses a body without a Content-Type', async ({ fetch }) => {
      const body = Buffer.from(JSON.stringify({ urls }));
      await assertProblem(await fetch(uploadPath, { method: 'POST', body }), 415);
    });

    for (const type of [
      'application/json; charset=utf-8',
      'Application/JSON;charset="UTF-8"',
      'application/json; a=b',
    ])
      rawRule(`takes the Content-Type ${type}`, async ({ post }) => {
        assert.equal((await post({ urls }, { 'content-type': type })).status, 202);
      });

    rawRule('refuses a compressed body', async ({ post }) => {
      await assertProblem(await post({ urls }, { 'content-encoding': 'gzip' }), 415);
    });

    const small = { options: { maxBodyBytes: 200 } };
    rule(
      'refuses a body that announces to be too large',
      async ({ post }) => {
        await assertProblem(await post({ urls: ['https://a.example', 'x'.repeat(300)] }), 413);
      },
      small,
    );

    rule(
      'refuses a body that turns out too large',
      async ({ fetch, uploader }) => {
        const text = JSON.stringify({ urls: ['https://a.example', 'x'.repeat(300)] });
        await assertProblem(await fetch(uploadPath, streamed(text)), 413);
        assert.equal((await uploader.jobs()).items.length, 0);
      },
      small,
    );

    rule(
      'takes a body that is as large as it may be',
      async ({ post }) => {
        const url = 'https://a.example/';
        const fill = 200 - JSON.stringify({ urls: [url] }).length;
        assert.equal((await post({ urls: [url + 'x'.repeat(fill)] })).status, 202);
        await assertProblem(await post({ urls: [url + 'x'.repeat(fill + 1)] }), 413);
      },
      small,
    );

    rawRule(
      'gives up on a body that does not arrive',
      async ({ fetch }) => {
        await assertProblem(await fetch(uploadPath, streamed('{"urls":', { open: true })), 408);
      },
      { options: { bodyTimeoutMs: 40 } },
    );

    rule(
      'is told to come back when too many uploads wait',
      async ({ post, uploader }) => {
        const answer = await post({ urls: [...urls, 'https://source.example/c.png'] });
        await assertProblem(answer, 429);
        assert.match(String(answer.headers.get('retry-after')), /^[1-9][0-9]*$/);
        assert.equal((await uploader.jobs()).items.length, 0);
      },
      { settings: { maxWaiting: 2 } },
    );
  });

  describe('the view of a job', () => {
    rule('has exactly its keys while nothing has begun', async ({ post, fetch }) => {
      const view = await viewAfter(await post({ urls }), fetch);
      assert.deepEqual(Object.keys(view), ['id', 'created', 'finished', 'status', 'uploaded']);
      assert.deepEqual(view.uploaded, { pending: urls, complete: [], failed: [] });
      assert.deepEqual(Object.keys(view.uploaded), ['pending', 'complete', 'failed']);
      assert.equal(view.status, 'pending');
      assert.equal(view.finished, null);
      assert.match(view.created, isoTime);
    });

    rule(
      'has links and failed URLs in the order of the request',
      async ({ post, fetch, uploader, source }) => {
        const there = pictures(source, 5);
        const wanted = [there[4], 'https://source.example/gone', there[0], there[2]].map(String);
        const answer = await post({ urls: wanted });
        const { jobId } = await jsonOf(answer);
        uploader.start();
        await uploader.finished(String(jobId));
        const view = await viewAfter(answer, fetch);
        const kept = await uploader.uploads(String(jobId));
        assert.equal(view.status, 'complete');
        assert.match(String(view.finished), isoTime);
        assert.deepEqual(view.uploaded.pending, []);
        assert.deepEqual(view.uploaded.failed, ['https://source.example/gone']);
        assert.equal(view.uploaded.complete.length, 3);
        assert.deepEqual(
          view.uploaded.complete,
          kept?.items.flatMap(({ link }) => link ?? []),
        );
      },
      { settings: { concurrency: 1 } },
    );

    rule('is in progress while an upload is under way', async ({ post, fetch, uploader, source, host }) => {
      const held = host.hold();
      const answer = await post({ urls: pictures(source, 1) });
      uploader.start();
      await held.waitFor(1);
      const view = await viewAfter(answer, fetch);
      assert.deepEqual([view.status, view.finished, view.uploaded.pending.length], ['in-progress', null, 1]);
      held.release();
    });

    rule('of 10,000 URLs is whole', async ({ uploader, fetch }) => {
      const many = Array.from({ length: 10_000 }, (_, index) => `https://source.example/${index}`);
      const { jobId } = await uploader.submit(many);
      const answer = await fetch(`${uploadPath}/${jobId}`);
      assert.deepEqual((await viewOf(answer)).uploaded, { pending: many, complete: [], failed: [] });
    });

    rule('is not for caches and is nothing but JSON', async ({ uploader, fetch }) => {
      const { jobId } = await uploader.submit(urls);
      const { headers } = await fetch(`${uploadPath}/${jobId}`);
      assert.equal(headers.get('content-type'), 'application/json');
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
    });

    rule('of a job that is unknown is 404', async ({ fetch }) => {
      await assertProblem(await fetch(`${uploadPath}/${id}`), 404);
    });

    const asked: string[] = [];
    rule(
      'is never asked for by an id of another shape',
      async ({ fetch }) => {
        for (const odd of [
          '1',
          '*',
          '{tag}',
          '%00',
          '%2e%2e%2f',
          '..%2f..',
          id.toUpperCase(),
          `${id}%0d%0a`,
          `${id}x`,
          '__proto__',
          'x'.repeat(8_000),
        ])
          await assertProblem(await fetch(`${uploadPath}/${odd}`), 404);
        assert.deepEqual(asked, []);
      },
      {
        store: (store) => ({
          uploads: (jobId, page) => {
            asked.push(jobId);
            return store.uploads(jobId, page);
          },
        }),
      },
    );
  });

  describe('cancel', () => {
    rule('answers the job as it is then, also the second time', async ({ uploader, fetch }) => {
      const { jobId } = await uploader.submit(urls);
      const cancel = async () => viewOf(await fetch(`${uploadPath}/${jobId}`, { method: 'DELETE' }));
      const view = await cancel();
      assert.equal(view.status, 'complete');
      assert.deepEqual(view.uploaded, { pending: [], complete: [], failed: urls });
      assert.deepEqual(await cancel(), view);
    });

    rule('of a job that is unknown is 404', async ({ fetch }) => {
      await assertProblem(await fetch(`${uploadPath}/${id}`, { method: 'DELETE' }), 404);
    });
  });

  describe('the uploads of a job', () => {
    rule('have all that is known of each', async ({ uploader, source, fetch }) => {
      const [there] = pictures(source, 1);
      const { jobId } = await uploader.submit([String(there), 'https://source.example/gone']);
      uploader.start();
      await uploader.finished(jobId);
      const { uploads } = (await jsonOf(await fetch(`${uploadPath}/${jobId}/uploads`))) as {
        uploads: Record<string, unknown>[];
      };
      const [complete, failed] = uploads;
      assert.deepEqual(Object.keys(complete ?? {}).sort(), [...uploadKeys].sort());
      assert.deepEqual(
        [complete?.index, complete?.url, complete?.status, complete?.link, complete?.type, complete?.failure],
        [0, there, 'complete', 'https://img.example/1', 'image/png', null],
      );
      assert.match(String(complete?.finished), isoTime);
      assert.deepEqual(Object.keys(failed?.failure ?? {}), ['code', 'message']);
      assert.deepEqual([failed?.status, failed?.link], ['failed', null]);
    });

    rule('come in pages that lead to one another', async ({ uploader, fetch }) => {
      const many = Array.from({ length: 5 }, (_, index) => `https://source.example/${index}`);
      const { jobId } = await uploader.submit(many);
      const pages = await follow(`${uploadPath}/${jobId}/uploads?limit=2&status=waiting`, fetch);
      assert.deepEqual(
        pages.map(({ uploads }) => (uploads as { url: string }[]).map(({ url }) => url)),
        [many.slice(0, 2), many.slice(2, 4), many.slice(4)],
      );
    });

    rule('can be those of one status', async ({ uploader, fetch }) => {
      const { jobId } = await uploader.submit(urls);
      assert.deepEqual(await jsonOf(await fetch(`${uploadPath}/${jobId}/uploads?status=failed`)), {
        uploads: [],
      });
    });

    for (const query of [
      'status=pending',
      'status=',
      'limit=0',
      'limit=1001',
      'cursor=forged',
      'limit=1&limit=2',
    ])
      rule(`refuse ?${query}`, async ({ uploader, fetch }) => {
        const { jobId } = await uploader.submit(urls);
        await assertProblem(await fetch(`${uploadPath}/${jobId}/uploads?${query}`), 400);
      });

    rule('of a job that is unknown are 404', async ({ fetch }) => {
      await assertProblem(await fetch(`${uploadPath}/${id}/uploads`), 404);
    });
  });

  describe('the links', () => {
    rule('are an empty list at first', async ({ fetch }) => {
      const answer = await fetch(at('/v1/images'));
      assert.equal(answer.status, 200);
      assert.deepEqual(await jsonOf(answer), { uploaded: [] });
    });

    rule(
      'are all there are, in the order of completion',
      async ({ uploader, source, fetch }) => {
        const { jobId } = await uploader.submit(pictures(source, 5));
        uploader.start();
        await uploader.finished(jobId);
        const links = [1, 2, 3, 4, 5].map((place) => `https://img.example/${place}`);
        assert.deepEqual(await jsonOf(await fetch(at('/v1/images'))), { uploaded: links });
        const pages = await follow(at('/v1/images?limit=2'), fetch);
        assert.deepEqual(
          pages.map(({ uploaded }) => uploaded),
          [links.slice(0, 2), links.slice(2, 4), links.slice(4)],
        );
      },
      { settings: { concurrency: 1 } },
    );

    for (const query of ['limit=', 'limit=-1', 'limit=1001', 'limit=1.5', 'cursor=', 'cursor=forged'])
      rule(`refuse ?${query}`, async ({ fetch }) => {
        await assertProblem(await fetch(at(`/v1/images?${query}`)), 400);
      });
  });

  describe('health', () => {
    rule('says alive, and ready', async ({ fetch }) => {
      assert.deepEqual(await jsonOf(await fetch(at('/healthz'))), { status: 'alive' });
      assert.deepEqual(await jsonOf(await fetch(at('/readyz'))), { status: 'ready' });
    });

    rule(
      'says alive and not ready while the store is away',
      async ({ fetch }) => {
        assert.equal((await fetch(at('/healthz'))).status, 200);
        await assertProblem(await fetch(at('/readyz')), 503);
      },
      { store: () => ({ list: gone }) },
    );
  });

  describe('a store that is away', () => {
    rule(
      'is 503 and when to come back, on every endpoint, and is logged',
      async ({ fetch, post, logged }) => {
        const answers = [
          await post({ urls }),
          await fetch(`${uploadPath}/${id}`),
          await fetch(`${uploadPath}/${id}/uploads`),
          await fetch(`${uploadPath}/${id}`, { method: 'DELETE' }),
          await fetch(at('/v1/images')),
          await fetch(at('/v1/images?limit=1')),
        ];
        for (const answer of answers) {
          assert.equal(answer.headers.get('retry-after'), '3');
          assert.ok(!JSON.stringify(await assertProblem(answer, 503)).includes('10.0.0.7'));
        }
        assert.equal(logged.length, answers.length);
      },
      { store: () => ({ create: gone, uploads: gone, cancel: gone, links: gone }) },
    );

    rule(
      'that is broken is 500 without a word of how',
      async ({ fetch, logged }) => {
        const answer = await fetch(`${uploadPath}/${id}`);
        assert.ok(!JSON.stringify(await assertProblem(answer, 500)).includes('hunter2'));
        assert.equal(logged[0]?.message, 'a request could not be answered');
      },
      {
        store: () => ({
          uploads: async () => {
            throw new Error('password hunter2');
          },
        }),
      },
    );
  });

  describe('methods and paths', () => {
    for (const [path, allow] of [
      ['/v1/images/upload', 'POST'],
      [`/v1/images/upload/${id}`, 'GET, HEAD, DELETE'],
      [`/v1/images/upload/${id}/uploads`, 'GET, HEAD'],
      ['/v1/images', 'GET, HEAD'],
      ['/healthz', 'GET, HEAD'],
    ] as const)
      rule(`${path} takes ${allow}`, async ({ fetch }) => {
        const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
        for (const method of methods.filter((each) => !allow.split(', ').includes(each))) {
          const answer = await fetch(at(path), { method });
          assert.equal(answer.headers.get('allow'), allow, method);
          if (method === 'HEAD') assert.equal(answer.status, 405);
          else await assertProblem(answer, 405);
        }
      });

    for (const path of [
      '/v1/images/',
      '/v1/images/upload/',
      '/v1//images',
      '/v1%2fimages',
      '/v1/images%2fupload',
      '/V1/images',
      '/v1/Images',
      '/v1/images/upload/x/y',
      `/v1/images/upload/${id}/`,
      `/v1/images/upload/${id}/events`,
      `/v1/images/upload/${id}/uploads/`,
      '/v2/images',
      '/toString',
    ])
      rule(`${path} is nothing`, async ({ fetch }) => {
        await assertNothing(await fetch(at(path)));
      });

    rule('HEAD is GET without a body', async ({ uploader, fetch }) => {
      const { jobId } = await uploader.submit(urls);
      const paths = [
        at('/v1/images'),
        `${uploadPath}/${jobId}`,
        `${uploadPath}/${jobId}/uploads?limit=1`,
        at('/healthz'),
      ];
      for (const path of paths) {
        const [got, head] = [await fetch(path), await fetch(path, { method: 'HEAD' })];
        assert.equal(head.status, 200);
        assert.equal(head.headers.get('content-type'), got.headers.get('content-type'));
        assert.equal(head.headers.get('link'), got.headers.get('link'));
        assert.equal(await head.text(), '');
        await got.text();
      }
      const missing = await fetch(`${uploadPath}/${id}`, { method: 'HEAD' });
      assert.deepEqual([missing.status, await missing.text()], [404, '']);
    });
  });

  describe('authorize', () => {
    const refusing: SceneChanges = {
      options: {
        authorize: async ({ headers, url }) => {
          if (new URL(url).pathname.endsWith('/v1/images')) throw new Error('hunter2');
          if (headers.get('authorization') === 'Bearer right') return undefined;
          return new Response('who are you?', { status: 401, headers: { 'www-authenticate': 'Bearer' } });
        },
      },
    };

    rule(
      'lets pass or answers itself',
      async ({ post }) => {
        const refused = await post({ urls });
        assert.equal(refused.status, 401);
        assert.equal(refused.headers.get('www-authenticate'), 'Bearer');
        assert.equal(await refused.text(), 'who are you?');
        assert.equal((await post({ urls }, { authorization: 'Bearer right' })).status, 202);
      },
      refusing,
    );

    rule(
      'is not asked about health, nor about a path without an endpoint',
      async ({ fetch }) => {
        assert.equal((await fetch(at('/healthz'))).status, 200);
        await assertNothing(await fetch(at('/elsewhere')));
      },
      refusing,
    );

    rule(
      'that throws lets nobody pass',
      async ({ fetch, logged }) => {
        const problem = await assertProblem(await fetch(at('/v1/images')), 500);
        assert.ok(!JSON.stringify(problem).includes('hunter2'));
        assert.equal(logged.length, 1);
      },
      refusing,
    );
  });

  describe('CORS', () => {
    const preflight = {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    };
    const cors: SceneChanges = { options: { cors: { origins: ['https://app.example'] } } };

    rule('is off unless asked for', async ({ fetch }) => {
      const answer = await fetch(at('/v1/images'), { headers: { origin: 'https://app.example' } });
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
      await answer.text();
      await assertProblem(await fetch(uploadPath, preflight), 405);
    });

    rule(
      'answers a page that is allowed, before and with the request',
      async ({ fetch }) => {
        const before = await fetch(uploadPath, preflight);
        assert.equal(before.status, 204);
        assert.equal(before.headers.get('access-control-allow-origin'), 'https://app.example');
        assert.equal(before.headers.get('access-control-allow-methods'), 'POST');
        assert.match(String(before.headers.get('access-control-allow-headers')), /Idempotency-Key/);
        const answer = await fetch(`${uploadPath}/${id}`, { headers: { origin: 'https://app.example' } });
        assert.equal(answer.status, 404);
        assert.equal(answer.headers.get('access-control-allow-origin'), 'https://app.example');
        assert.equal(answer.headers.get('access-control-allow-credentials'), null);
        assert.equal(answer.headers.get('vary'), 'Origin');
        await answer.text();
      },
      cors,
    );

    rule(
      'tells other pages nothing',
      async ({ fetch }) => {
        const headers = { ...preflight.headers, origin: 'https://app.example.evil' };
        for (const answer of [
          await fetch(uploadPath, { ...preflight, headers }),
          await fetch(at('/v1/images'), { headers }),
        ]) {
          assert.equal(answer.headers.get('access-control-allow-origin'), null);
          assert.equal(answer.headers.get('access-control-allow-methods'), null);
          assert.equal(answer.headers.get('vary'), 'Origin');
          await answer.text();
        }
      },
      cors,
    );
  });
}

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const uploadKeys = [
  'index',
  'url',
  'status',
  'link',
  'failure',
  'attempts',
  'bytes',
  'type',
  'width',
  'height',
  'possiblyDuplicated',
  'reused',
  'paused',
  'started',
  'finished',
];

interface View {
  readonly id: string;
  readonly created: string;
  readonly finished: string | null;
  readonly status: string;
  readonly uploaded: Readonly<Record<'pending' | 'complete' | 'failed', string[]>>;
}

async function onStage(
  mount: Mount,
  changes: SceneChanges,
  body: (scene: Scene) => Promise<void>,
): Promise<void> {
  const service = createService(changes);
  const logged: { facts: object; message: string }[] = [];
  const log: Logger['error'] = (facts, message) => logged.push({ facts, message });
  const options = { logger: { debug: log, info: log, warn: log, error: log }, ...changes.options };
  const mounted = await mount.start(service.uploader, { basePath: mount.prefix, ...options });
  const post: Scene['post'] = (value, headers) =>
    mounted.fetch(`${mount.prefix}/v1/images/upload`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body:
        typeof value === 'string' || value instanceof Uint8Array
          ? new Uint8Array(Buffer.from(value))
          : JSON.stringify(value),
    });
  try {
    await body({ ...service, fetch: mounted.fetch, post, logged });
  } finally {
    await mounted.stop();
    await service.stop();
  }
}

async function assertProblem(answer: Response, status: number): Promise<Record<string, unknown>> {
  const text = await answer.text();
  assert.equal(answer.status, status, text);
  assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  const problem = JSON.parse(text);
  assert.equal(problem.status, status);
  assert.equal(typeof problem.type, 'string');
  assert.equal(typeof problem.title, 'string');
  assert.ok(problem.detail.length <= 200);
  return problem;
}

async function jsonOf(answer: Response): Promise<Record<string, unknown>> {
  return JSON.parse(await answer.text());
}

async function viewOf(answer: Response): Promise<View> {
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return JSON.parse(text);
}

async function viewAfter(submitted: Response, fetch: Scene['fetch']): Promise<View> {
  return viewOf(await fetch(String(submitted.headers.get('location'))));
}

async function follow(path: string, fetch: Scene['fetch']): Promise<Record<string, unknown>[]> {
  const pages: Record<string, unknown>[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const answer: Response = await fetch(next);
    pages.push(await jsonOf(answer));
    next = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  return pages;
}

/** A body of unknown length, which stays open if asked to. */
function streamed(text: string, { open = false } = {}): RequestInit {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(Buffer.from(text));
      if (!open) controller.close();
    },
  });
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body, duplex: 'half' };
}

const gone = async (): Promise<never> => {
  throw new StoreUnavailableError('connect ECONNREFUSED 10.0.0.7:6379', { retryAfterMs: 2_500 });
};
