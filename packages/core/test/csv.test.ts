import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { csvRecord } from '../src/csv.ts';

/** Reads CSV as RFC 4180 has it, and as spreadsheets do: quotes count only where a field begins. */
function readCsv(text: string, separator = ','): string[][] {
  const records: string[][] = [[]];
  for (let at = 0; at < text.length; ) {
    let field = '';
    if (text[at] === '"') {
      for (at += 1; at < text.length; at += 1) {
        if (text[at] !== '"') field += text[at];
        else if (text[at + 1] === '"') {
          field += '"';
          at += 1;
        } else break;
      }
      at += 1;
    }
    while (at < text.length && text[at] !== separator && text[at] !== '\r' && text[at] !== '\n') {
      field += text[at];
      at += 1;
    }
    records.at(-1)?.push(field);
    if (text[at] === separator) at += 1;
    else {
      at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
      if (at < text.length) records.push([]);
    }
  }
  return records;
}

/** What OWASP tells not to begin a cell with, behind what a spreadsheet may strip. */
const dangerous = /^(?:[\t\r\n]|[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠])/u;

const spiced = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '=',
        '+',
        '-',
        '@',
        '＝',
        '＋',
        '－',
        '＠',
        '\t',
        '\r',
        '\n',
        '\r\n',
        ' ',
        '\u00a0',
        '\u200b',
      ),
      fc.constantFrom(
        '"',
        '""',
        '"=',
        ',',
        ';',
        ';=',
        '|',
        "'",
        '\u0000',
        '\ufeff',
        '1+1',
        'https://a.example/',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));
const records = fc.array(fc.array(spiced, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 });

describe('a record of CSV', () => {
  it('quotes every field, doubles quotes and ends with CRLF', () => {
    expect(csvRecord(['a', '', 'say "hi"', 'x,y', 'two\r\nlines'])).toBe(
      '"a","","say ""hi""","x,y","two\r\nlines"\r\n',
    );
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', "'\tx"],
    ['\rx', "'\rx"],
    ['\nx', "'\nx"],
    ['  =1', "'  =1"],
    ['\u00a0\u200b=1', "'\u00a0\u200b=1"],
    ['＝1', "'＝1"],
    ['＠x', "'＠x"],
    ['a=1', 'a=1'],
    ['https://a.example/?a=-1;=2', 'https://a.example/?a=-1;=2'],
    ["'=1", "'=1"],
  ])('has of %j no formula', (field, expected) => {
    expect(readCsv(csvRecord([field]))).toEqual([[expected]]);
  });

  it('has no formula behind a semicolon where quotes would not hold it', () => {
    expect(readCsv(csvRecord(['a', 'b;=1+1;c'])), 'the apostrophe').toEqual([['a', "b;'=1+1;c"]]);
  });

  it('is read back as it was, but for apostrophes before what is dangerous', () => {
    fc.assert(
      fc.property(records, (written) => {
        const read = readCsv(written.map(csvRecord).join(''));
        expect(read.map(({ length }) => length)).toEqual(written.map(({ length }) => length));
        for (const [at, fields] of written.entries())
          for (const [place, field] of fields.entries()) {
            const got = String(read[at]?.[place]);
            if (got !== field) expect(got.replaceAll("'", '')).toBe(field.replaceAll("'", ''));
            if (!dangerous.test(field) && !/[;|\t\r\n]/.test(field)) expect(got).toBe(field);
          }
      }),
    );
  });

  it.each([',', ';', '\t', '|'])('begins no cell with a formula, split at %j', (separator) => {
    fc.assert(
      fc.property(records, (written) => {
        const cells = readCsv(written.map(csvRecord).join(''), separator).flat();
        expect(cells.filter((cell) => dangerous.test(cell))).toEqual([]);
      }),
    );
  });
});
