// Ferries the same pictures twice: as they are, and converted on their way.
import { type ImageTransform, silentLogger, type Upload, Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { startImgurStandIn, startPictureServer } from '@imgferry/core/testing';
import { MemoryStore } from '@imgferry/memory-store';
import { convertWithSharp } from './convert-with-sharp.ts';
import { drawPictures } from './pictures.ts';

const pictures = await drawPictures();
const web = await startPictureServer(pictures);
const imgur = await startImgurStandIn();
const source = createHttpSource({ allow: ['127.0.0.1'] });
const host = createImgurHost({ clientId: 'any', apiUrl: imgur.url });
const logger = {
  ...silentLogger,
  warn: (facts: { readonly err?: unknown }, message: string) => console.log(`log: ${message}: ${facts.err}`),
};

try {
  console.log('As they are:');
  await ferry();
  console.log('\nConverted by sharp where Imgur would not take them:');
  await ferry(convertWithSharp);
} finally {
  await Promise.all([source.close(), host.close(), imgur.close(), web.close()]);
}

async function ferry(transform?: ImageTransform): Promise<void> {
  const parts = { store: new MemoryStore(), source, host, logger };
  const uploader = new Uploader(transform === undefined ? parts : { ...parts, transform });
  uploader.start();
  try {
    const { jobId } = await uploader.submit(Object.keys(pictures).map((path) => web.urlOf(path)));
    await uploader.finished(jobId, { signal: AbortSignal.timeout(30_000) });
    const page = await uploader.uploads(jobId);
    for (const upload of page?.items ?? []) console.log(lineOf(upload));
  } finally {
    await uploader.stop();
  }
}

function lineOf({ url, link, type, bytes, width, height, failure }: Upload): string {
  const path = new URL(url).pathname;
  const old = `${path.padEnd(13)} ${String(pictures[path]?.length).padStart(6)} bytes`;
  if (failure !== null) return `${old}  ${failure.code}: ${failure.message}`;
  return `${old}  ${link}  ${type}, ${bytes} bytes, ${width} × ${height}`;
}
