import { readFileSync } from 'node:fs';

/** One query of the dashboard, and what its legend shows of each series. */
export interface Query {
  readonly panel: string;
  readonly expr: string;
  readonly legend: string;
}

/** The dashboard as far as the rules about it look. */
export interface Dashboard {
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
  readonly panels: readonly Panel[];
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource: unknown;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly {
    readonly datasource: unknown;
    readonly expr: string;
    readonly legendFormat: string;
  }[];
}

export const dashboard: Dashboard = JSON.parse(
  readFileSync(new URL('../../grafana/imgferry.json', import.meta.url), 'utf8'),
);

export const queries: readonly Query[] = dashboard.panels.flatMap(({ title, targets }) =>
  targets.map(({ expr, legendFormat }) => ({ panel: title, expr, legend: legendFormat })),
);

/** What one expression names. */
export interface Names {
  /** Series, each with the labels that it is chosen by. */
  readonly selectors: readonly { readonly series: string; readonly labels: readonly string[] }[];
  /** Labels that something is summed by. */
  readonly groupedBy: readonly string[];
  /** Every other word: functions and operators. */
  readonly words: readonly string[];
}

/** Takes an expression of PromQL apart, as far as the dashboard uses it. */
export function namesIn(expr: string): Names {
  const selectors = [...expr.matchAll(/\b([a-z_:]\w*)\{([^}]*)\}/g)].map(
    ([, series = '', matchers = '']) => ({
      series,
      labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"[^"]*"/g)].map(([, label = '']) => label),
    }),
  );
  const groupings = [...expr.matchAll(/\bby \(([^)]*)\)/g)];
  const rest = expr
    .replace(/\b[a-z_:]\w*\{[^}]*\}/g, '')
    .replace(/\bby \([^)]*\)/g, '')
    .replace(/\[[^\]]*\]/g, '');
  return {
    selectors,
    groupedBy: groupings.flatMap(([, list = '']) => list.split(',').map((label) => label.trim())),
    words: rest.match(/[a-z_]\w*/gi) ?? [],
  };
}
