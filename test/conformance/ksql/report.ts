import type { Case } from './expand.ts';
import type { Outcome } from './run-case.ts';
import { fileOrder, type Tier, tierOf } from './tiers.ts';

export interface Result {
  readonly test: Case;
  readonly outcome: Outcome;
}

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** A line per file, tier by tier, then totals. */
export function reportText(results: readonly Result[]): string {
  const byFile = Map.groupBy(results, ({ test }) => test.file);
  const lines: string[] = [];
  for (const tier of ['A', 'B', 'C', 'D'] as const satisfies readonly Tier[]) {
    const files = [...byFile.keys()].filter((file) => tierOf(file) === tier).sort(fileOrder);
    if (files.length === 0) continue;
    const ofTier = files.flatMap((file) => byFile.get(file) as Result[]);
    lines.push(row(`Tier ${tier}`, tally(ofTier)));
    for (const file of files) lines.push(row(`  ${file}`, tally(byFile.get(file) as Result[])));
  }
  const total = tally(results);
  return [
    row('', ['passed', 'failed', 'skipped']),
    ...lines,
    wordingLine(results),
    `${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped of ${results.length}`,
  ].join('\n');
}

/** One line a failure: what was asked for, what came. */
export function failureLines(results: readonly Result[]): string[] {
  return results.flatMap(({ test, outcome }) =>
    outcome.kind === 'failed' ? [`FAILED ${test.name}: ${outcome.reason}`] : [],
  );
}

/** Texts of errors are what users see, but a refusal in other words is one too. */
function wordingLine(results: readonly Result[]): string {
  const said = results.flatMap(({ outcome }) =>
    outcome.kind === 'passed' && outcome.saysSo !== undefined ? [outcome.saysSo] : [],
  );
  return `errors in ksqlDB's words: ${said.filter((saysSo) => saysSo).length} of ${said.length}`;
}

function tally(results: readonly Result[]): Tally {
  const counts: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const { outcome } of results) counts[outcome.kind]++;
  return counts;
}

function row(name: string, columns: Tally | readonly string[]): string {
  const cells = Array.isArray(columns) ? columns : Object.values(columns as Tally);
  return name.padEnd(34) + cells.map((cell) => String(cell).padStart(9)).join('');
}
