/** A metric as it was read from a text of Prometheus' format. */
export interface ReadFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ReadSample[];
}

export interface ReadSample {
  /** With the suffix that a histogram has. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Reads the text format 0.0.4 and refuses what the format, or a good client of it, does not have: metrics without HELP and
 * TYPE, in pieces or twice, a series twice, counters that do not end in `_total`, buckets that do not add up.
 */
export function parseExposition(text: string): ReadFamily[] {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families: ReadFamily[] = [];
  const lines = text.slice(0, -1).split('\n');
  while (lines.length > 0) families.push(parseFamily(lines));
  const names = families.map(({ name }) => name);
  if (new Set(names).size !== names.length) throw new Error('a metric is there twice');
  return families;
}

function parseFamily(lines: string[]): ReadFamily {
  const [, name = '', help = ''] = matched(lines.shift(), /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/);
  const [, typed, type = ''] = matched(lines.shift(), /^# TYPE (\S+) (counter|gauge|histogram)$/);
  if (typed !== name) throw new Error(`TYPE of ${typed} follows HELP of ${name}`);
  const samples: ReadSample[] = [];
  for (let [line] = lines; line !== undefined && !line.startsWith('#'); [line] = lines) {
    samples.push(parseSample(line));
    lines.shift();
  }
  const family = { name, type, help: unescaped(help, /\\([\\n])/g), samples };
  checkFamily(family);
  return family;
}

function parseSample(line: string): ReadSample {
  const [, name = '', body, value = ''] = matched(
    line,
    /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([+-]Inf|NaN|-?\d+(?:\.\d+)?(?:e[+-]\d+)?)$/,
  );
  return { name, labels: parseLabels(body ?? ''), value: Number(value.replace('Inf', 'Infinity')) };
}

function parseLabels(body: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = body;
  while (rest !== '') {
    const [pair = '', label = '', value = ''] = matched(
      rest,
      /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"(?:,(?=.)|$)/,
    );
    if (Object.hasOwn(labels, label)) throw new Error(`the label ${label} is there twice`);
    labels[label] = unescaped(value, /\\([\\"n])/g);
    rest = rest.slice(pair.length);
  }
  return labels;
}

function unescaped(text: string, escapes: RegExp): string {
  return text.replace(escapes, (_, character: string) => (character === 'n' ? '\n' : character));
}

function matched(line: string | undefined, pattern: RegExp): RegExpExecArray {
  const match = line === undefined ? null : pattern.exec(line);
  if (match === null) throw new Error(`${JSON.stringify(line)} is not as ${pattern}`);
  return match;
}

function checkFamily({ name, type, samples }: ReadFamily): void {
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is no name for a ${type}`);
  const series = samples.map((sample) =>
    JSON.stringify([sample.name, Object.entries(sample.labels).toSorted()]),
  );
  if (new Set(series).size !== series.length) throw new Error(`a series of ${name} is there twice`);
  if (type === 'histogram') checkHistogram(name, samples);
  else if (samples.some((sample) => sample.name !== name)) throw new Error(`${name} has a foreign sample`);
  if (type !== 'gauge' && samples.some(({ value }) => !(value >= 0))) throw new Error(`${name} is below 0`);
}

/** Of a histogram without labels but `le`. */
function checkHistogram(name: string, samples: readonly ReadSample[]): void {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) => Number(labels.le?.replace('+Inf', 'Infinity')));
  const counts = buckets.map(({ value }) => value);
  const rises = (values: readonly number[], least: number): boolean =>
    values.every((value, at) => at === 0 || value - (values[at - 1] ?? 0) >= least);
  if (!rises(bounds, Number.MIN_VALUE) || !rises(counts, 0)) throw new Error(`buckets of ${name} fall`);
  if (bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`${name} has no last bucket`);
  const rest = samples.slice(buckets.length);
  if (rest.map((sample) => sample.name).join() !== `${name}_sum,${name}_count`)
    throw new Error(`${name} has no sum and count`);
  if (rest[1]?.value !== counts.at(-1)) throw new Error(`buckets of ${name} do not add up`);
}
