// Opens the URL of its first argument as a process of its own, and prints what came of it. With a second argument it
// uses the `fetch` of Node instead, which heeds the proxies of the environment.
import { createHttpSource } from '../../src/http-source/index.ts';

const [url = '', byFetch] = process.argv.slice(2);

if (byFetch === undefined) await openIt();
else
  process.stdout.write(
    await fetch(url).then(
      ({ status }) => `${status}`,
      () => 'no answer',
    ),
  );

async function openIt(): Promise<void> {
  const source = createHttpSource({ allow: ['127.0.0.1'] });
  const signal = AbortSignal.timeout(10_000);
  const image = await source.open(url, { limits: { maxBytes: { 'image/png': 1_000 } }, signal });
  process.stdout.write(image.type);
  image.dispose();
  await source.close();
}
