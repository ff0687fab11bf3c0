import { type Uploader, version } from '@imgferry/core';
import { budgetMetrics } from './budget-metrics.ts';
import { type MetricFamily, writeExposition } from './exposition.ts';
import { gauge } from './family.ts';
import { namedHosts } from './hosts.ts';
import { jobMetrics } from './job-metrics.ts';
import { pauseMetrics } from './pause-metrics.ts';
import { uploadMetrics } from './upload-metrics.ts';
import { workerMetrics } from './worker-metrics.ts';

export { expositionType } from './exposition.ts';

/** What metrics are read from. */
export type MeasuredUploader = Pick<Uploader, 'stats' | 'budget' | 'workers'>;

/**
 * Everything that the store counts, for Prometheus, to be served as {@link expositionType}. Nothing is counted in this
 * process: every process on a store answers the same, so one of them is scraped and not each.
 * @throws what the store does, so that a scrape fails while it is away.
 */
export async function writeMetrics(uploader: MeasuredUploader): Promise<string> {
  const [stats, buckets, workers] = await Promise.all([
    uploader.stats(),
    uploader.budget(),
    uploader.workers(),
  ]);
  const hosts = namedHosts(stats, workers);
  const families: MetricFamily[] = [
    gauge('imgferry_build_info', 'The version of the library that answers.', [
      { labels: { version }, value: 1 },
    ]),
    ...jobMetrics(stats),
    ...uploadMetrics(stats, hosts),
    ...pauseMetrics(stats, hosts),
    ...budgetMetrics(buckets),
    ...workerMetrics(workers),
  ];
  return writeExposition(families);
}
