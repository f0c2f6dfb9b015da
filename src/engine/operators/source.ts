import type { Column, Row } from '../../data/schema.ts';
import { parseTimestamp } from '../../data/time.ts';
import type { SqlValue } from '../../data/types.ts';
import type { RecordCursor } from '../../record/record-cursor.ts';
import { type Decode, type FormatOptions, SerdeError } from '../../serde/format.ts';
import { format } from '../../serde/formats.ts';
import { NO_SCHEMAS, type Schemas } from '../../serde/schemas.ts';
import { datePattern } from '../../sql/functions/date-pattern.ts';
import type { FormatSpec, SourceStep } from '../../sql/plan.ts';
import { headerReader, withoutHeaders } from '../header-columns.ts';
import type { RecordFields } from '../store/packed-block.ts';
import { windowedKeyDecoder, withoutBounds } from '../windowed-key.ts';
import { Change } from './change.ts';

/**
 * Turns records of the source's topic into rows: key columns, value columns, pseudo columns. A record that does not
 * fit the schema is a SerdeError; it must be skipped and reported.
 */
export class SourceDecoder {
  readonly step: SourceStep;
  readonly #decodeKey: Decode;
  readonly #decodeValue: Decode;
  readonly #headers: readonly { readonly at: number; readonly read: (cursor: RecordCursor) => SqlValue }[];
  readonly #keyWidth: number;
  readonly #pseudoAt: number;
  readonly #template: readonly SqlValue[];
  readonly #timestampOf: ((row: Row) => number) | undefined;

  constructor(step: SourceStep, schemas: Schemas = NO_SCHEMAS) {
    const { key, value } = step.schema;
    this.step = step;
    this.#keyWidth = key.length;
    this.#pseudoAt = key.length + value.length;
    this.#template = new Array<SqlValue>(this.#pseudoAt + step.pseudo.length).fill(null);
    this.#timestampOf = timestampReader(step);
    const used = withTimestampColumn(step);
    const columns = [...key, ...value];
    this.#headers = used
      .filter((at) => columns[at]?.fromHeaders !== undefined)
      .map((at) => ({ at, read: headerReader(columns[at] as Column) }));
    const written = withoutBounds(key, step.window);
    const decodeKey = format(step.keyFormat.name).decoder(written, {
      ...formatOptions(step.keyFormat, 'key'),
      schemas,
      // A table's rows are kept by their whole key.
      used:
        step.relation === 'TABLE' ? written.map((_, index) => index) : used.filter((at) => at < key.length),
    });
    this.#decodeKey = step.window ? windowedKeyDecoder(decodeKey, step.window, written.length) : decodeKey;
    this.#decodeValue = format(step.valueFormat.name).decoder(withoutHeaders(value), {
      ...formatOptions(step.valueFormat, 'value'),
      schemas,
      used: used.filter((at) => at >= key.length && !columns[at]?.fromHeaders).map((at) => at - key.length),
    });
  }

  /** Of the rows' key columns alone. */
  decodeKey({ bytes, keyStart, keyLength }: RecordFields): Row {
    const key = this.#template.slice(0, this.#keyWidth);
    if (keyLength >= 0) this.#decodeKey(bytes, keyStart, keyStart + keyLength, key, 0);
    return key;
  }

  /** Whether a row follows from key, value, time and offset, without the record's headers. */
  get ignoresHeaders(): boolean {
    return this.#headers.length === 0;
  }

  /** Needs a cursor's record only where headers are read. */
  decode(record: RecordFields, partition: number): Change {
    const { bytes, keyStart, keyLength, valueStart, valueLength, offset } = record;
    const row = this.#template.slice();
    if (keyLength >= 0) this.#decodeKey(bytes, keyStart, keyStart + keyLength, row, 0);
    const hasValue =
      valueLength >= 0 && this.#decodeValue(bytes, valueStart, valueStart + valueLength, row, this.#keyWidth);
    if (hasValue) for (const { at, read } of this.#headers) row[at] = read(record as RecordCursor);
    // A tombstone has no column to take the time from: the record's own time stands.
    const timestampMs =
      this.#timestampOf === undefined || !hasValue ? record.timestampMs : this.#timestampOf(row);
    const { pseudo } = this.step;
    for (let index = 0; index < pseudo.length; index++) {
      const name = pseudo[index];
      row[this.#pseudoAt + index] =
        name === 'ROWTIME' ? timestampMs : name === 'ROWPARTITION' ? partition : offset;
    }
    return new Change(row, hasValue ? row : null, null, timestampMs, partition, offset);
  }
}

export function formatOptions(spec: FormatSpec, part: FormatOptions['part']): FormatOptions {
  return {
    part,
    ...(spec.delimiter !== undefined && { delimiter: spec.delimiter }),
    ...(spec.wrapSingle !== undefined && { wrapSingle: spec.wrapSingle }),
    ...(spec.fullName !== undefined && { fullName: spec.fullName }),
    ...(spec.nullable !== undefined && { nullable: spec.nullable }),
    ...(spec.schema !== undefined && { schema: spec.schema }),
  };
}

function withTimestampColumn({ used, schema, timestamp }: SourceStep): readonly number[] {
  if (!timestamp) return used;
  const at = [...schema.key, ...schema.value].findIndex(({ name }) => name === timestamp.column);
  return used.includes(at) ? used : [...used, at].sort((a, b) => a - b);
}

/** How the TIMESTAMP column of a source or sink gives a record's time; a row without a usable one is an error. */
export function timestampReader(
  step: Pick<SourceStep, 'schema' | 'timestamp'>,
): ((row: Row) => number) | undefined {
  const column = timestampOfColumn(step);
  return column && ((row) => column.read(row[column.at] as SqlValue));
}

/** Where that column stands, and what its value means; throws SerdeError for what is no time. */
export function timestampOfColumn(
  step: Pick<SourceStep, 'schema' | 'timestamp'>,
): { readonly at: number; readonly read: (value: SqlValue) => number } | undefined {
  const { timestamp, schema } = step;
  if (!timestamp) return undefined;
  const parse = textParser(timestamp.format);
  return {
    at: [...schema.key, ...schema.value].findIndex(({ name }) => name === timestamp.column),
    read: (value) => {
      const timestampMs = typeof value === 'string' ? parse(value) : Number(value ?? -1);
      if (!(timestampMs >= 0)) throw new SerdeError(`${timestamp.column} holds no valid timestamp`);
      return timestampMs;
    },
  };
}

/** Text that does not parse is -1. Without a pattern the text is ISO 8601. */
function textParser(pattern: string | undefined): (text: string) => number {
  const compiled = pattern === undefined ? undefined : datePattern(pattern);
  return (text) => {
    try {
      return compiled === undefined ? parseTimestamp(text) : compiled.parse(text, 'UTC');
    } catch {
      return -1;
    }
  };
}
