/**
 * Fills the blocks of a document that are marked `<!-- region path#name -->` with the lines between `// #region name`
 * and `// #endregion name` of the file, moved to the left edge.
 * @param read Reads a file by its path from the root of the repository.
 */
export function withRegions(document: string, read: (path: string) => string): string {
  const bare = /<!-- region (\S+) -->\n(?!```ts\n)/.exec(document)?.[1];
  if (bare !== undefined) throw new Error(`the mark ${bare} has no block of ts below it`);
  return document.replace(
    /(<!-- region (\S+)#(\S+) -->\n```ts\n)[\s\S]*?(```\n)/g,
    (_, before: string, path: string, name: string, after: string) =>
      `${before}${regionOf(read(path), path, name)}${after}`,
  );
}

function regionOf(source: string, path: string, name: string): string {
  const lines = source.split('\n');
  const first = lines.findIndex((line) => line.trim() === `// #region ${name}`) + 1;
  const end = lines.findIndex((line) => line.trim() === `// #endregion ${name}`);
  if (first === 0 || end < first) throw new Error(`${path} has no region ${name}`);
  const region = lines.slice(first, end);
  const indents = region.filter((line) => line !== '').map((line) => line.search(/\S/));
  return region.map((line) => `${line.slice(Math.min(...indents))}\n`).join('');
}
