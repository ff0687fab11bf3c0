import { expect } from 'vitest';

import type { Deployment } from './deployment.ts';
import { submit } from './programs.ts';

/** Submits until it is accepted, as a client does that is told to come again. Answers where the job is. */
export async function handIn(
  { apiUrl, pictures }: Deployment,
  paths: readonly string[],
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const urls = paths.map((path) => pictures.urlOf(path));
  const submitted = async () => submit(apiUrl, urls, headers);
  let response = await submitted();
  while (response.status === 503) response = await submitted();
  expect(response.status).toBe(202);
  return response.headers.get('location') ?? '';
}

/** Waits for the end of a job. */
export async function complete({ apiUrl }: Deployment, job: string): Promise<void> {
  const view = async () => (await fetch(apiUrl + job)).json();
  await expect.poll(view, { timeout: 25_000, interval: 50 }).toMatchObject({ status: 'complete' });
}

/** How many uploads have a link, of all jobs. */
export async function completed({ store }: Deployment): Promise<number> {
  return (await store.stats()).totals.uploadsComplete;
}

/** Waits until so many have. */
export async function reached(from: Deployment, count: number): Promise<void> {
  await expect.poll(() => completed(from), { timeout: 25_000, interval: 10 }).toBeGreaterThanOrEqual(count);
}
