import type { ResultRow } from './results.ts';
import type { Figure } from './statistics.ts';

export const COLUMNS = ['', 'millrace', 'rival', 'ratio', 'CPU', 'peak MB'] as const;

/** The table of one benchmark, as wide as its cells. */
export function tableOf(rows: readonly ResultRow[]): string {
  const cells = [COLUMNS as readonly string[], ...rows.map(cellsOf)];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `  ${line}`)
    .join('\n');
}

export function cellsOf(row: ResultRow): string[] {
  const rival = row.rivalName === null ? '' : ` vs ${row.rivalName}`;
  return [
    `${row.name.endsWith(rival) ? row.name : `${row.name}${rival}`}, ${row.unit}`,
    row.ours ? spread(row.ours) : `skipped: ${row.skipped ?? 'no figure'}`,
    row.rival ? spread(row.rival) : row.rivalName !== null && row.skipped && row.ours ? row.skipped : '',
    row.ratio === null ? '' : `${short(row.ratio)}x`,
    both(row, cpu),
    both(row, ({ peakMb }) => peakMb?.toFixed(0)),
  ];
}

/** `median (min..max)`. */
function spread({ median, min, max, rounds }: Figure): string {
  return rounds === 1 ? short(median) : `${short(median)} (${short(min)}..${short(max)})`;
}

/** Per event where a round had a known amount of work, since a rival's round may be cut off earlier. */
function cpu({ cpuSeconds, work }: Figure): string | undefined {
  if (cpuSeconds === undefined) return undefined;
  return work === undefined ? `${cpuSeconds.toFixed(1)} s` : `${short((cpuSeconds / work) * 1e6)} us`;
}

function both(row: ResultRow, cell: (figure: Figure) => string | undefined): string {
  const [ours, rival] = [row.ours, row.rival].map((figure) => (figure ? (cell(figure) ?? '') : ''));
  return rival === '' ? (ours ?? '') : `${ours} / ${rival}`;
}

/** Three or four digits, thousands as `412 k`. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 10_000_000) return `${(value / 1e6).toFixed(1)} M`;
  if (size >= 1_000_000) return `${(value / 1e6).toFixed(2)} M`;
  if (size >= 10_000) return `${(value / 1e3).toFixed(0)} k`;
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(2);
}

export function settingsLine(rows: readonly ResultRow[]): string {
  const first = rows[0]?.settings ?? {};
  const common = Object.entries(first).filter(([name, value]) =>
    rows.every(({ settings }) => settings[name] === value),
  );
  return common
    .map(([name, value]) => `${name} ${typeof value === 'number' ? value.toLocaleString('en') : value}`)
    .join(', ');
}
