import assert from 'node:assert/strict';

import { assertProblem, placesOf } from './answers.ts';
import { urls } from './scene.ts';
import type { Stage } from './stage.ts';

/** What a problem says of where it is. */
export function testProblems({ describe, rule, rawRule, at, uploadPath }: Stage): void {
  const badUrls = [...urls, 'ftp://source.example', 7];

  describe('a problem', () => {
    for (const [body, places] of [
      [[], [{ pointer: '#' }]],
      [{}, [{ pointer: '#/urls' }]],
      [{ urls: 'https://a.example' }, [{ pointer: '#/urls' }]],
      [{ urls: [] }, [{ pointer: '#/urls' }]],
      [
        { urls: badUrls },
        [
          { index: 2, pointer: '#/urls/2' },
          { index: 3, pointer: '#/urls/3' },
        ],
      ],
    ] as const)
      rule(`names the place in the body ${JSON.stringify(body)}`, async ({ post }) => {
        assert.deepEqual(placesOf(await assertProblem(await post(body), 400)), places);
      });

    rule(
      'names the list that is too long',
      async ({ post }) => {
        assert.deepEqual(placesOf(await assertProblem(await post({ urls }), 400)), [{ pointer: '#/urls' }]);
      },
      { settings: { maxUrls: 1 } },
    );

    for (const body of ['', 'null', '{"urls":', '['.repeat(100)])
      rawRule(`names the body where it is ${JSON.stringify(body.slice(0, 20))}`, async ({ post }) => {
        assert.deepEqual(placesOf(await assertProblem(await post(body), 400)), [{ pointer: '#' }]);
      });

    rule(
      'names the body that is too large',
      async ({ post }) => {
        const answer = await post({ urls: [`https://a.example/${'x'.repeat(300)}`] });
        assert.deepEqual(placesOf(await assertProblem(answer, 413)), [{ pointer: '#' }]);
      },
      { options: { maxBodyBytes: 200 } },
    );

    for (const [header, value] of [
      ['Content-Type', 'text/plain'],
      ['Content-Type', 'application/json; charset=latin1'],
      ['Content-Encoding', 'gzip'],
    ] as const)
      rawRule(`names the header ${header}: ${value}`, async ({ post }) => {
        const answer = await post({ urls }, { [header.toLowerCase()]: value });
        assert.deepEqual(placesOf(await assertProblem(answer, 415)), [{ header }]);
      });

    rule('names the key that is no key, and the key that was used before', async ({ post }) => {
      const send = (key: string, sent: unknown): Promise<Response> => post(sent, { 'idempotency-key': key });
      const place = [{ header: 'Idempotency-Key' }];
      assert.deepEqual(placesOf(await assertProblem(await send('"open', { urls }), 400)), place);
      assert.equal((await send('order-1', { urls })).status, 202);
      const reused = await assertProblem(await send('order-1', { urls: urls.slice(1) }), 422);
      assert.deepEqual(placesOf(reused), place);
      assert.match(String(reused.detail), /^Idempotency-Key /);
    });

    for (const [query, parameter] of [
      ['limit=0', 'limit'],
      ['limit=1&limit=2', 'limit'],
      ['cursor=', 'cursor'],
      ['cursor=forged', 'cursor'],
      ['cursor=a&cursor=b', 'cursor'],
    ] as const)
      rule(`names the parameter of ?${query}`, async ({ fetch, uploader }) => {
        const { jobId } = await uploader.submit(urls);
        for (const path of [at('/v1/images'), `${uploadPath}/${jobId}/uploads`]) {
          const problem = await assertProblem(await fetch(`${path}?${query}`), 400);
          assert.deepEqual(placesOf(problem), [{ parameter }]);
          assert.match(String(problem.detail), new RegExp(`^${parameter} `));
        }
      });

    rule('names the status that is none', async ({ fetch, uploader }) => {
      const { jobId } = await uploader.submit(urls);
      const problem = await assertProblem(await fetch(`${uploadPath}/${jobId}/uploads?status=done`), 400);
      assert.deepEqual(placesOf(problem), [{ parameter: 'status' }]);
    });
  });
}
