import type { Stats } from '@imgferry/core';
import type { MetricFamily, Sample } from './exposition.ts';
import { gauge } from './family.ts';
import { isHostName, maxHosts } from './hosts.ts';

/** What an operator has paused. What a host itself forbids is among the budget. */
export function pauseMetrics({ queue }: Stats, hosts: readonly string[]): MetricFamily[] {
  return [
    gauge('imgferry_queue_paused', 'Whether the whole queue is paused by hand.', queue.paused ? 1 : 0),
    gauge(
      'imgferry_host_paused',
      'Whether the host is paused by hand.',
      hostSamples(queue.pausedHosts, hosts),
    ),
    gauge('imgferry_hosts_paused', 'How many hosts are paused by hand.', queue.pausedHosts.length),
  ];
}

/** Paused hosts first, then those that have a label anyway, so that a pause that ends is seen to. */
function hostSamples(paused: readonly string[], named: readonly string[]): Sample[] {
  const hosts = [...new Set([...paused.filter(isHostName), ...named])].slice(0, maxHosts);
  return hosts.map((host) => ({ labels: { host }, value: paused.includes(host) ? 1 : 0 }));
}
