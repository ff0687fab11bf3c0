import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { Page } from 'playwright-core';

const script = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe has against a page, each as its rule and the first place. An error when it found nothing to look at. */
export async function axeFindings(page: Page): Promise<string[]> {
  if (await page.evaluate(`typeof axe === 'undefined'`)) await page.evaluate(`${script}; undefined`);
  // All rules on all of the page; only of what passes it tells no more than one place.
  const { violations, passes } = (await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] })`,
  )) as {
    readonly violations: readonly {
      readonly id: string;
      readonly nodes: readonly { readonly html: string }[];
    }[];
    readonly passes: readonly unknown[];
  };
  if (passes.length === 0) throw new Error('axe looked at nothing');
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}
