// The rivals of one pipeline in one mode: each runs a round when told to, and says in the end which rounds count.
import { flinkMissing } from './bench.ts';
import type { Broker } from './brokers.ts';
import { jarVersion } from './java.ts';
import { check } from './pipelines.ts';
import type { Settings } from './results.ts';
import { median } from './statistics.ts';
import {
  type RivalJob,
  type RivalRound,
  runFlink,
  runStreams,
  type StreamsVariant,
} from './stream-rivals.ts';

export interface Contender {
  readonly name: string;
  readonly version: string;
  round(): Promise<void>;
  /** The rounds that count, none before the first. */
  rounds(): readonly RivalRound[];
  settings(): Settings;
}

/** Kafka Streams with each of its variants once, then again and again with the one that was fastest. */
export class StreamsContender implements Contender {
  readonly name = 'Kafka Streams';
  readonly version = jarVersion('kafka', 'kafka-streams');
  readonly #kafka: Broker;
  readonly #job: RivalJob;
  readonly #variants: readonly StreamsVariant[];
  readonly #tried: { variant: StreamsVariant; rounds: RivalRound[] }[] = [];

  constructor(kafka: Broker, job: RivalJob, variants: readonly StreamsVariant[]) {
    this.#kafka = kafka;
    this.#job = job;
    this.#variants = variants;
  }

  /** The fastest so far; all of them before the first round. */
  get variants(): readonly StreamsVariant[] {
    const best = this.#best();
    return best ? [best.variant] : this.#variants;
  }

  async round(): Promise<void> {
    const best = this.#best();
    if (best !== undefined) {
      best.rounds.push(await this.#run(best.variant, false));
      return;
    }
    for (const variant of this.#variants) {
      this.#tried.push({ variant, rounds: [await this.#run(variant, true)] });
    }
  }

  rounds(): readonly RivalRound[] {
    return this.#best()?.rounds ?? [];
  }

  settings(): Settings {
    const variant = this.#best()?.variant;
    return variant ? { threads: variant.threads, 'rival commit interval ms': variant.commitMs } : {};
  }

  #best() {
    const rate = ({ rounds }: { rounds: RivalRound[] }) => median(rounds.map(({ value }) => value));
    return this.#tried.toSorted((a, b) => rate(b) - rate(a))[0];
  }

  async #run(variant: StreamsVariant, checks: boolean): Promise<RivalRound> {
    const round = await runStreams(this.#kafka, this.#job, variant);
    return finished(this.#kafka, this.#job, round, checks ? 'key' : undefined);
  }
}

export class FlinkContender implements Contender {
  readonly name = 'Flink SQL';
  readonly version = jarVersion('flink', 'flink-clients');
  readonly #kafka: Broker;
  readonly #job: RivalJob;
  readonly #rounds: RivalRound[] = [];

  constructor(kafka: Broker, job: RivalJob) {
    this.#kafka = kafka;
    this.#job = job;
  }

  async round(): Promise<void> {
    const missing = flinkMissing();
    if (missing !== undefined) throw new Error(missing);
    const round = await runFlink(this.#kafka, this.#job);
    const checks = this.#rounds.length === 0;
    this.#rounds.push(await finished(this.#kafka, this.#job, round, checks ? 'value' : undefined));
  }

  rounds(): readonly RivalRound[] {
    return this.#rounds;
  }

  settings(): Settings {
    return { parallelism: 1, state: 'hash map' };
  }
}

/** Checks what the rival wrote where asked to, unless it was cut off, and throws it away. */
async function finished(
  kafka: Broker,
  { pipeline, set }: RivalJob,
  round: RivalRound,
  windowIn: 'key' | 'value' | undefined,
): Promise<RivalRound> {
  if (windowIn !== undefined && round.complete) await check(kafka, pipeline, set, round.topic, windowIn);
  await round.discard();
  return round;
}
