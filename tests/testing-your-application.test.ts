import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

// #region example
import { Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import {
  createFakeSource,
  imgurReplies,
  sampleImage,
  startImgurStandIn,
  startPictureServer,
} from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';

it('an image gets its link although Imgur was away at first', async () => {
  const imgur = await startImgurStandIn();
  const pictures = await startPictureServer({ '/cat.png': sampleImage('image/png', { bytes: 50_000 }) });
  const source = createHttpSource({ allow: ['127.0.0.1'] });
  const host = createImgurHost({ clientId: 'any', apiUrl: imgur.url });
  const store = new MemoryStore();
  const uploader = new Uploader({ store, source, host, retryDelayMs: 1 });

  imgur.next(imgurReplies.htmlPage(503));
  uploader.start();
  const { jobId } = await uploader.submit([pictures.urlOf('/cat.png')], { title: 'Cat' });
  const job = await uploader.finished(jobId);

  expect(job).toMatchObject({ complete: 1, failed: 0 });
  expect(imgur.requests).toMatchObject({ posts: 2, accepted: 1, refused: 1 });
  expect(imgur.images).toMatchObject([{ type: 'image/png', bytes: 50_000, fields: { title: 'Cat' } }]);

  await uploader.stop();
  await Promise.all([store.close(), source.close(), host.close(), imgur.close(), pictures.close()]);
});
// #endregion example

it('a job is in progress while Imgur has not answered yet', async () => {
  const imgur = await startImgurStandIn();
  const url = 'https://a.example/cat.png';
  const source = createFakeSource({ [url]: sampleImage('image/png') });
  const host = createImgurHost({ clientId: 'any', apiUrl: imgur.url });
  const store = new MemoryStore();
  const uploader = new Uploader({ store, source, host });
  uploader.start();

  // #region hold
  const held = imgur.hold();
  const { jobId } = await uploader.submit([url]);
  await held.waitFor(1); // Imgur has the image, and we do not know its link yet
  expect(imgur.images).toHaveLength(1);
  expect(await uploader.job(jobId)).toMatchObject({ status: 'in-progress', claimed: 1, complete: 0 });
  held.release();
  expect(await uploader.finished(jobId)).toMatchObject({ status: 'complete', complete: 1 });
  // #endregion hold

  await uploader.stop();
  await Promise.all([store.close(), host.close(), imgur.close()]);
  expect(source.live).toBe(0);
});

it.each(['example', 'hold'])('the guide to testing shows the code above: %s', (region) => {
  const here = readFileSync(new URL(import.meta.url), 'utf8');
  const guide = readFileSync(new URL('../packages/core/TESTING.md', import.meta.url), 'utf8');
  const code = new RegExp(`// #region ${region}\\n(.*?) *// #endregion ${region}`, 's').exec(here)?.[1] ?? '';
  expect(code).toContain('imgur.');
  const outdented = region === 'hold' ? code.replace(/^ {2}/gm, '') : code;
  expect(guide).toContain(`\`\`\`ts\n${outdented}\`\`\``);
});
