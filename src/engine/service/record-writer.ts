import type { Buffer } from 'node:buffer';
import type { Clock } from '../../base/clock.ts';
import { type Random, randomInt } from '../../base/random.ts';
import type { Row } from '../../data/schema.ts';
import { BatchBuilder, type HeaderToWrite } from '../../record/batch-builder.ts';
import { type Encode, encoderOf } from '../../serde/format.ts';
import { format } from '../../serde/formats.ts';
import type { Source } from '../../sql/catalog.ts';
import type { Topics } from '../../topics/topics.ts';
import { partitionOfKey } from '../murmur2.ts';
import { formatOptions } from '../operators/source.ts';
import { BAD_STATEMENT, KsqlError } from './ksql-error.ts';
import type { TopicSchemas } from './topic-schemas.ts';

const STICKY_RECORDS = 500;

/** KIP-480: records without a key stay on one partition while its appends share a sync, then move on. */
interface StickyPartition {
  readonly partition: number;
  inFlight: number;
  records: number;
}

interface Encoders {
  readonly key: Encode | undefined;
  readonly value: Encode | undefined;
}

/** What INSERT VALUES cannot say of a record. */
export interface RecordExtras {
  readonly headers?: readonly HeaderToWrite[] | undefined;
  /** Only the key is written: on a table, the row is deleted. */
  readonly isTombstone?: boolean | undefined;
}

/** Rows given by hand (INSERT VALUES, /inserts-stream) as records of the target's topic. */
export class RecordWriter {
  readonly #topics: Topics;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #schemas: TopicSchemas;
  /** Each waits for them in the same way, so that rows keep their order. */
  readonly #encoders = new WeakMap<Source, Promise<Encoders>>();
  readonly #sticky = new Map<string, StickyPartition>();

  constructor(parts: {
    readonly topics: Topics;
    readonly clock: Clock;
    readonly random: Random;
    readonly schemas: TopicSchemas;
  }) {
    this.#topics = parts.topics;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#schemas = parts.schemas;
  }

  /** `row`: the target's key columns, then its value columns. Durable when resolved. */
  async write(
    target: Source,
    row: Row,
    timestampMs = this.#clock.nowMs(),
    { headers, isTombstone = false }: RecordExtras = {},
  ): Promise<void> {
    if (target.schema.value.some(({ fromHeaders }) => fromHeaders))
      throw new KsqlError(
        BAD_STATEMENT,
        `${target.name} has header columns, which can only be read, so it takes no rows.`,
      );
    if (target.readOnly)
      throw new KsqlError(BAD_STATEMENT, `${target.name} is read-only, so it takes no rows.`);
    if (target.window)
      throw new KsqlError(
        BAD_STATEMENT,
        `The ${target.relation.toLowerCase()} ${target.name} has windows: a row of it is what a window's rows come to, so it takes none.`,
      );
    const encoders = await this.#encodersOf(target);
    const keyLength = target.schema.key.length;
    const hasKey = row.slice(0, keyLength).some((value) => value !== null);
    if (target.relation === 'TABLE' && row.slice(0, keyLength).includes(null))
      throw new KsqlError(BAD_STATEMENT, `A row of table ${target.name} needs its whole primary key.`);
    const key = hasKey ? (encoders.key?.(row, 0) ?? null) : null;
    const value = isTombstone ? null : (encoders.value?.(row, keyLength) ?? null);
    const count = await this.#partitionCount(target.topic);
    const builder = new BatchBuilder();
    builder.append(timestampMs, key, value, headers);
    const batch: Buffer = builder.build();
    if (key === null) await this.#appendKeyless(target.topic, count, batch);
    else await this.#topics.append({ topic: target.topic, partition: partitionOfKey(key, count), batch });
  }

  /** All rows wait for the same promise: one that finds it kept must not overtake those that waited for it. */
  #encodersOf(target: Source): Promise<Encoders> {
    const known = this.#encoders.get(target);
    if (known) return known;
    const made = this.#makeEncoders(target);
    this.#encoders.set(target, made);
    made.catch(() => this.#encoders.delete(target));
    return made;
  }

  async #makeEncoders(target: Source): Promise<Encoders> {
    const { keyFormat, valueFormat } = await this.#schemas.toWrite(target);
    return {
      key: encoder(keyFormat, target.schema.key, 'key'),
      value: encoder(valueFormat, target.schema.value, 'value'),
    };
  }

  async #appendKeyless(topic: string, partitionCount: number, batch: Buffer): Promise<void> {
    let sticky = this.#sticky.get(topic);
    if (!sticky || sticky.inFlight === 0 || sticky.records >= STICKY_RECORDS) {
      sticky = { partition: randomInt(this.#random, partitionCount), inFlight: 0, records: 0 };
      this.#sticky.set(topic, sticky);
    }
    sticky.inFlight += 1;
    sticky.records += 1;
    try {
      await this.#topics.append({ topic, partition: sticky.partition, batch });
    } finally {
      sticky.inFlight -= 1;
    }
  }

  async #partitionCount(topic: string): Promise<number> {
    const [description] = await this.#topics.describe([topic]);
    if (!description) throw new KsqlError(BAD_STATEMENT, `Topic '${topic}' does not exist.`);
    return description.partitionCount;
  }
}

function encoder(
  spec: Source['keyFormat'],
  columns: Source['schema']['key'],
  part: 'key' | 'value',
): Encode | undefined {
  if (columns.length === 0) return undefined;
  return encoderOf(format(spec.name).writer(columns, formatOptions(spec, part)));
}

/** Throws a KsqlError where the server's settings forbid rows given by hand. */
export function checkInsertsEnabled(serverProperties: Readonly<Record<string, string>>): void {
  if (serverProperties['ksql.insert.into.values.enabled']?.toLowerCase() === 'false')
    throw new KsqlError(
      BAD_STATEMENT,
      'This server takes no rows by INSERT VALUES: ksql.insert.into.values.enabled is false.',
    );
}
