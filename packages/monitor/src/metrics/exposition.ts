/** A metric as Prometheus understands one: a name, what it means, and what it is now under each set of labels. */
export interface MetricFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** One sentence. */
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** One number of a metric. */
export interface Sample {
  /** What a histogram has after its name: `_bucket`, `_sum` or `_count`. */
  readonly suffix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What the text is served as. */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Writes metrics in the text format 0.0.4 of Prometheus. A metric without a sample keeps its HELP and TYPE, so that it is
 * seen to exist. @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function writeExposition(families: readonly MetricFamily[]): string {
  return families.map(writeFamily).join('');
}

function writeFamily({ name, type, help, samples }: MetricFamily): string {
  const lines = samples.map(
    ({ suffix = '', labels = {}, value }) => `${name}${suffix}${writeLabels(labels)} ${writeNumber(value)}\n`,
  );
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function writeLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '"': '\\"' };

function escapeHelp(text: string): string {
  return text.replace(/[\\\n]/g, (character) => escapes[character] ?? character);
}

function escapeLabel(text: string): string {
  return text.replace(/[\\\n"]/g, (character) => escapes[character] ?? character);
}

/** As Go's `ParseFloat` reads it. */
function writeNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return `${value}`;
}
