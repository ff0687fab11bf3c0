import type { JobSummary, Page, Upload } from '@imgferry/core';
import type { ReceivedImage } from '@imgferry/core/testing';
import type { AcceptedJob } from './clients.ts';
import type { Diary } from './diary.ts';
import { kindOf, type SourceKind } from './picture-web.ts';
import type { SoakOptions } from './soak-options.ts';
import { secrets, type World } from './world.ts';

/** What is left to say when all is over. */
export interface Accounts {
  readonly jobs: number;
  readonly uploads: number;
  readonly complete: number;
  /** By code. */
  readonly failed: ReadonlyMap<string, number>;
  readonly attempts: number;
  readonly links: number;
  /** Images that the host took, those that were deleted again, and those beyond one for each link. */
  readonly images: { readonly taken: number; readonly deleted: number; readonly surplus: number };
  readonly possiblyDuplicated: number;
  readonly leasesExpired: number;
  readonly settlesLost: number;
  /** Accepted jobs that Redis forgot. */
  readonly missing: number;
}

/** How an upload of a source may fail although nothing is wrong with the library: by what was done to it. */
const byFaults = ['host_unavailable', 'host_reply_lost', 'host_bad_reply', 'poison', 'source_timeout'];
const failures: Readonly<Record<SourceKind, readonly string[]>> = {
  fine: byFaults,
  slow: byFaults,
  flaky: [...byFaults, 'source_unavailable'],
  missing: ['source_status', 'poison'],
  hanging: byFaults,
};
/** What Redis may forget when it writes to its disk every second. */
const everysecLossMs = 2_000;

/** Holds everything against everything else when all is quiet, and notes what does not fit. */
export async function judge(
  world: World,
  diary: Diary,
  accepted: readonly AcceptedJob[],
  options: SoakOptions,
): Promise<Accounts> {
  return new Judge(world, diary, options).judge(accepted);
}

class Judge {
  readonly #world: World;
  readonly #diary: Diary;
  readonly #options: SoakOptions;
  readonly #jobs = new Map<string, JobSummary>();
  readonly #uploads: Upload[] = [];

  constructor(world: World, diary: Diary, options: SoakOptions) {
    this.#world = world;
    this.#diary = diary;
    this.#options = options;
  }

  async judge(accepted: readonly AcceptedJob[]): Promise<Accounts> {
    await this.#readAll();
    const missing = this.#judgeAccepted(accepted);
    for (const upload of this.#uploads) this.#judgeUpload(upload);
    const links = await this.#judgeLinks();
    const images = this.#judgeImages();
    const { totals } = await this.#world.store.stats();
    this.#judgeTotals(totals);
    return {
      jobs: this.#jobs.size,
      uploads: this.#uploads.length,
      complete: this.#complete().length,
      failed: counted(this.#uploads.flatMap(({ failure }) => (failure === null ? [] : [failure.code]))),
      attempts: this.#uploads.reduce((sum, { attempts }) => sum + attempts, 0),
      links: links.length,
      images,
      possiblyDuplicated: this.#uploads.filter(({ possiblyDuplicated }) => possiblyDuplicated).length,
      leasesExpired: totals.leasesExpired,
      settlesLost: totals.settlesLost,
      missing,
    };
  }

  async #readAll(): Promise<void> {
    const { store } = this.#world;
    for await (const job of itemsOf((cursor) => store.list(pageAt(cursor)))) this.#jobs.set(job.id, job);
    for (const id of this.#jobs.keys())
      for await (const upload of itemsOf((cursor) => store.uploads(id, pageAt(cursor))))
        this.#uploads.push(upload);
  }

  #judgeAccepted(accepted: readonly AcceptedJob[]): number {
    const { appendfsync } = this.#options;
    const redisKills = this.#diary.timesOf('Redis killed');
    let missing = 0;
    for (const { jobId, urls, atMs } of accepted) {
      const job = this.#jobs.get(jobId);
      if (job !== undefined && job.total !== urls.length)
        this.#diary.violation(`job ${jobId} was accepted with ${urls.length} URLs and has ${job.total}`);
      if (job !== undefined) continue;
      missing += 1;
      const forgivable = redisKills.some((killMs) => killMs >= atMs && killMs - atMs <= everysecLossMs);
      if (appendfsync === 'always' || !forgivable)
        this.#diary.violation(`job ${jobId} was accepted at ${atMs} ms and is gone`);
    }
    return missing;
  }

  #judgeUpload({ jobId, index, url, status, link, failure }: Upload): void {
    const which = `upload ${index} of job ${jobId}`;
    if (status !== 'complete' && status !== 'failed')
      this.#diary.violation(`${which} has no outcome: it is ${status}`);
    if ((status === 'complete') !== (link !== null) || (status === 'failed') !== (failure !== null))
      this.#diary.violation(`${which} is ${status} with link ${link} and failure ${failure?.code}`);
    const kind = kindOf(url);
    if (status === 'complete' && (kind === 'missing' || kind === 'hanging'))
      this.#diary.violation(`${which} is complete and there is no picture`);
    const cancelled = failure?.code === 'cancelled' && this.#jobs.get(jobId)?.cancelled === true;
    if (failure !== null && !cancelled && !failures[kind].includes(failure.code))
      this.#diary.violation(
        `${which}, whose source is ${kind}, failed with ${failure.code}: ${failure.message}`,
      );
  }

  /** By the endpoint, which every reader uses. */
  async #judgeLinks(): Promise<readonly string[]> {
    const answer = await fetch(`${this.#world.apiUrl}/v1/images`);
    if (answer.status !== 200)
      this.#diary.violation(`GET /v1/images is answered ${answer.status} at the end`);
    const { uploaded = [] } = (await answer.json()) as { readonly uploaded?: readonly string[] };
    const told = new Set(uploaded);
    const recorded = new Set(this.#complete().map(({ link }) => link));
    if (told.size !== uploaded.length)
      this.#diary.violation(`GET /v1/images tells ${uploaded.length} links, ${told.size} of them different`);
    const untold = [...recorded].filter((link) => !told.has(link ?? ''));
    if (untold.length > 0)
      this.#diary.violation(`${untold.length} links are missing in GET /v1/images, as ${untold[0]}`);
    const unrecorded = [...told].filter((link) => !recorded.has(link));
    if (unrecorded.length > 0)
      this.#diary.violation(
        `${unrecorded.length} links in GET /v1/images are of no upload, as ${unrecorded[0]}`,
      );
    return uploaded;
  }

  #judgeImages(): Accounts['images'] {
    const images = this.#world.host.images;
    const byLink = new Map(images.map((image) => [image.link, image]));
    for (const upload of this.#complete()) this.#judgeLink(upload, byLink.get(upload.link ?? ''));
    const recorded = new Set(this.#complete().map(({ link }) => link));
    const surplus = images.filter(({ deleted, link }) => !deleted && !recorded.has(link));
    this.#judgeSurplus(surplus);
    const deleted = images.filter((image) => image.deleted).length;
    return { taken: images.length, deleted, surplus: surplus.length };
  }

  #judgeLink({ jobId, index, url, link }: Upload, image: ReceivedImage | undefined): void {
    const which = `upload ${index} of job ${jobId}`;
    if (image === undefined) this.#diary.violation(`${which} has ${link}, which the host never gave`);
    else if (image.deleted) this.#diary.violation(`${which} has ${link}, which was deleted at the host`);
    else if (this.#world.web.urlOf(image.sha256) !== url)
      this.#diary.violation(`${which} has ${link}, which is another picture`);
  }

  /** What the host has beyond the links has to be marked at the upload that it came from. */
  #judgeSurplus(surplus: readonly ReceivedImage[]): void {
    const marked = new Set(
      this.#uploads.filter(({ possiblyDuplicated }) => possiblyDuplicated).map(({ url }) => url),
    );
    const kept = new Set(this.#uploads.map(({ url }) => url));
    for (const { sha256, id, at } of surplus) {
      const url = this.#world.web.urlOf(sha256) ?? '';
      if (marked.has(url)) continue;
      const what = `the host holds image ${id} of ${url}, taken at ${new Date(at).toISOString()}`;
      // A Redis that forgets its last second forgets whole jobs, and who had been given what.
      if (this.#options.appendfsync === 'everysec') this.#diary.count('unmarked surplus', { what });
      else
        this.#diary.violation(
          `${what}, and ${kept.has(url) ? 'it is not marked' : 'there is no such upload'}`,
        );
    }
  }

  #judgeTotals(totals: Awaited<ReturnType<World['store']['stats']>>['totals']): void {
    if (totals.uploadsCreated !== this.#uploads.length)
      this.#diary.violation(
        `the store counts ${totals.uploadsCreated} uploads, and has ${this.#uploads.length}`,
      );
    if (totals.jobsCreated !== this.#jobs.size)
      this.#diary.violation(`the store counts ${totals.jobsCreated} jobs, and has ${this.#jobs.size}`);
    const complete = this.#complete().length;
    if (totals.uploadsComplete !== complete)
      this.#diary.violation(`the store counts ${totals.uploadsComplete} complete, and has ${complete}`);
  }

  #complete(): Upload[] {
    return this.#uploads.filter(({ status }) => status === 'complete');
  }
}

/** Looks for secrets in all that the processes wrote, once they have ended. */
export function judgeLogs({ processes }: World, diary: Diary): void {
  for (const each of processes) {
    const written = each.written();
    for (const secret of secrets)
      if (written.includes(secret)) diary.violation(`the log of ${each.name} holds ${secret}`);
  }
}

function pageAt(cursor: string | undefined): { readonly limit: number; readonly cursor?: string } {
  return { limit: 1_000, ...(cursor === undefined ? {} : { cursor }) };
}

async function* itemsOf<Item>(
  page: (cursor: string | undefined) => Promise<Page<Item> | undefined>,
): AsyncGenerator<Item, void, undefined> {
  for (let cursor: string | undefined; ; ) {
    const { items, next }: Page<Item> = (await page(cursor)) ?? { items: [], next: undefined };
    yield* items;
    if (next === undefined) return;
    cursor = next;
  }
}

function counted(codes: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  return counts;
}
