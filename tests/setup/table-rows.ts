/** The rows of the table of a document below the mark `<!-- table name -->`, each a list of cells. */
export function tableRows(document: string, name: string): string[][] {
  const [, below] = document.split(`<!-- table ${name} -->\n`);
  const lines = below?.split('\n\n')[0]?.trim().split('\n') ?? [];
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
