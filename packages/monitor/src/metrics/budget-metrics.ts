import { type BucketState, foreignText } from '@imgferry/core';
import type { MetricFamily, Sample } from './exposition.ts';
import { gauge, seconds } from './family.ts';

/** So many buckets have a label of their own. */
const maxBuckets = 50;
const maxNameCharacters = 200;

/** What the hosts still allow, as it was read last. A bucket that is full again is unknown until the next reply, and gone here. */
export function budgetMetrics(known: readonly BucketState[]): MetricFamily[] {
  const buckets = known.filter(({ bucket }) => bucket.length <= maxNameCharacters).slice(0, maxBuckets);
  const each = (value: (bucket: BucketState) => number | undefined): Sample[] =>
    buckets.flatMap((state) => {
      const number = value(state);
      return number === undefined ? [] : [{ labels: { bucket: state.bucket }, value: number }];
    });
  return [
    gauge(
      'imgferry_budget_remaining',
      'How many more uploads the bucket of the host allows.',
      each(({ remaining }) => remaining),
    ),
    gauge(
      'imgferry_budget_limit',
      'How many uploads the bucket allows in a full window, where that is known.',
      each(({ limit }) => limit),
    ),
    gauge(
      'imgferry_budget_in_flight',
      'Uploads under way that draw from the bucket.',
      each(({ inFlight }) => inFlight),
    ),
    gauge(
      'imgferry_budget_reset_seconds',
      'In how many seconds the bucket is full again.',
      each(({ resetInMs }) => seconds(resetInMs)),
    ),
    gauge(
      'imgferry_budget_paused',
      'Is 1 while the bucket allows nothing for another reason than use (rate-limited, blocked, credentials and others).',
      buckets.flatMap(({ bucket, reason }) =>
        reason === undefined ? [] : [{ labels: { bucket, reason: foreignText(reason) }, value: 1 }],
      ),
    ),
    gauge('imgferry_budget_buckets', 'How many buckets are known.', known.length),
    gauge(
      'imgferry_budget_buckets_dropped',
      'How many of them have no label here, because there are more than 50 or their names are too long.',
      known.length - buckets.length,
    ),
  ];
}
