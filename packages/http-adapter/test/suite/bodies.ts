import assert from 'node:assert/strict';

import { assertProblem, streamed, viewAfter } from './answers.ts';
import { urls } from './scene.ts';
import type { Stage } from './stage.ts';

/** What a body has to be as bytes. */
export function testBodies({ describe, rule, rawRule, uploadPath }: Stage): void {
  describe('the body of a submit', () => {
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
  });
}
