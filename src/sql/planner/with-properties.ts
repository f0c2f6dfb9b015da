import type { Expr, Property } from '../ast.ts';
import { exprText } from '../expression-text.ts';
import { SqlError } from '../sql-error.ts';
import { didYouMean } from '../suggest.ts';

const COMMON = [
  'KAFKA_TOPIC',
  'FORMAT',
  'KEY_FORMAT',
  'VALUE_FORMAT',
  'KEY_DELIMITER',
  'VALUE_DELIMITER',
  'PARTITIONS',
  'REPLICAS',
  'RETENTION_MS',
  'WRAP_SINGLE_VALUE',
  'TIMESTAMP',
  'TIMESTAMP_FORMAT',
  'KEY_SCHEMA_ID',
  'VALUE_SCHEMA_ID',
  'KEY_SCHEMA_FULL_NAME',
  'VALUE_SCHEMA_FULL_NAME',
  'VALUE_AVRO_SCHEMA_FULL_NAME',
  'KEY_PROTOBUF_NULLABLE_REPRESENTATION',
  'VALUE_PROTOBUF_NULLABLE_REPRESENTATION',
];
/** Of CREATE STREAM | TABLE alone: what a query makes has the query's window. */
const DECLARED = ['WINDOW_TYPE', 'WINDOW_SIZE'];
const IGNORED = ['CLEANUP_POLICY', 'SOURCED_BY_CONNECTOR'];

/** By what WITH belongs to. */
const ALLOWED = {
  declaration: [...COMMON, ...DECLARED, ...IGNORED],
  query: [...COMMON, ...IGNORED],
  /** ASSERT TOPIC, which looks at no more. */
  topic: ['PARTITIONS', 'REPLICAS'],
} as const satisfies Record<string, readonly string[]>;

/** The WITH clause: names checked, values as the kind that is asked for. */
export class WithProperties {
  readonly #properties = new Map<string, Property>();

  constructor(properties: readonly Property[], of: keyof typeof ALLOWED) {
    const allowed: readonly string[] = ALLOWED[of];
    for (const property of properties) {
      const name = property.name.toUpperCase();
      if (!allowed.includes(name)) {
        throw new SqlError(
          `WITH has no property ${property.name} here.${didYouMean(name, allowed)}`,
          property.line,
          property.column,
        );
      }
      if (this.#properties.has(name)) {
        throw new SqlError(`WITH property ${name} is given twice`, property.line, property.column);
      }
      this.#properties.set(name, property);
    }
  }

  text(name: string): string | undefined {
    const property = this.#properties.get(name);
    if (property === undefined) return undefined;
    const text = literalText(property.value);
    if (text !== undefined) return text;
    throw this.error(name, `must be a string, a number or a boolean, got ${exprText(property.value)}`);
  }

  count(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < 1)
      throw this.error(name, `must be a whole number from 1 on, got ${text}`);
    return value;
  }

  /** REPLICAS; Kafka's -1 leaves the number to the broker. */
  replicas(): number | undefined {
    return this.text('REPLICAS') === '-1' ? undefined : this.count('REPLICAS');
  }

  /** RETENTION_MS; Kafka's -1 is for ever. A topic of a table without windows is compacted, so nothing there grows old. */
  retentionMs(isPlainTable: boolean): number | undefined {
    const text = this.text('RETENTION_MS');
    if (text === undefined) return undefined;
    if (isPlainTable)
      throw this.error(
        'RETENTION_MS',
        'is for streams and windows: a table keeps the last row of each key for ever',
      );
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < -1)
      throw this.error('RETENTION_MS', `must be a number of milliseconds, or -1 for ever, got ${text}`);
    return value;
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined) return undefined;
    if (text !== 'true' && text !== 'false') throw this.error(name, `must be true or false, got ${text}`);
    return text === 'true';
  }

  error(name: string, what: string): SqlError {
    const property = this.#properties.get(name);
    return new SqlError(`WITH property ${name} ${what}`, property?.line, property?.column);
  }
}

/** What a literal, perhaps a negative number, says; undefined of any other expression, and of NULL. */
export function literalText(value: Expr): string | undefined {
  if (value.kind === 'string') return value.value;
  if (value.kind === 'boolean') return String(value.value);
  if (value.kind === 'number') return value.text;
  if (value.kind === 'unary' && value.operand.kind === 'number')
    return `${value.operator}${value.operand.text}`;
  return undefined;
}
