// #region import
import { Uploader } from '@imgferry/core';
import { createHttpSource } from '@imgferry/core/http-source';
import { createImgurHost } from '@imgferry/core/imgur-host';
import { MemoryStore } from '@imgferry/memory-store';
// #endregion import

import type { Host, Source } from '@imgferry/core';

/** What the README of core makes an uploader of. */
export function makeParts(clientId: string) {
  // #region parts
  const source = createHttpSource();
  const host = createImgurHost({ clientId });
  // #endregion parts
  return { source, host };
}

/** What the README of core does with it. */
export async function submitAndWait(
  urls: readonly string[],
  { source, host }: { readonly source: Source; readonly host: Host },
  log: (line: string) => void,
): Promise<void> {
  // #region use
  const uploader = new Uploader({ store: new MemoryStore(), source, host });
  uploader.on('upload:failed', ({ url, failure }) => log(`${url}: ${failure.code}, ${failure.message}`));
  uploader.start();

  const { jobId } = await uploader.submit(urls, { idempotencyKey: 'album 7' });
  await uploader.finished(jobId, { signal: AbortSignal.timeout(60_000) });
  const page = await uploader.uploads(jobId, { status: 'complete' });
  for (const { url, link } of page?.items ?? []) log(`${url} is now ${link}`);

  await uploader.stop();
  // #endregion use
}
