// #region embed
import { createServer } from 'node:http';

import { Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { startImgurStandIn } from '@imgferry/core/testing';
import { createFetchHandler, toNodeHandler } from '@imgferry/http-adapter';
import { MemoryStore } from '@imgferry/memory-store';

// This talks to a stand-in for Imgur. For Imgur itself give your Client-ID, and leave out `imgur`, `apiUrl` and `allow`.
const imgur = await startImgurStandIn();
const host = createImgurHost({ clientId: 'any', apiUrl: imgur.url });
const source = createHttpSource({ allow: ['127.0.0.1'] });
const uploader = new Uploader({ store: new MemoryStore(), source, host });

uploader.on('upload:completed', ({ url, link }) => console.log(`${url} is now ${link}`));
uploader.on('upload:failed', ({ url, failure }) => console.log(`${url} failed: ${failure.message}`));
uploader.on('job:finished', ({ job }) => console.log(`${job.complete} of ${job.total} images have a link`));
uploader.start();

const images = toNodeHandler(createFetchHandler(uploader));
const server = createServer((request, response) => {
  images(request, response, () => response.end('the rest of your application\n'));
});
server.listen(process.env.PORT ?? 3000);
// #endregion embed

// #region stop
async function stop(): Promise<void> {
  server.close();
  await uploader.stop();
  await Promise.all([source.close(), host.close(), imgur.close()]);
}
process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());

// #endregion stop

export { server, stop, uploader };
