// Charts as SVG text: no library, no script in the page.
import { short } from './report.ts';

const ROW_HEIGHT = 22;
const LABEL_WIDTH = 430;
const BAR_WIDTH = 480;
const VALUE_WIDTH = 90;

export interface RatioBar {
  readonly label: string;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** Horizontal bars on a logarithmic axis that start at 1: to the right a win, to the left a loss; whiskers for the spread. */
export function ratioChart(bars: readonly RatioBar[]): string {
  const decades = (pick: (bar: RatioBar) => number) => bars.map((bar) => Math.log10(pick(bar)));
  const low = Math.floor(Math.min(-0.3, ...decades(({ low }) => low)) * 2) / 2;
  const high = Math.ceil(Math.max(0.3, ...decades(({ high }) => high)) * 2) / 2;
  const x = (ratio: number) => LABEL_WIDTH + ((Math.log10(ratio) - low) / (high - low)) * BAR_WIDTH;
  const height = (bars.length + 1) * ROW_HEIGHT + 14;
  const ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].filter(
    (tick) => Math.log10(tick) >= low && Math.log10(tick) <= high,
  );
  const grid = ticks.map(
    (tick) =>
      `<line class="${tick === 1 ? 'one' : 'grid'}" x1="${px(x(tick))}" x2="${px(x(tick))}" y1="16" y2="${height - 6}"/>` +
      `<text class="tick" x="${px(x(tick))}" y="11" text-anchor="middle">${tick}x</text>`,
  );
  const rows = bars.map((bar, index) => {
    const y = 22 + index * ROW_HEIGHT;
    const [from, to] = [x(1), x(bar.ratio)].sort((a, b) => a - b) as [number, number];
    const middle = y + 7;
    return (
      `<text x="${LABEL_WIDTH - 8}" y="${y + 11}" text-anchor="end">${escapeXml(bar.label)}</text>` +
      `<rect class="${bar.ratio >= 1 ? 'win' : 'loss'}" x="${px(from)}" y="${y}" width="${px(Math.max(1, to - from))}" height="14"/>` +
      `<line class="whisker" x1="${px(x(bar.low))}" x2="${px(x(bar.high))}" y1="${middle}" y2="${middle}"/>` +
      `<text x="${px(Math.max(to, x(bar.high)) + 6)}" y="${y + 11}">${short(bar.ratio)}x</text>`
    );
  });
  return svg(LABEL_WIDTH + BAR_WIDTH + VALUE_WIDTH, height, [...grid, ...rows]);
}

export interface Curve {
  readonly label: string;
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

const [PLOT_WIDTH, PLOT_HEIGHT, MARGIN] = [420, 220, 50];

/** Both axes logarithmic: what grows in proportion is a straight line of slope 1, what does not grow a flat one. */
export function curveChart(title: string, xTitle: string, curves: readonly Curve[]): string {
  const points = curves.flatMap((curve) => curve.points);
  const [x, xTicks] = logAxis(
    points.map(({ at }) => at),
    [MARGIN, PLOT_WIDTH - 24],
  );
  const [y, yTicks] = logAxis(
    points.map(({ value }) => value),
    [PLOT_HEIGHT - 34, 34],
  );
  const grid = [
    ...xTicks.map(
      (tick) =>
        `<line class="grid" x1="${px(x(tick))}" x2="${px(x(tick))}" y1="34" y2="${PLOT_HEIGHT - 34}"/>` +
        `<text class="tick" x="${px(x(tick))}" y="${PLOT_HEIGHT - 20}" text-anchor="middle">${short(tick)}</text>`,
    ),
    ...yTicks.map(
      (tick) =>
        `<line class="grid" x1="${MARGIN}" x2="${PLOT_WIDTH - 24}" y1="${px(y(tick))}" y2="${px(y(tick))}"/>` +
        `<text class="tick" x="${MARGIN - 6}" y="${px(y(tick) + 4)}" text-anchor="end">${short(tick)}</text>`,
    ),
  ];
  const lines = curves.map((curve, index) => {
    const at = curve.points.map((point) => [px(x(point.at)), px(y(point.value))] as const);
    const dots = at.map(([cx, cy]) => `<circle class="c${index % 4}" cx="${cx}" cy="${cy}" r="3"/>`).join('');
    return `<polyline class="c${index % 4}" points="${at.map((pair) => pair.join(',')).join(' ')}"/>${dots}`;
  });
  const texts = [
    `<text class="title" x="${MARGIN}" y="16">${escapeXml(title)}</text>`,
    `<text x="${MARGIN}" y="30">${legend(curves)}</text>`,
    `<text class="tick" x="${PLOT_WIDTH - 24}" y="${PLOT_HEIGHT - 4}" text-anchor="end">${escapeXml(xTitle)}</text>`,
  ];
  return svg(PLOT_WIDTH, PLOT_HEIGHT, [...texts, ...grid, ...lines]);
}

/** Each label in the colour of its curve; none where the title says it all. */
function legend(curves: readonly Curve[]): string {
  if (curves.length === 1) return '';
  return curves
    .map(({ label }, index) => `<tspan class="c${index % 4}">${escapeXml(label)}</tspan>`)
    .join(' ');
}

/** Maps values to pixels by their logarithm, and says where the marks are: at each power of ten. */
function logAxis(
  values: readonly number[],
  [from, to]: readonly [number, number],
): [(value: number) => number, number[]] {
  const positive = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...positive)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive))));
  const ticks = Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step));
  const pixel = (value: number) =>
    from + ((Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)) * (to - from);
  return [pixel, ticks];
}

/** Legible on white and on black, so that one file serves both themes. */
const CHART_STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #777 } .tick { font-size: 10px } .title { font-weight: 600 }
  .grid { stroke: #8884 } .one { stroke: #888 } .win { fill: #2a9d6f } .loss { fill: #d1495b }
  .whisker { stroke: #888; stroke-width: 2 } polyline { stroke-width: 2 }
  .c0 { fill: #2a9d6f; stroke: #2a9d6f } .c1 { fill: #3d7dca; stroke: #3d7dca } .c2 { fill: #d98c2b; stroke: #d98c2b }
  .c3 { fill: #9b5fc0; stroke: #9b5fc0 } polyline[class] { fill: none } tspan[class] { stroke: none }`;

function svg(width: number, height: number, parts: readonly string[]): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<style>${CHART_STYLE}</style>\n${parts.join('\n')}\n</svg>`
  );
}

function px(value: number): string {
  return value.toFixed(1);
}

export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
