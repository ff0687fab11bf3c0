import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import type { Machine } from './machine.ts';

const folder = new URL('../results/', import.meta.url);

/** Keeps a report beside earlier ones and answers where. A later one of the same day and commit takes its place. */
export async function saveReport(report: string, { date, commit }: Machine): Promise<string> {
  const file = new URL(`${date}-${commit}.md`, folder);
  await mkdir(folder, { recursive: true });
  await writeFile(file, report);
  return fileURLToPath(file);
}
