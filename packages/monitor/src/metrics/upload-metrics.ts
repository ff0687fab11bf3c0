import type { Durations, Stats } from '@imgferry/core';
import { durationBoundsMs } from '@imgferry/core';
import type { MetricFamily, Sample } from './exposition.ts';
import { counter, gauge, seconds } from './family.ts';
import { otherOutcomeSamples, outcomeSamples } from './outcome-samples.ts';

/** Uploads: what waits, what runs, how they end and how long that takes. */
export function uploadMetrics(
  { totals, outcomes, durations, queue }: Stats,
  hosts: readonly string[],
): MetricFamily[] {
  return [
    counter('imgferry_uploads_created_total', 'Uploads that were handed in.', totals.uploadsCreated),
    counter(
      'imgferry_uploads_total',
      'Uploads that ended, by host, outcome (complete, failed) and failure code (none where there is none).',
      outcomeSamples(outcomes, hosts),
    ),
    gauge(
      'imgferry_uploads_other_hosts',
      'Uploads that ended at the hosts that have no label, because there are more than 20. It falls when one of them gets one.',
      otherOutcomeSamples(outcomes, hosts),
    ),
    {
      name: 'imgferry_upload_duration_seconds',
      type: 'histogram',
      help: 'For how long uploads were worked on, from the claim of their last attempt to their outcome. Without those that were cancelled, or whose last lease ran out.',
      samples: histogramSamples(durations),
    },
    counter('imgferry_upload_bytes_total', 'Bytes of the images that got a link.', totals.bytes),
    counter(
      'imgferry_upload_attempts_retried_total',
      'Attempts that counted and ended without an outcome.',
      totals.uploadsRetried,
    ),
    counter(
      'imgferry_uploads_reused_total',
      'Of the complete uploads, those that took the link of an earlier one of the same bytes.',
      totals.uploadsReused,
    ),
    counter(
      'imgferry_uploads_possibly_duplicated_total',
      'Uploads whose image the host may hold twice.',
      totals.possiblyDuplicated,
    ),
    gauge(
      'imgferry_uploads_waiting',
      'Uploads that wait, those that were given back among them.',
      queue.waiting,
    ),
    gauge(
      'imgferry_uploads_delayed',
      'Of the waiting uploads, those that were given back and wait to be tried again.',
      queue.delayed,
    ),
    gauge('imgferry_uploads_running', 'Uploads that are leased to a worker.', queue.claimed),
    gauge(
      'imgferry_uploads_overdue',
      'Leases that ran out, until another worker takes over what they hold.',
      queue.overdue,
    ),
    counter(
      'imgferry_leases_expired_total',
      'Leases that ran out and were taken over by another worker.',
      totals.leasesExpired,
    ),
    counter('imgferry_settles_lost_total', 'Outcomes that came too late to count.', totals.settlesLost),
  ];
}

/** Each bucket of a Prometheus histogram counts those of the smaller ones too. */
function histogramSamples({ counts, sumMs }: Durations): Sample[] {
  let total = 0;
  const buckets = counts.map((count, at): Sample => {
    total += count;
    const boundMs = durationBoundsMs[at];
    const le = boundMs === undefined ? '+Inf' : `${seconds(boundMs)}`;
    return { suffix: '_bucket', labels: { le }, value: total };
  });
  return [...buckets, { suffix: '_sum', value: seconds(sumMs) }, { suffix: '_count', value: total }];
}
