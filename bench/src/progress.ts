/** Says on stderr what is being measured, so that stdout has the table alone. */
export function sayProgress(line: string): void {
  process.stderr.write(`${line}\n`);
}
