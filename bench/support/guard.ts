import type { ResultRow } from './results.ts';
import type { Figure } from './statistics.ts';

/** Runs differ by this much without a reason, whatever their spread was. */
const MIN_NOISE = 0.05;

export interface Verdict {
  readonly name: string;
  readonly kept: number;
  readonly now: number | null;
  /** Relative change that is no news: from the spread of both runs. */
  readonly noise: number;
  readonly lost: boolean;
  readonly reason: string;
}

/**
 * Compares a rerun with kept results: ratios where a rival ran beside both, since the machine's mood cancels out in them;
 * our own figure where there is no rival. Rows measured only once (a rival that is missing now, a size not asked for) do
 * not count, but a row that we could measure and now cannot is a loss.
 */
export function judge(kept: readonly ResultRow[], now: readonly ResultRow[]): Verdict[] {
  return kept.flatMap((before) => {
    const after = now.find((row) => row.bench === before.bench && row.name === before.name);
    if (after === undefined || before.ours === null) return [];
    return verdict(before, after) ?? [];
  });
}

function verdict(before: ResultRow, after: ResultRow): Verdict | undefined {
  const name = `${before.bench}: ${before.name}`;
  if (after.ours === null) {
    const kept = before.ratio ?? before.ours?.median ?? 0;
    return { name, kept, now: null, noise: 0, lost: true, reason: after.skipped ?? 'no figure any more' };
  }
  const compared = before.ratio !== null && after.ratio !== null;
  if (!compared && before.rivalName !== null) return undefined;
  const kept = compared ? (before.ratio as number) : (before.ours as Figure).median;
  const value = compared ? (after.ratio as number) : after.ours.median;
  const noise = Math.max(MIN_NOISE, noiseOf(before) + noiseOf(after));
  // A ratio is better when higher; a figure of our own as its row says.
  const change = compared || before.better === 'higher' ? value / kept : kept / value;
  const lost = change < 1 / (1 + noise);
  const percent = `${change >= 1 ? '+' : ''}${((change - 1) * 100).toFixed(0)} %`;
  const reason = `${percent}, ${lost ? 'beyond a noise of' : 'noise'} ${(noise * 100).toFixed(0)} %`;
  return { name, kept, now: value, noise, lost, reason };
}

/** Half the relative spread of ours and the rival's, as independent errors of a quotient. */
function noiseOf(row: ResultRow): number {
  return Math.hypot(...[row.ours, row.rival].map((figure) => (figure ? halfSpread(figure) : 0)));
}

function halfSpread({ min, max, median }: Figure): number {
  return median === 0 ? 0 : (max - min) / 2 / median;
}
