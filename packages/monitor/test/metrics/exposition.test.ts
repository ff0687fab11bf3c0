import { describe, expect, it } from 'vitest';

import { type MetricFamily, writeExposition } from '../../src/metrics/exposition.ts';
import { parseExposition } from './exposition-parser.ts';

const family = (changes: Partial<MetricFamily>): MetricFamily => ({
  name: 'a_metric',
  type: 'gauge',
  help: 'A metric.',
  samples: [{ value: 1 }],
  ...changes,
});

describe('the text of metrics', () => {
  it('is as the format has it', () => {
    const text = writeExposition([
      family({
        name: 'a_metric_total',
        type: 'counter',
        samples: [{ labels: { a: '1', b: '2' }, value: 3 }],
      }),
      family({ samples: [] }),
    ]);
    expect(text).toBe(`# HELP a_metric_total A metric.
# TYPE a_metric_total counter
a_metric_total{a="1",b="2"} 3
# HELP a_metric A metric.
# TYPE a_metric gauge
`);
  });

  it.each(['"', '\\', '\n', '\\n', '"} 1\nx{y="', '\\"', 'ends in \\', '{},= ', 'ü \u202e 🐈', ''])(
    'keeps a label as it is: %j',
    (label) => {
      const text = writeExposition([family({ samples: [{ labels: { label }, value: 1 }] })]);
      expect(text.split('\n')).toHaveLength(4);
      expect(parseExposition(text)[0]?.samples).toEqual([{ name: 'a_metric', labels: { label }, value: 1 }]);
    },
  );

  it('keeps a help as it is, in one line', () => {
    const help = 'A "metric" of \\n,\nand more.';
    const text = writeExposition([family({ help })]);
    expect(text).toContain('# HELP a_metric A "metric" of \\\\n,\\nand more.\n');
    expect(parseExposition(text)[0]?.help).toBe(help);
  });

  it.each([0, -1, 0.05, 1e21, 5e-324, Number.MAX_SAFE_INTEGER, Infinity, -Infinity, NaN])(
    'keeps a number as it is: %d',
    (value) => {
      const text = writeExposition([family({ samples: [{ value }] })]);
      expect(parseExposition(text)[0]?.samples[0]?.value).toBe(value);
    },
  );
});
