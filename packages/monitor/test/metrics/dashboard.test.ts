import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { tableRows } from '../../../../tests/setup/table-rows.ts';
import { dashboard, namesIn, queries } from './dashboard.ts';
import { realMetrics } from './real-metrics.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** What Prometheus adds to every series that it scrapes. */
const labelsOfTarget = ['instance', 'job'];

/** The labels of every series in real output. */
async function realSeries(): Promise<Map<string, Set<string>>> {
  const series = new Map<string, Set<string>>();
  for (const { name, labels } of (await realMetrics()).flatMap(({ samples }) => samples)) {
    const known = series.get(name) ?? new Set(labelsOfTarget);
    for (const label of Object.keys(labels)) known.add(label);
    series.set(name, known);
  }
  return series;
}

/** Metrics that the dashboard does not show, and why not. */
const leftOut: Readonly<Record<string, string>> = {
  imgferry_uploads_other_hosts: 'for those who have more hosts than are named',
  imgferry_budget_buckets: 'for an alert of those who have more buckets than are named',
  imgferry_budget_buckets_dropped: 'for an alert of those who have more buckets than are named',
};

describe('the dashboard', () => {
  it('names only series and labels that are in real output', async () => {
    const series = await realSeries();
    for (const { panel, expr } of queries) {
      const { selectors, groupedBy } = namesIn(expr);
      expect(selectors, panel).not.toEqual([]);
      const labelsOf = (name: string): string[] => [
        ...(series.get(name) ?? expect.fail(`${panel} names ${name}`)),
      ];
      for (const selector of selectors)
        expect(labelsOf(selector.series), expr).toEqual(expect.arrayContaining([...selector.labels]));
      const known = selectors.flatMap((selector) => labelsOf(selector.series));
      expect(known, expr).toEqual(expect.arrayContaining([...groupedBy]));
    }
  });

  it('shows in its legends only labels that the series still have', async () => {
    const series = await realSeries();
    for (const { expr, legend } of queries) {
      const { selectors, groupedBy } = namesIn(expr);
      const aggregated = /\bsum\b/.test(expr);
      const kept = aggregated
        ? groupedBy
        : selectors.flatMap((selector) => [...(series.get(selector.series) ?? [])]);
      const shown = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
      expect(kept, `${expr} as ${legend}`).toEqual(expect.arrayContaining(shown));
    }
  });

  it('uses no other words than these of PromQL', () => {
    const words = new Set(queries.flatMap(({ expr }) => namesIn(expr).words));
    expect([...words].toSorted()).toEqual(['histogram_quantile', 'or', 'rate', 'sum', 'vector']);
  });

  it('shows every metric of the README but those that are left out with a reason', () => {
    const asMetric = (series: string): string => series.replace(/(_seconds)_(bucket|sum|count)$/, '$1');
    const shown = queries.flatMap(({ expr }) =>
      namesIn(expr).selectors.map(({ series }) => asMetric(series)),
    );
    const told = tableRows(readme, 'metrics').map(([name = '']) => name.replaceAll('`', ''));
    expect([...new Set([...shown, ...Object.keys(leftOut)])].toSorted()).toEqual(told.toSorted());
    expect(shown.filter((name) => name in leftOut)).toEqual([]);
  });

  it('reads one monitor of one data source, both chosen above it', async () => {
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'instance']);
    const [, metric = '', label = ''] =
      /^label_values\((\w+), (\w+)\)$/.exec(dashboard.templating.list[1]?.definition ?? '') ?? [];
    expect([...((await realSeries()).get(metric) ?? [])]).toContain(label);
    const chosen = { type: 'prometheus', uid: `\${datasource}` };
    for (const { title, datasource, targets } of dashboard.panels) {
      expect([datasource, ...targets.map((target) => target.datasource)], title).toEqual(
        Array(targets.length + 1).fill(chosen),
      );
      for (const { expr } of targets)
        expect(expr.split('imgferry_').length, expr).toBe(expr.split('{instance="$instance"').length);
    }
  });

  it('has panels that do not cover one another', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });
});
