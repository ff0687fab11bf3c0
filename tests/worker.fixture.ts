// A worker as a process of its own: what it works on and with comes as JSON in its first argument.
import { once } from 'node:events';

import { silentLogger, Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { RedisStore } from '@imgferry/redis-store';

const { url, namespace, apiUrl } = JSON.parse(process.argv[2] ?? '{}') as Record<string, string>;
const store = new RedisStore({ url: url ?? '', namespace: namespace ?? '', logger: silentLogger });
const source = createHttpSource({ allow: ['127.0.0.1'] });
const host = createImgurHost({ clientId: 'any', apiUrl: apiUrl ?? '' });
const timing = { leaseMs: 1_500, heartbeatMs: 300, pollMs: 500, attemptDelayMs: 1, retryDelayMs: 1 };
const uploader = new Uploader({ store, source, host, concurrency: 4, logger: silentLogger, ...timing });

const stopAsked = once(process, 'SIGTERM');
await store.ready();
uploader.start();
process.stdout.write('ready\n');
await stopAsked;
await uploader.stop({ timeoutMs: 3_000 });
await Promise.all([store.close(), source.close(), host.close()]);
