import { InvalidCursorError, InvalidOptionError, type PageOptions } from '@imgferry/core';

const DEFAULT_LIMIT = 100;

/** Writes down where a page of a list ended. The list's name keeps the cursor of one list from being used for another. */
export function encodeCursor(list: string, position: number): string {
  return Buffer.from(`${list} ${position}`).toString('base64url');
}

/** Reads a position that {@link encodeCursor} wrote for this list. @throws InvalidCursorError */
export function decodeCursor(list: string, cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString();
  const digits = text.startsWith(`${list} `) ? text.slice(list.length + 1) : '';
  // Decoding is lenient and encoding is not, so one place has one cursor.
  if (!/^\d{1,15}$/.test(digits) || encodeCursor(list, Number(digits)) !== cursor)
    throw new InvalidCursorError();
  return Number(digits);
}

/** How many items a page is to have. @throws InvalidOptionError */
export function pageLimit({ limit = DEFAULT_LIMIT }: PageOptions): number {
  if (Number.isSafeInteger(limit) && limit >= 1) return limit;
  throw new InvalidOptionError('limit', `is ${limit}; it must be a whole number from 1`);
}
