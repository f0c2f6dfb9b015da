import { writeFileSync } from 'node:fs';
import { type Curve, curveChart, escapeXml, type RatioBar, ratioChart } from './chart.ts';
import { machineLine } from './machine.ts';
import { cellsOf, headOf } from './report.ts';
import { type ResultFile, type ResultRow, readResults } from './results.ts';

/** Draws what is kept in a folder, in this order: `index.html`, complete in itself, and `ratios.svg` for a page that shows one picture. */
export function writePlots(folder: string, names: readonly string[]): void {
  const files = names.flatMap((name) => readResults(`${folder}${name}.json`) ?? []);
  const bars = ratioBars(files);
  if (bars.length > 0) writeFileSync(`${folder}ratios.svg`, `${ratioChart(bars)}\n`);
  writeFileSync(`${folder}index.html`, page(files));
}

export function page(files: readonly ResultFile[]): string {
  const rows = files.flatMap((file) => file.rows);
  const bars = ratioBars(files);
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Millrace benchmarks</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
  :root { color-scheme: light dark } body { font: 14px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem }
  table { border-collapse: collapse; margin: .5rem 0 } td, th { padding: .15rem .7rem; border-bottom: 1px solid #8884; text-align: right }
  td:first-child, th:first-child { text-align: left } .note { color: #888; font-size: 12px } svg { max-width: 100%; height: auto }
</style>
<h1>Millrace benchmarks</h1>
<p>Medians, in brackets the smallest and largest round. A ratio says how many times better ours is, whichever way better is;
its whisker reaches from our worst round against the rival's best to the opposite. <code>bench/README.md</code> says what each measures.</p>
${bars.length > 0 ? `<h2>Against the rivals</h2>\n${ratioChart(bars)}` : ''}
${growthCharts(rows)}
${files.map(section).join('\n')}
</html>
`;
}

/** `threads` compares ours with ours: a table is enough. */
function ratioBars(files: readonly ResultFile[]): RatioBar[] {
  const rows = files.filter(({ bench }) => bench !== 'threads').flatMap((file) => file.rows);
  return rows.flatMap(({ bench, name, better, ratio, ours, rival, rivalName }) => {
    if (ratio === null || ours === null || rival === null) return [];
    const [low, high] =
      better === 'higher'
        ? [ours.min / rival.max, ours.max / rival.min]
        : [rival.min / ours.max, rival.max / ours.min];
    const label = name.includes(' vs ')
      ? `${bench}: ${name}`
      : `${bench}: ${name} vs ${rivalName?.replace('Apache ', '').replace(/ [\d.]+$/, '')}`;
    return [low, high].every((bound) => Number.isFinite(bound) && bound > 0)
      ? [{ label, ratio, low, high }]
      : [];
  });
}

/** One chart for what grows and the unit measured; one curve for each name. */
function growthCharts(rows: readonly ResultRow[]): string {
  const charts = Map.groupBy(
    rows.filter(({ growth, ours }) => growth !== undefined && ours !== null),
    ({ growth, unit }) => `${growth?.of} and ${unit}`,
  );
  if (charts.size === 0) return '';
  const drawn = [...charts.values()].map((points) => {
    const { growth, unit } = points[0] as ResultRow;
    const curves: Curve[] = [...Map.groupBy(points, ({ name }) => curveName(name))].map(([label, group]) => ({
      label,
      points: group
        .map((row) => ({ at: row.growth?.at ?? 0, value: row.ours?.median ?? 0 }))
        .sort((a, b) => a.at - b.at),
    }));
    const title = curves.length === 1 ? `${curves[0]?.label}, ${unit}` : unit;
    return curveChart(title, growth?.of ?? '', curves);
  });
  return `<h2>Growth</h2>\n${drawn.join('\n')}`;
}

/** Rows of one curve differ only in what stands before the colon: `100 queries: memory`. */
function curveName(name: string): string {
  return name.replace(/^.*?: /, '');
}

function section({ bench, rows, runs }: ResultFile): string {
  const body = rows.map((row) => {
    const cells = cellsOf(row).map((cell) => `<td>${escapeXml(cell)}</td>`);
    const settings = Object.entries(row.settings).map(([name, value]) => `${name} ${value}`);
    const notes = [...settings, ...(row.skipped === undefined ? [] : [`skipped: ${row.skipped}`])];
    return `<tr title="${escapeXml(notes.join(', '))}">${cells.join('')}</tr>`;
  });
  const notes = Object.values(runs).map((run) => `${run.takenAt.slice(0, 16)}Z, ${machineLine(run)}`);
  return `<h2>${escapeXml(bench)}</h2>
<table><tr>${headOf(rows)
    .map((column) => `<th>${escapeXml(column)}</th>`)
    .join('')}</tr>
${body.join('\n')}</table>
<p class="note">${notes.map(escapeXml).join('<br>')}</p>`;
}
