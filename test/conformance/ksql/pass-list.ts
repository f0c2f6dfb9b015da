import { readFileSync, writeFileSync } from 'node:fs';
import type { Result } from './report.ts';

/** How many cases of each file have passed, by suite. Bare counts: nothing of the cases themselves is kept here. */
export type PassList = Readonly<Record<string, Readonly<Record<string, number>>>>;

const FILE = new URL('./passed.json', import.meta.url);

export function readPassList(): PassList {
  return JSON.parse(readFileSync(FILE, 'utf8')) as PassList;
}

/** Writes it anew with what has passed now, where that is more: it may only grow. */
export function raisePassList(suite: string, results: readonly Result[]): void {
  const list = raised(readPassList(), suite, passedByFile(results));
  writeFileSync(FILE, `${JSON.stringify(list, null, 2)}\n`);
}

export function raised(list: PassList, suite: string, passed: Readonly<Record<string, number>>): PassList {
  const before = list[suite] ?? {};
  const files = [...new Set([...Object.keys(before), ...Object.keys(passed)])].sort();
  const counts = files.map((file) => [file, Math.max(before[file] ?? 0, passed[file] ?? 0)] as const);
  return { ...list, [suite]: Object.fromEntries(counts.filter(([, count]) => count > 0)) };
}

export function passedByFile(results: readonly Result[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { test, outcome } of results)
    if (outcome.kind === 'passed') counts[test.file] = (counts[test.file] ?? 0) + 1;
  return counts;
}

/** A line for each file of which fewer cases pass than the list says. */
export function fallen(
  kept: Readonly<Record<string, number>>,
  passed: Readonly<Record<string, number>>,
): string[] {
  return Object.entries(kept).flatMap(([file, before]) => {
    const now = passed[file] ?? 0;
    return now < before ? [`${file}: ${now} passed, ${before} did before`] : [];
  });
}
