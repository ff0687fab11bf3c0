// Runs main.ts on a free port, uses it as a client would, and stops it.
import { once } from 'node:events';

import { sampleImage, startPictureServer } from '@imgferry/core/testing';

process.env.PORT = '0';
const { server, stop, uploader } = await import('./main.ts');
if (!server.listening) await once(server, 'listening');
const address = server.address();
const url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
const pictures = await startPictureServer({
  '/cat.jpg': sampleImage('image/jpeg'),
  '/dog.png': sampleImage('image/png'),
});

try {
  const { jobId } = await submit(['/cat.jpg', '/dog.png', '/gone.gif'].map((path) => pictures.urlOf(path)));
  const job = await uploader.finished(jobId, { signal: AbortSignal.timeout(20_000) });
  if (job?.complete !== 2 || job.failed !== 1)
    throw new Error('two images should have a link and one should have failed');
  console.log(await (await fetch(`${url}/v1/images`)).json());
  console.log((await (await fetch(`${url}/hello`)).text()).trim());
} finally {
  await stop();
  await pictures.close();
}

async function submit(urls: readonly string[]): Promise<{ readonly jobId: string }> {
  const response = await fetch(`${url}/v1/images/upload`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ urls }),
  });
  if (response.status !== 202) throw new Error(`the submit was answered with ${response.status}`);
  return JSON.parse(await response.text());
}
