import { defaultLogger, type Host, type Source, Uploader } from '@imgferry/core';
import { RedisStore } from '../../src/index.ts';

/** Ferries the images to their end and answers how many got a link. */
export async function ferry(
  source: Source,
  host: Host,
  urls: readonly string[],
  redis: { readonly url: string; readonly namespace: string },
): Promise<number> {
  const { url, namespace } = redis;
  // #region use
  const store = new RedisStore({ url, namespace, maxLinks: 100_000 });
  await store.ready();
  const uploader = new Uploader({ store, source, host });
  uploader.start();

  const { jobId } = await uploader.submit(urls);
  const job = await uploader.finished(jobId);

  await uploader.stop();
  await store.close();
  // #endregion use
  return job?.complete ?? 0;
}

/** The same with a log that says what Redis does not keep. */
export function withInfo(url: string): RedisStore {
  // #region info
  const logger = {
    ...defaultLogger,
    info: (facts: object, message: string) => console.info(`imgferry: ${message}`, facts),
  };
  const store = new RedisStore({ url, logger });
  // #endregion info
  return store;
}
