// The four pipelines from log to log: ours, Kafka Streams and Flink SQL in turn, on the same events.
import { type Bench, flinkMissing, say } from './bench.ts';
import { type Broker, type Millrace, withBrokers } from './brokers.ts';
import { type EventSet, eventSet } from './events.ts';
import { jarVersion } from './java.ts';
import { Refused } from './ksql.ts';
import type { BenchOptions, Guarantee } from './options.ts';
import { check, declareSources, dropPipeline, loadSources, PIPELINES, runOurs } from './pipelines.ts';
import { type ResultRow, resultRow, type Settings } from './results.ts';
import { type Measured, median } from './statistics.ts';
import {
  COMMIT_MS,
  type PipelineName,
  type RivalRound,
  runFlink,
  runStreams,
  type StreamsVariant,
  streamsVariants,
} from './stream-rivals.ts';

/** A query with updates can write each of them, or the last of a key in each commit. */
const MODES: Readonly<Record<PipelineName, readonly { label: string; merges: boolean }[]>> = {
  filter: [{ label: '', merges: true }],
  join: [{ label: '', merges: true }],
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
    for (const size of options.matrix ? matrix() : [options])
      rows.push(...(await measureSize(name, size, options)));
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
    await loadSources(ours, set);
    await loadSources(kafka, set);
    await declareSources(ours);
    const rows: ResultRow[] = [];
    const streams = new StreamsRival(kafka, name, size);
    for (const { label, merges } of MODES[name]) {
      const measured = await measureMode(ours, kafka, streams, { name, set, size, merges, options });
      const label2 = [label, sizeLabel(size, options)].filter((part) => part !== '').join(', ') || 'events';
      rows.push(...rowsOf(name, label2, size, measured, options));
    }
    return rows;
  });
}

/** Nothing for the size that is measured by default. */
function sizeLabel({ events, keys, partitions, guarantee }: Size, { quick }: BenchOptions): string {
  const usual = quick ? { events: 100_000, keys: 1_000 } : { events: 2_000_000, keys: 10_000 };
  const parts = [
    events === usual.events ? '' : `${events / 1e6} M events`,
    keys === usual.keys ? '' : `${keys} keys`,
    partitions === 1 ? '' : `${partitions} partitions`,
    guarantee === 'exactly_once_v2' ? '' : 'at least once',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

interface ModeRun {
  readonly name: PipelineName;
  readonly set: EventSet;
  readonly size: Size;
  readonly merges: boolean;
  readonly options: BenchOptions;
}

interface ModeRounds {
  readonly ours: Measured[];
  readonly streams: RivalRound[];
  readonly flink: RivalRound[];
  readonly variant: StreamsVariant;
  readonly refused?: string;
}

async function measureMode(
  ours: Millrace,
  kafka: Broker,
  streams: StreamsRival,
  run: ModeRun,
): Promise<ModeRounds> {
  const { rounds, boundSeconds } = run.options;
  const { name: pipeline, set, merges } = run;
  const guarantee = run.size.guarantee;
  const oursRounds: Measured[] = [];
  const flinkRounds: RivalRound[] = [];
  let refused: string | undefined;
  for (let round = 0; round < rounds; round++) {
    if (refused === undefined) {
      say(`${pipeline} round ${round + 1} of ${rounds}: millrace`);
      try {
        oursRounds.push(await oursRound(ours, run, round === rounds - 1));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refused = error.message;
      }
    }
    say(`${pipeline} round ${round + 1} of ${rounds}: Kafka Streams`);
    await streams.round(set, merges, boundSeconds);
    if (flinkMissing() !== undefined) continue;
    say(`${pipeline} round ${round + 1} of ${rounds}: Flink SQL`);
    const flink = await runFlink(kafka, { pipeline, set, guarantee, merges, boundSeconds });
    await finish(kafka, pipeline, set, flink, 'value', round === 0);
    flinkRounds.push(flink);
  }
  const best = streams.best(merges);
  return {
    ours: oursRounds,
    streams: best.rounds,
    variant: best.variant,
    flink: flinkRounds,
    ...(refused !== undefined ? { refused } : {}),
  };
}

async function oursRound(ours: Millrace, run: ModeRun, isLast: boolean): Promise<Measured> {
  const pipeline = PIPELINES[run.name];
  const { merges, set } = run;
  const measured = await runOurs(ours, pipeline, set, { merges, guarantee: run.size.guarantee });
  if (isLast) await check(ours, run.name, set, pipeline.sink);
  await dropPipeline(ours, pipeline);
  return measured;
}

/** A rival's result is checked when its round was not cut off. */
async function finish(
  kafka: Broker,
  pipeline: PipelineName,
  set: EventSet,
  round: RivalRound,
  windowIn: 'key' | 'value',
  checks: boolean,
): Promise<void> {
  if (checks && round.complete) await check(kafka, pipeline, set, round.topic, windowIn);
  await round.discard();
}

/** Kafka Streams with each of its variants once, then again and again with the one that was fastest. */
class StreamsRival {
  readonly #kafka: Broker;
  readonly #pipeline: PipelineName;
  readonly #size: Size;
  readonly #rounds = new Map<string, { variant: StreamsVariant; merges: boolean; rounds: RivalRound[] }>();

  constructor(kafka: Broker, pipeline: PipelineName, size: Size) {
    this.#kafka = kafka;
    this.#pipeline = pipeline;
    this.#size = size;
  }

  async round(set: EventSet, merges: boolean, boundSeconds: number): Promise<void> {
    const guarantee = this.#size.guarantee;
    const job = { pipeline: this.#pipeline, set, guarantee, merges, boundSeconds };
    const tried = [...this.#rounds.values()].some((entry) => entry.merges === merges);
    const variants = tried ? [this.best(merges).variant] : streamsVariants(this.#pipeline, set, guarantee);
    for (const variant of variants) {
      const round = await runStreams(this.#kafka, job, variant);
      await finish(this.#kafka, this.#pipeline, set, round, 'key', !tried);
      const key = JSON.stringify([variant, merges]);
      const entry = this.#rounds.get(key) ?? { variant, merges, rounds: [] };
      entry.rounds.push(round);
      this.#rounds.set(key, entry);
    }
  }

  best(merges: boolean): { variant: StreamsVariant; rounds: RivalRound[] } {
    const entries = [...this.#rounds.values()].filter((entry) => entry.merges === merges);
    const rate = ({ rounds }: { rounds: RivalRound[] }) => median(rounds.map(({ value }) => value));
    return entries.reduce((best, entry) => (rate(entry) > rate(best) ? entry : best));
  }
}

function rowsOf(
  bench: PipelineName,
  label: string,
  size: Size,
  measured: ModeRounds,
  { boundSeconds }: BenchOptions,
): ResultRow[] {
  const { ours, refused, variant } = measured;
  const common: Settings = {
    events: size.events,
    keys: size.keys,
    partitions: size.partitions,
    guarantee: size.guarantee,
    'commit interval ms': COMMIT_MS,
    'rival cut off after s': boundSeconds,
  };
  const rivals = [
    {
      name: `Kafka Streams ${jarVersion('kafka', 'kafka-streams')}`,
      rounds: measured.streams,
      settings: { threads: variant.threads, 'rival commit interval ms': variant.commitMs },
    },
    {
      name: `Flink SQL ${jarVersion('flink', 'flink-clients')}`,
      rounds: measured.flink,
      settings: { parallelism: 1, state: 'hash map' },
    },
  ];
  return rivals.map(({ name, rounds, settings }) =>
    resultRow({
      bench,
      name: `${label} vs ${name.replace(/ [\d.]+$/, '')}`,
      unit: 'events/s',
      better: 'higher',
      settings: { ...common, ...settings, ...ratesOf(rounds) },
      ours,
      rival: { name, rounds },
      skipped: refused ?? (rounds.length === 0 ? flinkMissing() : undefined),
    }),
  );
}

/** The rival's other two rates: including its warm-up, and including its start. */
function ratesOf(rounds: readonly RivalRound[]): Settings {
  if (rounds.length === 0) return {};
  const of = (pick: (round: RivalRound) => number) => Math.round(median(rounds.map(pick)));
  return {
    'rival with warm-up': of(({ rate }) => rate.fromFirst),
    'rival with start': of(({ rate }) => rate.fromStart),
    'rival complete': rounds.every(({ complete }) => complete),
  };
}
