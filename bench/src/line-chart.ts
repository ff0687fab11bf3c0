/** What is drawn: panels one above the other, over one axis that goes by powers of ten. */
export interface LineChart {
  readonly title: string;
  /** In words, for who does not see it. */
  readonly description: string;
  /** What grows to the right, and its unit. */
  readonly xLabel: string;
  readonly places: readonly { readonly at: number; readonly label: string }[];
  readonly panels: readonly Panel[];
}

/** One or two lines over the same places. */
export interface Panel {
  /** What grows upwards, and its unit. */
  readonly yLabel: string;
  readonly lines: readonly { readonly name: string; readonly values: readonly number[] }[];
}

const width = 720;
const plot = { left: 72, right: 120, height: 190 };
const panelHeight = plot.height + 46;
const ticks = 4;
const nameHeight = 16;

const style = `
  svg { background: #ffffff; color: #1f2328; font: 13px system-ui, sans-serif }
  text { fill: currentColor } .name, h1 { font-weight: 600 }
  .grid { stroke: #8b949e; stroke-opacity: 0.35 } polyline { fill: none; stroke-width: 2 }
  .line-0 { stroke: #0550ae; fill: #0550ae } .line-1 { stroke: #9a3e00; fill: #9a3e00; stroke-dasharray: 7 4 }
  circle, .name { stroke: none; stroke-dasharray: none }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; color: #e6edf3 }
    .line-0 { stroke: #79c0ff; fill: #79c0ff } .line-1 { stroke: #ffa657; fill: #ffa657 }
    circle, .name { stroke: none }
  }`;

/** Draws it as an SVG of its own, for light and dark pages. */
export function drawLineChart({ title, description, xLabel, places, panels }: LineChart): string {
  const x = logScale(places.map(({ at }) => at));
  const height = 34 + panels.length * panelHeight + 40;
  const drawn = panels.map((panel, at) => drawPanel(panel, 52 + at * panelHeight, places, x));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">
<title id="title">${escaped(title)}</title>
<desc id="desc">${escaped(description)}</desc>
<style>${style}
</style>
<text x="16" y="26" class="name">${escaped(title)}</text>
${drawn.join('\n')}
<text x="${(plot.left + width - plot.right) / 2}" y="${height - 12}" text-anchor="middle">${escaped(xLabel)}</text>
</svg>
`;
}

function drawPanel(
  { yLabel, lines }: Panel,
  top: number,
  places: LineChart['places'],
  x: (at: number) => number,
): string {
  const most = roundUp(Math.max(...lines.flatMap(({ values }) => values)));
  const bottom = top + plot.height;
  const y = (value: number): number => rounded(bottom - (value / most) * (plot.height - 20));
  const rows = Array.from({ length: ticks + 1 }, (_, tick) => (most * tick) / ticks).map(
    (value) =>
      `<line class="grid" x1="${plot.left}" x2="${width - plot.right}" y1="${y(value)}" y2="${y(value)}"/>` +
      `<text x="${plot.left - 8}" y="${y(value) + 4}" text-anchor="end">${value.toLocaleString('en')}</text>`,
  );
  const columns = places.map(
    ({ at, label }) => `<text x="${x(at)}" y="${bottom + 18}" text-anchor="middle">${escaped(label)}</text>`,
  );
  const ends = lines.map(({ values }) => y(values.at(-1) ?? 0));
  const drawn = lines.map(({ name, values }, line) => {
    const points = values.map((value, at) => [x(places[at]?.at ?? Number.NaN), y(value)] as const);
    const [endX = 0, endY = 0] = points.at(-1) ?? [];
    // Where lines end close to each other their names make room.
    const crowded = ends.some((end, other) => other !== line && Math.abs(end - endY) < nameHeight);
    const nameY = crowded
      ? endY + (line - 0.5) * nameHeight * Math.sign((ends[1] ?? 0) - (ends[0] ?? 0) || 1)
      : endY;
    return [
      `<g class="line-${line}"><polyline points="${points.map((point) => point.join(',')).join(' ')}"/>`,
      ...points.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3.5"/>`),
      `<text class="name line-${line}" x="${endX + 10}" y="${rounded(nameY + 4)}">${escaped(name)}</text></g>`,
    ].join('');
  });
  return [`<text x="16" y="${top + 4}">${escaped(yLabel)}</text>`, ...rows, ...columns, ...drawn].join('\n');
}

/** Equal steps for equal factors. */
function logScale(values: readonly number[]): (at: number) => number {
  const [first, last] = [Math.log10(Math.min(...values)), Math.log10(Math.max(...values))];
  const room = width - plot.left - plot.right - 40;
  return (at) => rounded(plot.left + 20 + ((Math.log10(at) - first) / (last - first)) * room);
}

/** To a number that has short fourths. */
function roundUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return ([1, 1.2, 1.6, 2, 3, 4, 6, 8, 10].find((times) => times * unit >= value) ?? 10) * unit;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
