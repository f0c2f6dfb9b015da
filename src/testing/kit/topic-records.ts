import { Buffer } from 'node:buffer';
import { SourceDecoder } from '../../engine/operators/source.ts';
import { readCommitted } from '../../engine/read-committed.ts';
import { SchemaGate } from '../../engine/schema-gate.ts';
import { type PlainRow, toObjects } from '../../engine/service/row-objects.ts';
import type { RecordCursor, RecordHeader } from '../../record/record-cursor.ts';
import { SerdeError } from '../../serde/format.ts';
import type { Schemas } from '../../serde/schemas.ts';
import type { Source } from '../../sql/catalog.ts';
import type { SourceStep } from '../../sql/plan.ts';
import { rowSchema } from '../../sql/planner/window.ts';
import type { Topics } from '../../topics/topics.ts';

/** A record as it lies in a topic. */
export interface RawRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly headers: readonly RecordHeader[];
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** A record by the columns of its stream or table; a windowed key has WINDOWSTART and WINDOWEND too. */
export interface TestRecord extends Omit<RawRecord, 'key' | 'value'> {
  /** null: the record has no key, or the stream no key column. */
  readonly key: PlainRow | null;
  /** null: a tombstone, or it could not be read. */
  readonly value: PlainRow | null;
  /** Why the record does not fit the columns. */
  readonly error?: string;
}

/** What a `read_committed` consumer sees: partition by partition, in the order of offsets. */
export async function rawRecords(topics: Topics, topic: string): Promise<RawRecord[]> {
  return readAll(topics, topic, rawRecord);
}

/** Decodes a source's records as queries do, their time apart; the row's columns are those of `rowSchema`. */
export function recordDecoder(source: Source, schemas: Schemas): SourceDecoder {
  const { name, relation, topic, keyFormat, valueFormat, window } = source;
  const schema = rowSchema(source.schema, window);
  const step: SourceStep = {
    step: 'sourceV1',
    id: 'Source',
    source: name,
    ...{ relation, schema, topic, keyFormat, valueFormat },
    used: [...schema.key, ...schema.value].map((_, position) => position),
    pseudo: [],
    ...(window && { window }),
  };
  return new SourceDecoder(step, schemas);
}

/** The records of a source's topic, decoded as its queries do. */
export async function sourceRecords(topics: Topics, source: Source, schemas: Schemas): Promise<TestRecord[]> {
  const schema = rowSchema(source.schema, source.window);
  const decoder = recordDecoder(source, schemas);
  const gate = SchemaGate.of([source], schemas);
  const toKey = toObjects({ columns: schema.key });
  const toValue = toObjects({ columns: schema.value });
  const width = schema.key.length;
  const decode = (cursor: RecordCursor, partition: number): TestRecord => {
    const { key, value, ...place } = rawRecord(cursor, partition);
    try {
      const change = decoder.decode(cursor, partition);
      const row = change.key;
      return {
        ...place,
        key: key === null || width === 0 ? null : toKey({ values: row.slice(0, width), tombstone: false }),
        value: value === null ? null : toValue({ values: row.slice(width), tombstone: false }),
      };
    } catch (error) {
      if (!(error instanceof SerdeError)) throw error;
      return { ...place, key: null, value: null, error: error.message };
    }
  };
  return readAll(topics, source.topic, decode, gate);
}

async function readAll<Record>(
  topics: Topics,
  topic: string,
  convert: (cursor: RecordCursor, partition: number) => Record,
  gate?: SchemaGate,
): Promise<Record[]> {
  const [description] = await topics.describe([topic]);
  if (!description) throw new RangeError(`There is no topic ${topic}.`);
  const records: Record[] = [];
  for (let partition = 0; partition < description.partitionCount; partition++) {
    const { logStartOffset, lastStableOffset } = await topics.offsets({ topic, partition });
    await readCommitted(topics, { topic, partition }, logStartOffset, lastStableOffset, async (cursor) => {
      await gate?.fetch(cursor);
      records.push(convert(cursor, partition));
    });
  }
  return records;
}

/** A copy: the cursor's bytes are used again. */
function rawRecord(cursor: RecordCursor, partition: number): RawRecord {
  const { offset, timestampMs } = cursor;
  const copy = (bytes: Buffer | null) => bytes && (Buffer.from(bytes) as Buffer);
  return {
    partition,
    offset,
    timestampMs,
    headers: cursor.headers().map((header) => ({ key: header.key, value: copy(header.value) })),
    key: copy(cursor.key()),
    value: copy(cursor.value()),
  };
}

/** A table from its records: the last row of each key, in the order in which keys came. */
export function foldTable(records: readonly TestRecord[]): PlainRow[] {
  const rows = new Map<string, PlainRow>();
  for (const { key, value, error } of records) {
    if (key === null || error !== undefined) continue;
    const id = JSON.stringify(key, (_, part) => (typeof part === 'bigint' ? `${part}n` : part));
    if (value === null) rows.delete(id);
    else rows.set(id, { ...key, ...value });
  }
  return [...rows.values()];
}
