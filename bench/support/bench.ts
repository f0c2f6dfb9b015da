import { classpathOf } from './java.ts';
import type { BenchOptions } from './options.ts';
import type { ResultRow } from './results.ts';
import type { Measured } from './statistics.ts';

/** A benchmark: measures ours and its rivals, and answers with the rows of its table. */
export type Bench = (options: BenchOptions) => Promise<ResultRow[]>;

let verbose = false;

/** Progress as lines, for a log. */
export function sayLines(): void {
  verbose = true;
}

/** What is going on, on standard error: a line that the next overwrites. */
export function say(text: string): void {
  if (verbose) console.error(`  ${text}`);
  else if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K  ${text}\r`);
}

/** A rival that cannot be had is named once, in one line; its column stays empty. */
export function flinkMissing(): string | undefined {
  if (classpathOf('flink') !== undefined) return undefined;
  return 'Apache Flink is missing: scripts/fetch-rivals.sh flink';
}

/** Runs the sides in turn, so that whatever disturbs the machine disturbs all of them. */
export async function alternate<Name extends string>(
  rounds: number,
  sides: Readonly<Record<Name, (round: number) => Promise<Measured>>>,
): Promise<Record<Name, Measured[]>> {
  const names = Object.keys(sides) as Name[];
  const measured = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Measured[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      say(`round ${round + 1} of ${rounds}: ${name}`);
      measured[name].push(await sides[name](round));
    }
  }
  return measured;
}
