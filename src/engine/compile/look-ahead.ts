import { CorruptRecordError } from '../../record/corrupt-record-error.ts';
import { RecordCursor } from '../../record/record-cursor.ts';
import { NO_SCHEMAS, type Schemas } from '../../serde/schemas.ts';
import type { Effects } from '../../sql/functions/scalar.ts';
import type { SourceStep } from '../../sql/plan.ts';
import { KeyPrefetch, MOST_PREFETCHED } from '../store/key-prefetch.ts';
import type { RowCode } from './row-code.ts';
import { columnAt, NO_EFFECTS } from './shared-source.ts';
import {
  type ConsumeRecord,
  compileKeyedSource,
  compileSource,
  type KeyedSource,
  type SkipRecord,
} from './source-code.ts';

/** Records between two looks at whether there are many keys by now. */
const RECORDS_OF_FEW_KEYS = 4096;

/** As `compileSource`; where many keys are searched, what they will find is prefetched some records ahead. */
export function compileLookingAhead(
  step: SourceStep,
  next: RowCode,
  effects: Effects,
  skip: SkipRecord,
  schemas: Schemas = NO_SCHEMAS,
): ConsumeRecord {
  const source = compileKeyedSource(step, next, effects, skip, schemas);
  const ahead = source.keys.flatMap((use) => keyReader(step, use) ?? []);
  return lookingAhead(source.consume, ahead);
}

/** Adds the keys of the record at a cursor to what is to be prefetched. */
export interface KeyReader {
  readonly prefetch: KeyPrefetch;
  readonly read: (cursor: RecordCursor) => void;
}

/**
 * Runs before `consume`, some records ahead of it in the batch it is in:
 *
 *   records   r0 r1 r2 ... r63 | r64 ...
 *             keys of all are read and prefetched; then each is consumed; then the next
 */
export function lookingAhead(consume: ConsumeRecord, readers: readonly KeyReader[]): ConsumeRecord {
  if (readers.length === 0) return consume;
  const ahead = new RecordCursor();
  /** By partition: how many of its next records have been looked at. */
  const left: number[] = [];
  const look = (cursor: RecordCursor): number => {
    const paying = readers.filter(({ prefetch }) => prefetch.pays);
    if (paying.length === 0) return RECORDS_OF_FEW_KEYS;
    ahead.follow(cursor);
    let count = 0;
    try {
      do for (let index = 0; index < paying.length; index++) (paying[index] as KeyReader).read(ahead);
      while (++count < MOST_PREFETCHED && ahead.next());
    } catch (error) {
      // Whoever consumes the record will meet it too, and knows what to do.
      if (!(error instanceof CorruptRecordError)) throw error;
    }
    for (const { prefetch } of paying) prefetch.run();
    return count;
  };
  return (cursor, partition) => {
    const known = left[partition] ?? 0;
    left[partition] = (known > 0 ? known : look(cursor)) - 1;
    consume(cursor, partition);
  };
}

/** Of records whose key is a text as it stands. */
export function textKeyReader(prefetch: KeyPrefetch): KeyReader {
  return {
    prefetch,
    read: ({ bytes, keyStart, keyLength }) => {
      if (keyLength >= 0) prefetch.addAscii(bytes, keyStart, keyStart + keyLength);
    },
  };
}

/** Undefined where a key cannot be had without decoding all of a record, or before its schema is known. */
function keyReader(
  step: SourceStep,
  { path, keys, stores }: KeyedSource['keys'][number],
): KeyReader | undefined {
  const isOfKey = Number.parseInt(path, 10) < step.schema.key.length;
  const { name } = isOfKey ? step.keyFormat : step.valueFormat;
  if (name !== 'JSON' && name !== 'KAFKA') return undefined;
  const prefetch = new KeyPrefetch(keys, [...stores]);
  const next: RowCode = {
    row(columns, fragment) {
      const column = columnAt(columns, path);
      if (column === undefined) return '';
      const to = fragment.constant(prefetch);
      const plain = column.plainText?.();
      const value = plain?.value ?? column.code().js;
      const add = `if (${value} !== null) ${to}.add(${value});`;
      return plain
        ? `if (${plain.start} !== null) ${to}.addAscii(b, ${plain.start}, ${plain.end});\nelse ${add}`
        : add;
    },
    nullRow: () => '',
  };
  const { timestamp: _, ...untimed } = step;
  return { prefetch, read: asReader(compileSource({ ...untimed, pseudo: [] }, next, NO_EFFECTS, () => {})) };
}

const asReader = (consume: ConsumeRecord) => (cursor: RecordCursor) => consume(cursor, -1);
