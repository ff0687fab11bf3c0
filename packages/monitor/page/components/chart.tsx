import { useEffect, useId, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';

import { eventful } from '../eventful.ts';
import { clockMinute } from '../format.ts';
import { onColours } from '../theme.ts';
import { Table } from './table.tsx';

export interface Series {
  readonly name: string;
  /** Its colour is that of the class `series-…`. */
  readonly look: string;
  readonly values: readonly (number | null)[];
  readonly dash?: readonly number[];
}

interface ChartProps {
  readonly title: string;
  /** What one would say of it to somebody who does not see it. */
  readonly told: string;
  /** The beginning of each minute. */
  readonly times: readonly number[];
  /** Bars are stacked, the first at the bottom. */
  readonly kind: 'bars' | 'lines';
  readonly series: readonly Series[];
  readonly format: (value: number | null) => string;
  readonly axisFormat: (value: number) => string;
}

/** Something over the last minutes, drawn, and as a table for whoever wants the numbers. */
export function Chart(props: ChartProps) {
  const { title, told, times, series, format } = props;
  const [asTable, setAsTable] = useState(false);
  const [hovered, setHovered] = useState<number | undefined>();
  const tableId = useId();
  const at = hovered ?? times.length - 1;
  return (
    <section class="card chart" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <button
          type="button"
          class="small"
          aria-expanded={asTable}
          aria-controls={tableId}
          aria-label={`${asTable ? 'Hide table' : 'Show as table'}: ${title}`}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? 'Hide table' : 'Show as table'}
        </button>
      </header>
      <p class="legend" aria-hidden="true">
        {series.map(({ name, look, values }) => (
          <span key={name}>
            <i class={`swatch series-${look}`} /> {name} <b>{format(values[at] ?? null)}</b>
          </span>
        ))}
        <span class="quiet">{hovered === undefined ? 'this minute' : clockMinute(times[at] ?? 0)}</span>
      </p>
      <div role="img" aria-label={told}>
        <Drawing {...props} onHover={setHovered} />
      </div>
      <div id={tableId} hidden={!asTable}>
        {asTable && <Numbers {...props} />}
      </div>
    </section>
  );
}

function Numbers({ title, times, series, format }: ChartProps) {
  const rows = eventful(series).map((index) => ({ time: times[index] ?? 0, index }));
  if (rows.length === 0) return <p class="quiet">Nothing happened in these minutes.</p>;
  return (
    <>
      {rows.length < times.length && (
        <p class="quiet note">Minutes in which nothing happened are left out.</p>
      )}
      <Table
        caption={`${title}, by minute, newest first`}
        rows={rows}
        keyOf={({ time }) => time}
        columns={[
          { name: 'Minute', heads: true, cell: ({ time }) => clockMinute(time) },
          ...series.map(({ name, values }) => ({
            name,
            number: true,
            cell: ({ index }: { index: number }) => format(values[index] ?? null),
          })),
        ]}
      />
    </>
  );
}

const HEIGHT = 180;
/** An hour in which little happened is not blown up. */
const LEAST_TOP = { bars: 5, lines: 100 } as const;
/** In seconds, as the chart has its times. A bar stands around the time that it is of. */
const HALF_MINUTE = 30;

function Drawing(props: ChartProps & { readonly onHover: (index: number | undefined) => void }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = dataOf(props);
  const newest = useRef(data);
  newest.current = data;
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(props, element), newest.current, element);
    };
    draw();
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    resized.observe(element);
    const leave = onColours(draw);
    return () => {
      leave();
      resized.disconnect();
      plot.current?.destroy();
    };
  }, []);
  const told = JSON.stringify(data);
  useEffect(() => plot.current?.setData(newest.current), [told]);
  return <div class="drawing" ref={place} />;
}

/** Stacked bars are drawn one behind the other, the highest first. */
function dataOf({ times, series, kind }: ChartProps): uPlot.AlignedData {
  const seconds = times.map((time) => time / 1_000);
  const lines = series.map(({ values }) => [...values]);
  if (kind === 'lines') return [seconds, ...lines];
  const stacked = lines.map((_, last) =>
    times.map((_time, at) => lines.slice(0, last + 1).reduce((sum, line) => sum + (line[at] ?? 0), 0)),
  );
  return [seconds, ...stacked.toReversed()];
}

function optionsOf(
  {
    series,
    kind,
    axisFormat,
    onHover,
  }: ChartProps & { readonly onHover: (index: number | undefined) => void },
  element: HTMLElement,
): uPlot.Options {
  const colour = colours(element);
  const drawn = kind === 'bars' ? series.toReversed() : series;
  const axis = {
    stroke: colour('quiet'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    padding: [8, 16, 0, 0],
    cursor: {
      y: false,
      drag: { x: false, y: false, setScale: false },
      points: kind === 'bars' ? { show: false } : { size: 6 },
    },
    scales: {
      x: {
        range: (_plot, min, max) => (kind === 'bars' ? [min - HALF_MINUTE, max + HALF_MINUTE] : [min, max]),
      },
      y: { range: (_plot, _min, max) => [0, Math.max(max, LEAST_TOP[kind]) * 1.08] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 28,
        space: 60,
        values: (_plot, splits) => splits.map((at) => clockMinute(at * 1_000)),
      },
      { ...axis, size: 48, space: 36, values: (_plot, splits) => splits.map(axisFormat) },
    ],
    series: [
      {},
      ...drawn.map(({ look, dash }) => ({
        stroke: colour(look),
        width: kind === 'bars' ? 0 : 1.75,
        points: kind === 'bars' ? { show: false } : { show: true, size: 5, filter: lonely },
        ...(dash === undefined ? {} : { dash: [...dash] }),
        ...(kind === 'bars' ? { fill: colour(look), ...bars() } : {}),
      })),
    ],
    hooks: { setCursor: [(self: uPlot) => onHover(self.cursor.idx ?? undefined)] },
  };
}

/** A value without neighbours makes no line, so it is shown as a point. */
const lonely: uPlot.Series.Points.Filter = (plot, of) => {
  const values = plot.data[of] ?? [];
  const isThere = (at: number): boolean => (values[at] ?? null) !== null;
  return [...values.keys()].filter((at) => isThere(at) && !isThere(at - 1) && !isThere(at + 1));
};

function bars(): { paths: uPlot.Series.PathBuilder } | object {
  const paths = uPlot.paths.bars?.({ size: [0.72, 24] });
  return paths === undefined ? {} : { paths };
}

/** Colours come from the style sheet, so that there is one place for them and both schemes are right. */
function colours(element: HTMLElement): (look: string) => string {
  const probe = document.createElement('i');
  element.append(probe);
  const found = new Map<string, string>();
  for (const look of ['quiet', 'line', 'complete', 'failed', 'p50', 'p95', 'p99']) {
    probe.className = `series-${look}`;
    found.set(look, getComputedStyle(probe).color);
  }
  probe.remove();
  return (look) => found.get(look) ?? 'gray';
}
