import type { Stats } from '@imgferry/core';
import type { MetricFamily, Sample } from './exposition.ts';
import { gauge } from './family.ts';
import { busiestHosts, maxHosts } from './outcome-samples.ts';

/** What an operator has paused. What a host itself forbids is among the budget. */
export function pauseMetrics({ queue, outcomes }: Stats): MetricFamily[] {
  return [
    gauge('imgferry_queue_paused', 'Whether the whole queue is paused by hand.', queue.paused ? 1 : 0),
    gauge(
      'imgferry_host_paused',
      'Whether the host is paused by hand.',
      hostSamples(queue.pausedHosts, busiestHosts(outcomes)),
    ),
    gauge('imgferry_hosts_paused', 'How many hosts are paused by hand.', queue.pausedHosts.length),
  ];
}

/** Paused hosts first, then those that have been in use, so that a pause that ends is seen to. */
function hostSamples(paused: readonly string[], used: readonly string[]): Sample[] {
  const hosts = [...new Set([...paused, ...used])].slice(0, maxHosts);
  return hosts.map((host) => ({ labels: { host }, value: paused.includes(host) ? 1 : 0 }));
}
