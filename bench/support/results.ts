import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Figure, figureOf, type Measured, rounded } from './statistics.ts';

export type Settings = Readonly<Record<string, string | number | boolean>>;

/** One line of a benchmark's table, and of its kept results. */
export interface ResultRow {
  readonly bench: string;
  /** Unique within its benchmark; the guard and the plots find it again by this name. */
  readonly name: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly ours: Figure | null;
  readonly rival: Figure | null;
  readonly rivalName: string | null;
  /** How many times better ours is, whichever way better is: above 1 is a win. */
  readonly ratio: number | null;
  readonly settings: Settings;
  /** Why there is no figure of ours, or none of the rival's. */
  readonly skipped?: string;
  /** The point of a growth curve that this row is. */
  readonly growth?: { readonly of: string; readonly at: number };
}

/** Where and with what figures were taken. */
export interface Run {
  readonly takenAt: string;
  readonly commit: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly versions: Readonly<Record<string, string>>;
}

/** Kept results of one benchmark. Rows may come from several runs, since a run need not measure every size. */
export interface ResultFile {
  readonly bench: string;
  readonly runs: Readonly<Record<string, Run>>;
  readonly rows: readonly (ResultRow & { readonly run: string })[];
}

export interface RowSpec {
  readonly bench: string;
  readonly name: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly settings: Settings;
  readonly ours: readonly Measured[];
  readonly rival?: { readonly name: string; readonly rounds: readonly Measured[] } | undefined;
  readonly skipped?: string | undefined;
  readonly growth?: { readonly of: string; readonly at: number };
}

export function resultRow(spec: RowSpec): ResultRow {
  const ours = spec.ours.length > 0 ? figureOf(spec.ours) : null;
  const rival = spec.rival !== undefined && spec.rival.rounds.length > 0 ? figureOf(spec.rival.rounds) : null;
  return {
    bench: spec.bench,
    name: spec.name,
    unit: spec.unit,
    better: spec.better,
    ours,
    rival,
    rivalName: spec.rival?.name ?? null,
    ratio: ours && rival ? advantage(ours.median, rival.median, spec.better) : null,
    settings: spec.settings,
    ...(spec.skipped !== undefined ? { skipped: spec.skipped } : {}),
    ...(spec.growth !== undefined ? { growth: spec.growth } : {}),
  };
}

function advantage(ours: number, rival: number, better: 'higher' | 'lower'): number {
  return rounded(better === 'higher' ? ours / rival : rival / ours);
}

/** New rows take the place of kept ones with the same name; a run that no row is left of goes. */
export function merge(kept: ResultFile | undefined, rows: readonly ResultRow[], run: Run): ResultFile {
  const bench = rows[0]?.bench ?? kept?.bench ?? '';
  const replaced = new Set(rows.map(({ name }) => name));
  const all = [
    ...(kept?.rows.filter(({ name }) => !replaced.has(name)) ?? []),
    ...rows.map((row) => ({ ...row, run: run.takenAt })),
  ];
  const runs = { ...kept?.runs, [run.takenAt]: run };
  const used = new Set(all.map((row) => row.run));
  return { bench, runs: Object.fromEntries(Object.entries(runs).filter(([id]) => used.has(id))), rows: all };
}

export function readResults(file: string): ResultFile | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ResultFile) : undefined;
}

export function writeResults(file: string, results: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
}
