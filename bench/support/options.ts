import { parseArgs } from 'node:util';

export type Guarantee = 'exactly_once_v2' | 'at_least_once';

/**
 * How long a run may take: `quick` shows that everything works, `brief` is a run of every benchmark, which has to end within
 * half an hour, `full` one asked for by name.
 */
export type Effort = 'quick' | 'brief' | 'full';

/** What the command line asks for. */
export interface BenchOptions {
  readonly names: readonly string[];
  readonly effort: Effort;
  readonly guard: boolean;
  readonly growth: boolean;
  readonly matrix: boolean;
  /** Are the results kept under bench/results/? */
  readonly keep: boolean;
  readonly json?: string;
  readonly verbose: boolean;
  readonly rounds: number;
  /** Rounds of a rival in the pipelines, where it takes most of the time. */
  readonly rivalRounds: number;
  /** A rival's round of a pipeline is cut off after this long. */
  readonly boundSeconds: number;
  readonly events: number;
  readonly keys: number;
  readonly partitions: number;
  readonly guarantee: Guarantee;
  /** Of Nexmark; undefined: all. */
  readonly queries: readonly string[] | undefined;
}

export const USAGE = `npm run bench -- [NAME...] [flags]        NAMES
  --quick             small and short: do they work, not how fast
  --json FILE         all rows of this run as JSON
  --guard             compare with bench/results/ instead of keeping; exit 1 on a loss beyond the noise
  --growth            1x, 10x, 100x of events, keys, partitions, queries, subscribers, connections (ours alone)
  --keep, --no-keep   write bench/results/ or not (default: yes, unless --quick or --guard)
  --verbose           progress as lines on standard error
  --rounds N          rounds of each side
  --bound SECONDS     how long a rival's round of a pipeline may take
filter, scoreboard, window, join, stream-join:
  --events N --keys N --partitions N --guarantee exactly_once_v2|at_least_once
  --matrix            2 M and 20 M events, 10,000 and 1,000,000 keys, 1 and 8 partitions, both guarantees (hours)
nexmark:
  --queries q3,q8     these alone`;

export class UsageError extends Error {}

const PROFILES = {
  quick: { rounds: 1, rivalRounds: 1, boundSeconds: 6, events: 100_000, keys: 1_000 },
  brief: { rounds: 2, rivalRounds: 1, boundSeconds: 8, events: 2_000_000, keys: 10_000 },
  full: { rounds: 5, rivalRounds: 5, boundSeconds: 30, events: 2_000_000, keys: 10_000 },
} as const;

/** Events and keys of the pipelines that a row need not name. */
export function usualSize(effort: Effort): { readonly events: number; readonly keys: number } {
  return PROFILES[effort];
}

export function parseOptions(args: readonly string[], known: readonly string[]): BenchOptions {
  const { values, positionals } = read(args);
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new UsageError(`no benchmark ${unknown.join(', ')}; there are ${known.join(', ')}`);
  const quick = values.quick ?? false;
  const guard = values.guard ?? false;
  const effort = quick ? 'quick' : positionals.length === 0 && !values.growth ? 'brief' : 'full';
  const profile = PROFILES[effort];
  const guarantee = values.guarantee ?? 'exactly_once_v2';
  if (guarantee !== 'exactly_once_v2' && guarantee !== 'at_least_once')
    throw new UsageError(`--guarantee is exactly_once_v2 or at_least_once, not '${guarantee}'`);
  return {
    names: positionals,
    effort,
    guard,
    growth: values.growth ?? false,
    matrix: values.matrix ?? false,
    keep: values['no-keep'] ? false : (values.keep ?? !(quick || guard)),
    ...(values.json !== undefined ? { json: values.json } : {}),
    verbose: values.verbose ?? false,
    rounds: count('rounds', values.rounds, profile.rounds),
    rivalRounds: count('rounds', values.rounds, profile.rivalRounds),
    boundSeconds: count('bound', values.bound, profile.boundSeconds),
    events: count('events', values.events, profile.events),
    keys: count('keys', values.keys, profile.keys),
    partitions: count('partitions', values.partitions, 1),
    guarantee,
    queries: values.queries?.split(','),
  };
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean' },
        guard: { type: 'boolean' },
        growth: { type: 'boolean' },
        matrix: { type: 'boolean' },
        keep: { type: 'boolean' },
        'no-keep': { type: 'boolean' },
        json: { type: 'string' },
        verbose: { type: 'boolean' },
        rounds: { type: 'string' },
        bound: { type: 'string' },
        events: { type: 'string' },
        keys: { type: 'string' },
        partitions: { type: 'string' },
        guarantee: { type: 'string' },
        queries: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** A whole number; `2M` and `10k` are understood too. */
function count(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const match = text.match(/^(\d[\d_]*)([kM]?)$/);
  const number =
    Number(match?.[1]?.replaceAll('_', '')) * { '': 1, k: 1_000, M: 1_000_000 }[match?.[2] ?? '']!;
  if (!(number >= 1)) throw new UsageError(`--${flag} is a whole number of at least 1, not '${text}'`);
  return number;
}
