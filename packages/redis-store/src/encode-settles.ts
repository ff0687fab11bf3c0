import { encodeJson, type SettleRequest } from '@imgferry/core';

/**
 * What `settle` is sent, as columns: one list for each fact, so that the script makes no table for each request, and so
 * that what many have in common is sent once. A fact that an image lacks is null.
 */
interface SentSettles {
  /** What `place` and `type` are places in, from 0. */
  readonly jobs: string[];
  readonly types: string[];
  readonly place: number[];
  readonly index: number[];
  /** What each is more than the one before. */
  readonly token: number[];
  readonly posts: number[];
  /** null of one that failed. */
  readonly link: (string | null)[];
  readonly bytes: (number | null)[];
  readonly type: (number | null)[];
  readonly width: (number | null)[];
  readonly height: (number | null)[];
  readonly deleteHash: (string | null)[];
  /** What few have: which request, from 1, and what it has besides. */
  readonly rest: (readonly [at: number, rest: object])[];
}

/** What `settle` is sent of these requests. */
export function encodeSettles(requests: readonly SettleRequest[]): string {
  const jobs = new Places();
  const types = new Places();
  const sent: SentSettles = {
    jobs: jobs.names,
    types: types.names,
    ...{ place: [], index: [], token: [], posts: [] },
    ...{ link: [], bytes: [], type: [], width: [], height: [], deleteHash: [], rest: [] },
  };
  let tokenBefore = 0;
  for (const { lease, posts, outcome } of requests) {
    const isComplete = outcome.status === 'complete';
    sent.place.push(jobs.placeOf(lease.jobId));
    sent.index.push(lease.index);
    sent.token.push(lease.token - tokenBefore);
    tokenBefore = lease.token;
    sent.posts.push(posts);
    sent.link.push(isComplete ? outcome.link : null);
    sent.bytes.push(outcome.bytes ?? null);
    sent.type.push(outcome.type === undefined ? null : types.placeOf(outcome.type));
    sent.width.push(outcome.width ?? null);
    sent.height.push(outcome.height ?? null);
    sent.deleteHash.push((isComplete ? outcome.deleteHash : undefined) ?? null);
    const rest = restOf(outcome);
    if (rest !== undefined) sent.rest.push([sent.place.length, rest]);
  }
  return encodeJson(sent);
}

function restOf(outcome: SettleRequest['outcome']): object | undefined {
  const { possiblyDuplicated } = outcome;
  if (outcome.status === 'failed') return { failure: outcome.failure, possiblyDuplicated };
  const { reused, remember } = outcome;
  if (!possiblyDuplicated && !reused && remember === undefined) return undefined;
  return { possiblyDuplicated, reused, remember };
}

/** Names, each once. */
class Places {
  readonly names: string[] = [];
  readonly #places = new Map<string, number>();

  placeOf(name: string): number {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    this.#places.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}
