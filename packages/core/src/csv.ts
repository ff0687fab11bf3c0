/**
 * What a spreadsheet may take for a formula (OWASP, CSV Injection): what begins with one of these, in full width too,
 * behind white space and what can not be seen; and what begins with a tab or a line end.
 */
const formula = /^(?=[\t\r\n]|[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠﹦﹢﹣﹫])/u;

/**
 * The same behind what a spreadsheet that expects no commas may split a line at. The quotes of the first field hold
 * whatever it splits at. Those of a later field do not: for such a spreadsheet they are in the middle of a cell, and a
 * quote behind a separator would begin one.
 */
const splitFormula = /(?<=[;|\t\n]|\r(?!\n))(?=[\s\p{Cc}\p{Cf}=+\-@＝＋－＠﹦﹢﹣﹫"]|$)/gu;

/**
 * Writes one record of CSV (RFC 4180): commas, CRLF, every field in quotes, quotes in it doubled. What a spreadsheet
 * could take for a formula gets an apostrophe before it, so a field that may begin with one is not always read back as
 * it was. Give a stranger's text the first place, where quotes protect it best.
 */
export function csvRecord(fields: readonly string[]): string {
  return `${fields.map((field, place) => `"${harmless(field, place).replaceAll('"', '""')}"`).join(',')}\r\n`;
}

function harmless(field: string, place: number): string {
  const whole = field.replace(formula, "'");
  return place === 0 ? whole : whole.replace(splitFormula, "'");
}
