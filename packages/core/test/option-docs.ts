/** An option as its doc comment tells of it: name, default, meaning. */
export type OptionRow = readonly [name: string, byDefault: string, meaning: string];

/** The options of an interface, as rows of a table, from the source that declares it. */
export function optionRows(source: string, name: string): readonly OptionRow[] {
  const start = source.indexOf(`interface ${name} {`);
  const body = source.slice(start, source.indexOf('\n}', start));
  return [...body.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s+readonly (\w+)(\??):/g)].map(
    ([, comment = '', option = '', optional]) => {
      const text = comment
        .replace(/\n\s*\* ?/g, ' ')
        .replace(/\s+/g, ' ')
        .trim();
      const [meaning = '', byDefault = ''] = text.split(/ ?@default /);
      return [`\`${option}\``, optional === '' ? 'required' : byDefault || 'none', meaning];
    },
  );
}
