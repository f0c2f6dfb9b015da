import { Buffer } from 'node:buffer';
import type { Random } from '../../base/random.ts';
import type { Column } from '../../data/schema.ts';
import type { SqlValue } from '../../data/types.ts';
import { type Encode, encoderOf, type FormatOptions } from '../../serde/format.ts';
import { format } from '../../serde/formats.ts';
import type { SchemaRegistry } from '../../serde/schema-registry.ts';
import { SettingsError } from '../settings-error.ts';
import { type RowMaker, rowMaker } from './row-maker.ts';

export interface RecordSettings {
  readonly topic: string;
  readonly schemaText: string;
  /** The field that is the record's key too; none: no key. */
  readonly key: string | undefined;
  readonly keyFormat: string;
  readonly keyDelimiter?: string | undefined;
  readonly valueFormat: string;
  readonly valueDelimiter?: string | undefined;
}

export interface MadeRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Both as JSON. */
  text(): string;
}

/** Rows of a schema as the records of a topic. What has a schema is registered under the topic's subjects before. */
export class RecordMaker {
  readonly #rows: RowMaker;
  readonly #keyAt: number;
  readonly #key: Encode | undefined;
  readonly #value: Encode;
  readonly #shown: Encode;

  private constructor(rows: RowMaker, keyAt: number, key: Encode | undefined, value: Encode) {
    this.#rows = rows;
    this.#keyAt = keyAt;
    this.#key = key;
    this.#value = value;
    this.#shown = encoderOf(format('JSON').writer(rows.columns, { part: 'value' }));
  }

  static async open(settings: RecordSettings, registry: SchemaRegistry): Promise<RecordMaker> {
    const rows = rowMaker(settings.schemaText);
    const { columns } = rows;
    const keyAt = columns.findIndex(({ name }) => name.toUpperCase() === settings.key?.toUpperCase());
    if (settings.key !== undefined && keyAt < 0)
      throw new SettingsError(
        `there is no field '${settings.key}' to be the key, only ${columns.map(({ name }) => name).join(', ')}`,
      );
    const encode = (name: string, held: readonly Column[], options: FormatOptions) =>
      encoder({ topic: settings.topic, registry, name, columns: held, options });
    const key =
      keyAt < 0 || settings.keyFormat.toUpperCase() === 'NONE'
        ? undefined
        : await encode(settings.keyFormat, [columns[keyAt]!], delimited('key', settings.keyDelimiter));
    const value = await encode(settings.valueFormat, columns, delimited('value', settings.valueDelimiter));
    return new RecordMaker(rows, keyAt, key, value);
  }

  next(random: Random): MadeRecord {
    const row = this.#rows.next(random);
    return {
      key: this.#key?.([row[this.#keyAt] as SqlValue], 0) ?? null,
      value: this.#value(row, 0),
      text: () => Buffer.from(this.#shown(row, 0) ?? []).toString(),
    };
  }
}

async function encoder(parts: {
  readonly topic: string;
  readonly registry: SchemaRegistry;
  readonly name: string;
  readonly columns: readonly Column[];
  readonly options: FormatOptions;
}): Promise<Encode> {
  const { topic, registry, columns, options } = parts;
  const named = format(parts.name);
  const { translator } = named;
  if (!translator) return encoderOf(named.writer(columns, options));
  const { type } = translator;
  const schema = translator.textOf(columns, options);
  const id = await registry.register(`${topic}-${options.part}`, { type, schema, references: [] });
  return encoderOf(named.writer(columns, { ...options, schema: { id, type, schema, imports: [] } }));
}

function delimited(part: 'key' | 'value', delimiter: string | undefined): FormatOptions {
  if (delimiter === undefined) return { part };
  const named: Readonly<Record<string, string>> = { SPACE: ' ', TAB: '\t' };
  return { part, delimiter: named[delimiter.toUpperCase()] ?? delimiter };
}
