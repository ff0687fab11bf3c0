import assert from 'node:assert/strict';

import { pictures } from '../a-service.ts';
import { assertProblem, jsonOf, placesOf } from './answers.ts';
import { gone, type Scene, unknownId, urls } from './scene.ts';
import type { Stage } from './stage.ts';

const csv = { headers: { accept: 'text/csv' } };
const header = '"url","link","status","code"';
const missing = 'https://source.example/gone?a=1,"b"';

/** The old-to-new mapping of a job. */
export function testMapping({ describe, rule, uploadPath }: Stage): void {
  const jobOf = async ({ uploader, source }: Scene): Promise<string> => {
    const { jobId } = await uploader.submit([...pictures(source, 1), missing]);
    uploader.start();
    await uploader.finished(jobId);
    return jobId;
  };
  const there = '"https://source.example/0.png","https://img.example/1","complete",""';
  const failed = '"https://source.example/gone?a=1,""b""","","failed","source_status"';
  const lines = (...all: string[]): string => all.map((each) => `${each}\r\n`).join('');

  describe('the mapping of a job', () => {
    rule('has each URL with its link or its code, in the order of the request', async (scene) => {
      const jobId = await jobOf(scene);
      const answer = await scene.fetch(`${uploadPath}/${jobId}/mapping`);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-type'), 'application/json');
      assert.match(String(answer.headers.get('vary')), /\bAccept\b/);
      assert.deepEqual(await jsonOf(answer), {
        mapping: [
          {
            url: 'https://source.example/0.png',
            link: 'https://img.example/1',
            status: 'complete',
            code: null,
          },
          { url: missing, link: null, status: 'failed', code: 'source_status' },
        ],
      });
    });

    rule('is CSV for who accepts that, to be kept as a file', async (scene) => {
      const jobId = await jobOf(scene);
      for (const path of ['mapping', 'uploads']) {
        const answer = await scene.fetch(`${uploadPath}/${jobId}/${path}`, csv);
        assert.equal(answer.headers.get('content-type'), 'text/csv; charset=utf-8; header=present');
        assert.equal(answer.headers.get('content-disposition'), `attachment; filename="${jobId}.csv"`);
        assert.match(String(answer.headers.get('vary')), /\bAccept\b/);
        assert.equal(await answer.text(), lines(header, there, failed));
      }
    });

    rule('can be that of one status', async (scene) => {
      const jobId = await jobOf(scene);
      const { mapping } = await jsonOf(await scene.fetch(`${uploadPath}/${jobId}/mapping?status=failed`));
      assert.deepEqual(
        (mapping as { url: string }[]).map(({ url }) => url),
        [missing],
      );
      for (const path of ['mapping', 'uploads'])
        assert.equal(
          await (await scene.fetch(`${uploadPath}/${jobId}/${path}?status=complete`, csv)).text(),
          lines(header, there),
        );
    });

    rule('of a long job is whole, and of one status as well', async ({ uploader, fetch }) => {
      const many = Array.from({ length: 3_500 }, (_, index) => `https://source.example/${index}`);
      const { jobId } = await uploader.submit(many);
      const { mapping } = await jsonOf(await fetch(`${uploadPath}/${jobId}/mapping?status=waiting`));
      assert.deepEqual(
        (mapping as { url: string }[]).map(({ url }) => url),
        many,
      );
      const text = await (await fetch(`${uploadPath}/${jobId}/mapping`, csv)).text();
      assert.equal(text, lines(header, ...many.map((url) => `"${url}","","waiting",""`)));
    });

    rule('may have nothing in it', async ({ uploader, fetch }) => {
      const { jobId } = await uploader.submit(urls);
      const path = `${uploadPath}/${jobId}/mapping?status=failed`;
      assert.deepEqual(await jsonOf(await fetch(path)), { mapping: [] });
      assert.equal(await (await fetch(path, csv)).text(), lines(header));
    });

    rule('is a page of it where the uploads are asked for a page as CSV', async ({ uploader, fetch }) => {
      const { jobId } = await uploader.submit(urls);
      const first = await fetch(`${uploadPath}/${jobId}/uploads?limit=1`, csv);
      assert.equal(await first.text(), lines(header, `"${urls[0]}","","waiting",""`));
      const next = /^<([^>]+)>; rel="next"$/.exec(String(first.headers.get('link')))?.[1];
      const second = await fetch(String(next), csv);
      assert.equal(await second.text(), lines(header, `"${urls[1]}","","waiting",""`));
      assert.equal(second.headers.get('link'), null);
    });

    for (const [accept, type] of [
      ['*/*', 'application/json'],
      ['application/json, text/csv', 'application/json'],
      ['text/csv, application/json;q=0.9', 'text/csv; charset=utf-8; header=present'],
      ['text/html, text/*;q=0.8, */*;q=0.1', 'text/csv; charset=utf-8; header=present'],
    ] as const)
      rule(`is ${type} for who accepts ${accept}`, async ({ uploader, fetch }) => {
        const { jobId } = await uploader.submit(urls);
        for (const path of ['mapping', 'uploads']) {
          const answer = await fetch(`${uploadPath}/${jobId}/${path}`, { headers: { accept } });
          assert.equal(answer.headers.get('content-type'), type);
          await answer.text();
        }
      });

    rule('is 406 for who accepts neither type', async ({ uploader, fetch }) => {
      const { jobId } = await uploader.submit(urls);
      for (const path of ['mapping', 'uploads']) {
        const answer = await fetch(`${uploadPath}/${jobId}/${path}`, { headers: { accept: 'text/html' } });
        assert.deepEqual(placesOf(await assertProblem(answer, 406)), [{ header: 'Accept' }]);
      }
    });

    rule('refuses a status that is none', async ({ uploader, fetch }) => {
      const { jobId } = await uploader.submit(urls);
      const answer = await fetch(`${uploadPath}/${jobId}/mapping?status=done`, csv);
      assert.deepEqual(placesOf(await assertProblem(answer, 400)), [{ parameter: 'status' }]);
    });

    rule('of a job that is unknown is 404, as JSON and as CSV', async ({ fetch }) => {
      await assertProblem(await fetch(`${uploadPath}/${unknownId}/mapping`), 404);
      await assertProblem(await fetch(`${uploadPath}/${unknownId}/mapping`, csv), 404);
      await assertProblem(await fetch(`${uploadPath}/${unknownId}/uploads`, csv), 404);
    });

    rule(
      'is 503 and no half answer while the store is away',
      async ({ fetch }) => {
        await assertProblem(await fetch(`${uploadPath}/${unknownId}/mapping`), 503);
        await assertProblem(await fetch(`${uploadPath}/${unknownId}/mapping`, csv), 503);
      },
      { store: () => ({ uploads: gone }) },
    );
  });
}
