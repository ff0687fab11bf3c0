// A worker as a process of its own: on another machine it would be the same.
import { once } from 'node:events';

import { silentLogger, Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { RedisStore } from '@imgferry/redis-store';

const { REDIS_URL: url = '', NAMESPACE: namespace = '', IMGUR_API_URL: apiUrl = '' } = process.env;
const store = new RedisStore({ url, namespace, logger: silentLogger });
const source = createHttpSource({ allow: ['127.0.0.1'] });
const host = createImgurHost({ clientId: 'any', apiUrl });
// It hears of a cancel with its next heartbeat, which the store has the same time to answer.
const uploader = new Uploader({ store, source, host, concurrency: 2, heartbeatMs: 1_000 });

const letGo = once(process, 'disconnect');
// An interrupt of the terminal comes to every process; the one that started this stops it.
process.on('SIGINT', () => {});
await store.ready();
uploader.start();
process.send?.('ready');
await letGo;
await uploader.stop({ timeoutMs: 0 });
await Promise.all([store.close(), source.close(), host.close()]);
