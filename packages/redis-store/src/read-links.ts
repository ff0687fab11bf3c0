import { InvalidCursorError, type Page, type PageOptions } from '@imgferry/core';
import type { Connection } from './connection.ts';
import { decodeCursor, encodeCursor, pageLimit } from './cursor.ts';

/** How many links one step answers, so that none holds up the others. */
const LINKS_A_STEP = 1_000;

/** What the step `links` answers. */
type LinksAnswer = readonly [first: number, end: number, links: string];

/** A page of the links, in the order of completion. A long one is read in several steps. */
export async function readLinks(connection: Connection, page: PageOptions): Promise<Page<string>> {
  const limit = pageLimit(page);
  const items: string[] = [];
  let start = page.cursor === undefined ? 0 : decodeCursor('links', page.cursor);
  for (;;) {
    const args = [start, Math.min(LINKS_A_STEP, limit - items.length)];
    const [first, end, text] = (await connection.runAlone('links', args, 'utf8')) as LinksAnswer;
    if (start > end) throw new InvalidCursorError();
    const links = JSON.parse(text) as readonly string[];
    for (const link of links) items.push(link);
    start = first + links.length;
    if (start >= end || links.length === 0) return { items, next: undefined };
    if (items.length === limit) return { items, next: encodeCursor('links', start) };
  }
}
