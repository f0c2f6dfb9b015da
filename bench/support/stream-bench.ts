// The pipelines from log to log: ours, Kafka Streams and Flink SQL in turn, on the same events.
import { type Bench, say } from './bench.ts';
import { type Millrace, withBrokers } from './brokers.ts';
import { type Contender, FlinkContender, StreamsContender } from './contenders.ts';
import { type EventSet, eventSet } from './events.ts';
import { Refused } from './ksql.ts';
import { type BenchOptions, type Guarantee, usualSize } from './options.ts';
import { check, declareSources, dropPipeline, loadSources, PIPELINES, runOurs } from './pipelines.ts';
import { type ResultRow, resultRow, type Settings } from './results.ts';
import { type Measured, median } from './statistics.ts';
import {
  COMMIT_MS,
  type PipelineName,
  type RivalRound,
  type StreamsVariant,
  streamsVariants,
} from './stream-rivals.ts';

interface Mode {
  readonly label: string;
  readonly merges: boolean;
}

/** A query with updates can write each of them, or the last of a key in each commit. */
const MODES: Readonly<Record<PipelineName, readonly Mode[]>> = {
  filter: [{ label: '', merges: true }],
  join: [{ label: '', merges: true }],
  'stream-join': [{ label: '', merges: true }],
  scoreboard: [
    { label: 'every update', merges: false },
    { label: 'merged', merges: true },
  ],
  window: [
    { label: 'every update', merges: false },
    { label: 'merged', merges: true },
  ],
};

interface Size {
  readonly events: number;
  readonly keys: number;
  readonly partitions: number;
  readonly guarantee: Guarantee;
}

export function streamBench(name: PipelineName): Bench {
  return async (options) => {
    const rows: ResultRow[] = [];
    for (const size of options.matrix ? matrix() : [options]) {
      rows.push(...(await measureSize(name, size, options)));
    }
    return rows;
  };
}

function matrix(): Size[] {
  const sizes: Size[] = [];
  for (const events of [2_000_000, 20_000_000])
    for (const keys of [10_000, 1_000_000])
      for (const partitions of [1, 8])
        for (const guarantee of ['exactly_once_v2', 'at_least_once'] as const)
          sizes.push({ events, keys, partitions, guarantee });
  return sizes;
}

async function measureSize(name: PipelineName, size: Size, options: BenchOptions): Promise<ResultRow[]> {
  const set = eventSet(size);
  return withBrokers(async (ours, kafka) => {
    say('loading the events');
    for (const broker of [ours, kafka]) await loadSources(broker, set, PIPELINES[name]);
    await declareSources(ours, PIPELINES[name]);
    const rows: ResultRow[] = [];
    let variants: readonly StreamsVariant[] | undefined;
    for (const mode of MODES[name]) {
      const job = {
        ...{ pipeline: name, set, guarantee: size.guarantee, merges: mode.merges },
        boundSeconds: options.boundSeconds,
      };
      variants ??= options.effort === 'quick' ? streamsVariants(job).slice(0, 1) : streamsVariants(job);
      const streams = new StreamsContender(kafka, job, variants);
      const rivals = [streams, new FlinkContender(kafka, job)];
      const run = new ModeRun(name, set, size, mode, options);
      await run.measure(ours, rivals);
      rows.push(...rivals.map((rival) => run.row(rival)));
      // What was fastest in one mode is fastest in the other: to try all again would take minutes.
      variants = streams.variants;
    }
    return rows;
  });
}

/** One pipeline, size and mode: all rounds of ours and its rivals. What fails is said in its row, the others go on. */
class ModeRun {
  readonly #ours: Measured[] = [];
  readonly #failures = new Map<Contender | 'ours', string>();
  readonly #pipeline: PipelineName;
  readonly #set: EventSet;
  readonly #size: Size;
  readonly #mode: Mode;
  readonly #options: BenchOptions;

  constructor(pipeline: PipelineName, set: EventSet, size: Size, mode: Mode, options: BenchOptions) {
    this.#pipeline = pipeline;
    this.#set = set;
    this.#size = size;
    this.#mode = mode;
    this.#options = options;
  }

  async measure(ours: Millrace, rivals: readonly Contender[]): Promise<void> {
    const { rounds, rivalRounds } = this.#options;
    for (let round = 1; round <= rounds; round++) {
      const where = `${this.#pipeline} ${this.#mode.label} round ${round} of ${rounds}`;
      if (!this.#failures.has('ours')) {
        say(`${where}: millrace`);
        await this.#oursRound(ours, round === rounds);
      }
      if (round > rivalRounds) continue;
      for (const rival of rivals.filter((candidate) => !this.#failures.has(candidate))) {
        say(`${where}: ${rival.name}`);
        await rival.round().catch((error: Error) => this.#failures.set(rival, error.message));
      }
    }
  }

  /** A statement that the server refuses is skipped; a wrong result or a lost server ends the benchmark. */
  async #oursRound(ours: Millrace, isLast: boolean): Promise<void> {
    const pipeline = PIPELINES[this.#pipeline];
    const { merges } = this.#mode;
    try {
      this.#ours.push(await runOurs(ours, pipeline, this.#set, { merges, guarantee: this.#size.guarantee }));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#failures.set('ours', error.message);
      return;
    }
    if (isLast) await check(ours, this.#pipeline, this.#set, pipeline.sink);
    await dropPipeline(ours, pipeline);
  }

  row(rival: Contender): ResultRow {
    const rounds = rival.rounds();
    const { events, keys, partitions, guarantee } = this.#size;
    return resultRow({
      bench: this.#pipeline,
      name: [this.#mode.label, sizeLabel(this.#size, this.#options), `vs ${rival.name}`]
        .filter((part) => part !== '')
        .join(', ')
        .replace(', vs ', ' vs '),
      unit: 'events/s',
      better: 'higher',
      settings: {
        ...{ events, keys, partitions, guarantee, 'commit interval ms': COMMIT_MS },
        'rival cut off after s': this.#options.boundSeconds,
        ...rival.settings(),
        ...otherRates(rounds),
      },
      ours: this.#ours,
      rival: { name: `${rival.name} ${rival.version}`, rounds },
      skipped: this.#failures.get('ours') ?? this.#failures.get(rival),
    });
  }
}

/** Nothing for the size that is measured by default. */
function sizeLabel({ events, keys, partitions, guarantee }: Size, { effort }: BenchOptions): string {
  const usual = usualSize(effort);
  const parts = [
    events === usual.events ? '' : `${events < 1e6 ? `${events / 1e3} k` : `${events / 1e6} M`} events`,
    keys === usual.keys ? '' : `${keys} keys`,
    partitions === 1 ? '' : `${partitions} partitions`,
    guarantee === 'exactly_once_v2' ? '' : 'at least once',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** The rival's rates including its warm-up, and including its start. */
function otherRates(rounds: readonly RivalRound[]): Settings {
  if (rounds.length === 0) return {};
  const of = (pick: (round: RivalRound) => number) => Math.round(median(rounds.map(pick)));
  return {
    'rival with warm-up': of(({ rate }) => rate.fromFirst),
    'rival with start': of(({ rate }) => rate.fromStart),
    'rival complete': rounds.every(({ complete }) => complete),
  };
}
