import { createHash } from 'node:crypto';

import type { BucketReading, BudgetReading, BudgetScope, PauseReason } from '../budget.ts';

/** The names under which the fleet keeps what Imgur counts. */
export interface ImgurBuckets {
  /** Per application and day: about 1,250 uploads. */
  readonly client: string;
  /** Per application and address, hourly. */
  readonly user: string;
  /** Every POST from one address, hourly, whoever sends it. Commercial access by RapidAPI is not counted here. */
  readonly post: string | undefined;
  /** Not a count of Imgur's: closed while it refuses everything, for example because of the credentials. */
  readonly gate: string;
  /** All of them. */
  readonly scope: BudgetScope;
}

/** Whom Imgur counts. */
export interface ImgurIdentity {
  readonly name: string;
  readonly clientId: string;
  readonly account: string | undefined;
  readonly egress: string;
  readonly rapidApi: boolean;
}

/** Names the buckets. Of the credentials only a short digest of their public part is in the names. */
export function imgurBuckets({ name, clientId, account, egress, rapidApi }: ImgurIdentity): ImgurBuckets {
  const application = rapidApi ? `rapidapi/${clientId}` : clientId;
  const client = `${name}:client:${digest(application)}`;
  const user = `${name}:user:${digest(application)}:${egress}`;
  const post = rapidApi ? undefined : `${name}:post:${egress}`;
  const gate = `${name}:gate:${digest(account === undefined ? application : `${application}/${account}`)}:${egress}`;
  return { client, user, post, gate, scope: [client, user, ...(post === undefined ? [] : [post]), gate] };
}

/** What is told when Imgur refuses everything for a while. When the time is over one upload goes first as a probe. */
export function closedGate(buckets: ImgurBuckets, forMs: number, reason: PauseReason): BudgetReading {
  return {
    scope: buckets.scope,
    buckets: [{ ...emptyBucket(buckets.gate, forMs), reason }],
  };
}

/** What is told of a bucket that allows nothing for a while. */
export function emptyBucket(bucket: string, resetInMs: number): BucketReading {
  return { bucket, remaining: 0, resetInMs };
}

function digest(identity: string): string {
  return createHash('sha256').update(identity).digest('hex').slice(0, 8);
}
