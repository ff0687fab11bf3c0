// Ours where jobs are taken in and nobody works on them. `imgferry-taker.ts <server> <Redis>`
import { Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { RedisStore } from '@imgferry/redis-store';
import { answerCalls } from '../answer-calls.ts';
import { takerOf } from '../submits.ts';

const [server = '', redis = ''] = process.argv.slice(2);
const store = new RedisStore({ url: redis });
const source = createHttpSource({ allow: ['127.0.0.1'] });
const host = createImgurHost({ clientId: 'bench', apiUrl: server });
const uploader = new Uploader({ store, source, host });

answerCalls(
  takerOf(server, (urls, title) => uploader.submit(urls, title === undefined ? {} : { title })),
  async () => {
    await Promise.all([store.close(), source.close(), host.close()]);
  },
);
