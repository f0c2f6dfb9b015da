import type { ResultRow } from './results.ts';
import type { Figure } from './statistics.ts';

/** The header: the rival is named there where all rows have the same. */
export function headOf(rows: readonly ResultRow[]): string[] {
  const rivals = new Set(rows.flatMap(({ rivalName }) => rivalName ?? []));
  if (rivals.size === 0) return ['', 'millrace', '', '', 'CPU', 'peak MB'];
  return ['', 'millrace', rivals.size > 1 ? 'rival' : ([...rivals][0] as string), 'ratio', 'CPU', 'peak MB'];
}

/** The table of one benchmark, as wide as its cells, and under it why figures are missing. */
export function tableOf(rows: readonly ResultRow[]): string {
  const cells = [headOf(rows), ...rows.map(cellsOf)];
  const widthOf = (column: number) => Math.max(...cells.map((row) => row[column]?.length ?? 0));
  const widths = headOf(rows).map((_, column) => widthOf(column));
  const aligned = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0);
  const reasons = new Set(rows.flatMap(({ skipped }) => skipped ?? []));
  return [
    ...cells.map((row) => `  ${row.map(aligned).join('  ').trimEnd()}`),
    ...[...reasons].map((reason) => `  skipped: ${firstLine(reason)}`),
  ].join('\n');
}

export function cellsOf(row: ResultRow): string[] {
  const { ours, rival, skipped } = row;
  const missing = skipped === undefined ? '' : 'skipped';
  return [
    `${row.name}, ${row.unit}`,
    ours ? spread(ours) : missing,
    rival ? spread(rival) : ours ? missing : '',
    row.ratio === null ? '' : `${short(row.ratio)}x`,
    both(row, cpu),
    both(row, ({ peakMb }) => peakMb?.toFixed(0)),
  ];
}

function firstLine(text: string): string {
  const line = text.split('\n')[0] ?? '';
  return line.length > 140 ? `${line.slice(0, 137)}...` : line;
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
  return rival === '' ? (ours ?? '') : `${ours || '-'} / ${rival}`;
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
