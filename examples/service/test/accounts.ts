import { expect } from 'vitest';

import { checkInvariants } from '@imgferry/redis-store';
import { type Deployment, secrets } from './deployment.ts';
import { logLines } from './programs.ts';

/** An upload as the endpoint shows it. */
export interface UploadView {
  readonly url: string;
  readonly status: string;
  readonly link: string | null;
  readonly failure: { readonly code: string } | null;
  readonly attempts: number;
  readonly possiblyDuplicated: boolean;
}

interface HostImage {
  readonly id: string;
  readonly link: string;
  readonly sha256: string;
  /** Whether it has not been deleted. */
  readonly there: boolean;
}

/** What api, store and host say at the end, side by side. */
export interface Accounts {
  readonly uploads: readonly UploadView[];
  /** `GET /v1/images` */
  readonly links: readonly string[];
  readonly images: readonly HostImage[];
}

/** Reads them. */
export async function readAccounts(deployment: Deployment, jobs: readonly string[]): Promise<Accounts> {
  const { apiUrl } = deployment;
  const uploads = await Promise.all(jobs.map((job) => uploadsOf(apiUrl, job)));
  const { uploaded } = (await (await fetch(`${apiUrl}/v1/images`)).json()) as { uploaded: string[] };
  return { uploads: uploads.flat(), links: uploaded, images: await imagesAt(deployment) };
}

/** The uploads of a job of at most 1,000, by the Location of its submit. */
export async function uploadsOf(apiUrl: string, job: string): Promise<UploadView[]> {
  const response = await fetch(`${apiUrl}${job}/uploads?limit=1000`);
  return ((await response.json()) as { uploads: UploadView[] }).uploads;
}

/** Every image that the stand-in says it took, and whether it still has it. */
async function imagesAt({ standIn, standInUrl }: Deployment): Promise<HostImage[]> {
  const came = logLines(standIn, /^an image came$/) as unknown as Omit<HostImage, 'there'>[];
  const headers = { authorization: `Client-ID ${secrets.clientId}` };
  return Promise.all(
    came.map(async (image) => {
      const { status } = await fetch(`${standInUrl}/3/image/${image.id}`, { headers });
      return { ...image, there: status === 200 };
    }),
  );
}

/**
 * Holds the accounts against one another: one outcome for each URL, one link for each image, nothing at the host twice
 * that is not marked, counters equal to records. `digests` says which image each URL leads to; a URL that is not in it
 * leads to none.
 */
export async function expectToBalance(
  deployment: Deployment,
  { uploads, links, images }: Accounts,
  digests: ReadonlyMap<string, string>,
): Promise<void> {
  for (const upload of uploads) expectOneOutcome(upload, digests.has(upload.url));
  const recorded = uploads.flatMap(({ link }) => (link === null ? [] : [link]));
  expect([...links].sort()).toEqual([...recorded].sort());
  expect(new Set(links).size).toBe(links.length);
  expectAtHost(uploads, images, digests);
  await expectCounted(deployment, uploads);
}

function expectOneOutcome({ url, status, link, failure }: UploadView, isThere: boolean): void {
  const outcome = isThere
    ? { status: 'complete', link: expect.stringMatching(/^https:\/\/i\.imgur\.com\//), code: undefined }
    : { status: 'failed', link: null, code: 'source_status' };
  expect({ url, status, link, code: failure?.code }).toEqual({ url, ...outcome });
}

function expectAtHost(
  uploads: readonly UploadView[],
  images: readonly HostImage[],
  digests: ReadonlyMap<string, string>,
): void {
  const byLink = new Map(images.map((image) => [image.link, image]));
  const uploadsByDigest = new Map(uploads.map((upload) => [digests.get(upload.url), upload]));
  for (const { url, link } of uploads) {
    if (link === null) continue;
    expect({ url, ...byLink.get(link) }).toMatchObject({ url, sha256: digests.get(url), there: true });
    byLink.delete(link);
  }
  const surplus = [...byLink.values()].filter(({ there }) => there);
  for (const { sha256 } of surplus)
    expect(uploadsByDigest.get(sha256)).toMatchObject({ possiblyDuplicated: true });
}

async function expectCounted(
  { store, redisOptions }: Deployment,
  uploads: readonly UploadView[],
): Promise<void> {
  const complete = uploads.filter(({ status }) => status === 'complete');
  const { totals, queue } = await store.stats();
  expect(totals).toMatchObject({
    uploadsCreated: uploads.length,
    uploadsComplete: complete.length,
    uploadsFailed: uploads.length - complete.length,
    possiblyDuplicated: complete.filter(({ possiblyDuplicated }) => possiblyDuplicated).length,
  });
  expect(queue).toMatchObject({ waiting: 0, claimed: 0, delayed: 0, liveJobs: 0 });
  expect((await checkInvariants(redisOptions)).violations).toEqual([]);
}
