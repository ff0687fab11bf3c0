// Opens the URL of its first argument as a process of its own, and prints what came of it. With a second argument it
// does so as those do who heed the proxies of the environment, by the same HTTP client.
import { EnvHttpProxyAgent, request } from 'undici';

import { createHttpSource } from '../../src/http-source/index.ts';

const [url = '', heeding] = process.argv.slice(2);

if (heeding === undefined) await openIt();
else await heedTheEnvironment();

async function openIt(): Promise<void> {
  const source = createHttpSource({ allow: ['127.0.0.1'] });
  const signal = AbortSignal.timeout(10_000);
  const image = await source.open(url, { limits: { maxBytes: { 'image/png': 1_000 } }, signal });
  process.stdout.write(image.type);
  image.dispose();
  await source.close();
}

async function heedTheEnvironment(): Promise<void> {
  const dispatcher = new EnvHttpProxyAgent();
  const answer = await request(url, { dispatcher }).catch(() => ({ statusCode: 'none' }));
  process.stdout.write(`${answer.statusCode}`);
  await dispatcher.destroy();
}
