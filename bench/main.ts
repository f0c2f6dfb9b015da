// npm run bench -- [NAME...] [flags]: see bench/README.md

import { connections } from './connections.ts';
import { consume } from './consume.ts';
import { engine } from './engine.ts';
import { filter } from './filter.ts';
import { groups } from './groups.ts';
import { growth } from './growth.ts';
import { join } from './join.ts';
import { latency } from './latency.ts';
import { limits } from './limits.ts';
import { mixed } from './mixed.ts';
import { nexmark } from './nexmark/nexmark.ts';
import { partitions } from './partitions.ts';
import { produce } from './produce.ts';
import { pull } from './pull.ts';
import { push } from './push.ts';
import { queries } from './queries.ts';
import { restore } from './restore.ts';
import { scoreboard } from './scoreboard.ts';
import { start } from './start.ts';
import { state } from './state.ts';
import { streamJoin } from './stream-join.ts';
import type { Bench } from './support/bench.ts';
import { flinkMissing, sayLines } from './support/bench.ts';
import { judge } from './support/guard.ts';
import { classpathOf } from './support/java.ts';
import { describeRun, machineLine } from './support/machine.ts';
import { type BenchOptions, parseOptions, USAGE, UsageError } from './support/options.ts';
import { writePlots } from './support/plots.ts';
import { settingsLine, short, tableOf } from './support/report.ts';
import { merge, type ResultRow, type Run, readResults, writeResults } from './support/results.ts';
import { threads } from './threads.ts';
import { window } from './window.ts';

const BENCHES: Readonly<Record<string, Bench>> = {
  start,
  produce,
  consume,
  latency,
  connections,
  groups,
  partitions,
  filter,
  scoreboard,
  window,
  join,
  'stream-join': streamJoin,
  pull,
  push,
  restore,
  mixed,
  queries,
  engine,
  state,
  threads,
  limits,
};

/** Too long for a run of everything. */
const BY_NAME: Readonly<Record<string, Bench>> = { ...BENCHES, nexmark };

/** In one process, or with a client of their own. */
const WITHOUT_JAVA = ['engine', 'limits', 'nexmark', 'state', 'threads'];

/** Asked for by --growth: no comparison with a rival, but a curve. */
const ALL: Readonly<Record<string, Bench>> = { ...BY_NAME, growth };

const RESULTS = new URL('results/', import.meta.url).pathname;

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), Object.keys(BY_NAME));
  const names = namesOf(options);
  if (classpathOf('kafka') === undefined && names.some((name) => !WITHOUT_JAVA.includes(name))) {
    console.error(
      'Java or Apache Kafka, whose clients drive every benchmark, is missing: run scripts/fetch-rivals.sh',
    );
    return 1;
  }
  if (options.verbose) sayLines();
  const run = describeRun(new Date());
  console.log(machineLine(run));
  const missing = flinkMissing();
  if (missing !== undefined) console.log(missing);
  const all: ResultRow[] = [];
  let failures = 0;
  for (const name of names) {
    const rows = await measure(name, options);
    if (rows === undefined) failures++;
    else {
      all.push(...rows);
      if (options.keep) keep(name, rows, run, options);
    }
  }
  if (options.json !== undefined) writeResults(options.json, { ...run, rows: all });
  if (options.keep) writePlots(folderOf(options), Object.keys(ALL));
  const losses = options.guard ? guard(names, all, options) : 0;
  return failures + losses > 0 ? 1 : 0;
}

function namesOf({ names, growth: curves }: BenchOptions): readonly string[] {
  if (curves) return [...names, 'growth'];
  return names.length > 0 ? names : Object.keys(BENCHES);
}

/** Undefined when it failed: the others run all the same. */
async function measure(name: string, options: BenchOptions): Promise<ResultRow[] | undefined> {
  const begun = performance.now();
  try {
    const rows = await (ALL[name] as Bench)(options);
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    console.log(`\n${name} (${seconds} s): ${settingsLine(rows)}`);
    console.log(tableOf(rows));
    return rows;
  } catch (error) {
    console.error(`\n${name} failed: ${(error as Error).stack}`);
    return undefined;
  }
}

/** Quick runs measure other sizes: they have results of their own. */
function folderOf({ effort }: BenchOptions): string {
  return effort === 'quick' ? `${RESULTS}quick/` : RESULTS;
}

function keep(name: string, rows: readonly ResultRow[], run: Run, options: BenchOptions): void {
  const file = `${folderOf(options)}${name}.json`;
  writeResults(file, merge(readResults(file), rows, run));
}

/** Prints how each row compares with its kept result; answers with the number of losses. */
function guard(names: readonly string[], rows: readonly ResultRow[], options: BenchOptions): number {
  const kept = names.flatMap((name) => readResults(`${folderOf(options)}${name}.json`)?.rows ?? []);
  const verdicts = judge(kept, rows);
  console.log(`\nguard: ${verdicts.length} rows compared with the kept results`);
  for (const { name, kept: before, now, lost, reason } of verdicts) {
    console.log(
      `  ${lost ? 'LOSS' : 'ok  '}  ${name}: ${short(before)} -> ${now === null ? '-' : short(now)}, ${reason}`,
    );
  }
  if (verdicts.length === 0) console.error('nothing to compare with: no kept results of these benchmarks');
  return verdicts.length === 0 ? 1 : verdicts.filter(({ lost }) => lost).length;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(
    `${error.message}\n\n${USAGE.replace('NAMES', `  NAME: ${Object.keys(BENCHES).join(', ')}`)}`,
  );
  process.exitCode = 1;
}
