import { type Clock, sleep } from '../../base/clock.ts';
import { type Random, randomInt } from '../../base/random.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import type { SchemaRegistry } from '../../serde/schema-registry.ts';
import type { DatagenSettings } from './datagen-settings.ts';
import { RecordMaker } from './record-maker.ts';
import { type KeyedRecord, TopicProducer } from './topic-producer.ts';

export interface DatagenParts {
  readonly registry: SchemaRegistry;
  readonly clock: Clock;
  readonly random: Random;
  readonly write: (line: string) => void;
  /** Aborted when enough is made, whatever was asked for. */
  readonly stopping?: AbortSignal;
}

/** What goes to the broker at once where nothing holds the generator back. */
const BATCH_RECORDS = 500;
/** A rate is kept over stretches of this length, not from record to record. */
const PACE_MS = 10;

/** Makes records until each thread has made its number of them, or is stopped. Resolves with how many there are. */
export async function datagen(settings: DatagenSettings, parts: DatagenParts): Promise<number> {
  const seed = settings.seed ?? randomInt(parts.random, 2 ** 32);
  const threads = Array.from({ length: settings.threads }, (_, index) =>
    generate(settings, parts, new SeededRandom(seed + index)),
  );
  const made = await Promise.all(threads);
  return made.reduce((sum, count) => sum + count, 0);
}

/** One thread; the records it has made are acknowledged. */
async function generate(settings: DatagenSettings, parts: DatagenParts, random: Random): Promise<number> {
  const { topic, bootstrap, security, iterations, printRows } = settings;
  const { clock, stopping } = parts;
  const maker = await RecordMaker.open(settings, parts.registry);
  const producer = await TopicProducer.open({ topic, bootstrap, security, clock });
  try {
    const due = pace(settings, clock, random);
    let made = 0;
    while (made < iterations && !stopping?.aborted) {
      const count = Math.min(await due(made), iterations - made);
      const records: KeyedRecord[] = [];
      for (; records.length < count; made++) {
        const record = maker.next(random);
        if (printRows) parts.write(record.text());
        records.push({ ...record, timestampMs: clock.nowMs() });
      }
      await producer.send(records);
    }
    return made;
  } finally {
    producer.close();
  }
}

/** Waits until records are due after so many, and says how many. */
function pace(settings: DatagenSettings, clock: Clock, random: Random): (made: number) => Promise<number> {
  const { msgRate, maxIntervalMs, threads } = settings;
  if (msgRate !== undefined) {
    const perMs = msgRate / threads / 1_000;
    const startMs = clock.monotonicMs();
    return async (made) => {
      // The first one is due at once.
      const dueMs = startMs + made / perMs;
      const waitMs = dueMs - clock.monotonicMs();
      if (waitMs > 0) await sleep(clock, Math.max(waitMs, PACE_MS));
      const total = 1 + Math.floor((clock.monotonicMs() - startMs) * perMs);
      return Math.min(BATCH_RECORDS, Math.max(1, total - made));
    };
  }
  if (maxIntervalMs === undefined) return async () => BATCH_RECORDS;
  return async () => {
    await sleep(clock, random.next() * maxIntervalMs);
    return 1;
  };
}
