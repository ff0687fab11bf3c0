import type { Locator, Page } from 'playwright-core';

/** The large numbers of a page, by their names. */
export async function numbers(page: Page): Promise<Record<string, string>> {
  const stats = page.locator('dl.stats > div');
  return Object.fromEntries(
    await stats.evaluateAll((all) =>
      all.map((stat) => ['dt', '.number'].map((part) => stat.querySelector(part)?.textContent)),
    ),
  );
}

/** The rows of a table that has this caption. */
export function rowsOf(page: Page, caption: string): Locator {
  return page.getByRole('table', { name: caption, exact: true }).locator('tbody tr');
}

/** Resolves when there is a notice that says so. */
export function notice(page: Page, text: string | RegExp): Locator {
  return page.getByRole('region', { name: 'Notices' }).getByText(text);
}

/** Where a job has its page. */
export function jobAddress(jobId: string): string {
  return `#/jobs/${jobId}`;
}
