import { expect, it } from 'vitest';

import { fuzz } from './fuzz/fuzz.ts';
import { targets } from './fuzz/targets.ts';

/** So many as take about a second each. `npm run fuzz` looks longer, with other seeds. */
const runs: Readonly<Record<string, number>> = { images: 10_000, replies: 6_000, submits: 2_000 };

it.each(targets)('whatever bytes come as $name, they are read or refused as is promised', async (target) => {
  const { findings, executions } = await fuzz(target, { runs: runs[target.name] ?? 1_000, seed: 1 });
  expect(findings).toEqual([]);
  expect(executions).toBeGreaterThanOrEqual(runs[target.name] ?? 0);
});
