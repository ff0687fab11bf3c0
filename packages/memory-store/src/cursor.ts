import { InvalidCursorError } from '@imgferry/core';

/** Writes down where a page of a list ended. The list's name keeps the cursor of one list from being used for another. */
export function encodeCursor(list: string, position: number): string {
  return Buffer.from(`${list} ${position}`).toString('base64url');
}

/** Reads a position that {@link encodeCursor} wrote for this list. Refuses anything else, and positions past `end`. */
export function decodeCursor(list: string, cursor: string, end: number): number {
  const text = Buffer.from(cursor, 'base64url').toString();
  const digits = text.startsWith(`${list} `) ? text.slice(list.length + 1) : '';
  const position = /^\d{1,15}$/.test(digits) ? Number(digits) : Number.NaN;
  // Decoding is lenient and encoding is not, so one place has one cursor.
  if (!(position <= end) || encodeCursor(list, position) !== cursor) throw new InvalidCursorError();
  return position;
}
