import type { Column } from '../../data/schema.ts';
import type { SqlValue } from '../../data/types.ts';
import type { RecordCursor } from '../../record/record-cursor.ts';
import { type Decode, SerdeError } from '../../serde/format.ts';
import { format } from '../../serde/formats.ts';
import { NO_SCHEMAS, type Schemas } from '../../serde/schemas.ts';
import type { Effects } from '../../sql/functions/scalar.ts';
import type { PseudoColumn, SourceStep } from '../../sql/plan.ts';
import { headerReader, withoutHeaders } from '../header-columns.ts';
import { formatOptions, timestampOfColumn } from '../operators/source.ts';
import { windowedKeyDecoder, withoutBounds } from '../windowed-key.ts';
import { Fragment, type KeyUse, localColumn } from './fragment.ts';
import type { RowCode } from './row-code.ts';
import { SourceColumn } from './source-columns.ts';

/** Takes the record at the cursor, and everything it causes has happened. */
export type ConsumeRecord = (cursor: RecordCursor, partition: number) => void;

/** A record that is left out because its bytes do not fit the schema. */
export type SkipRecord = (step: SourceStep, partition: number, offset: number, error: SerdeError) => void;

export const PSEUDO_COLUMNS: Record<PseudoColumn, string> = {
  ROWTIME: 'timestampMs',
  ROWPARTITION: 'partition',
  ROWOFFSET: 'offset',
};

/**
 * Compiles a stream's source and all steps that follow it into one function over records, in which columns are local
 * variables. The steps are written first: they show which columns have to be decoded.
 *
 *   record --+--> value scanned in place ---------+--> locals --> next
 *            +--> unusual: format's decoder ------+
 *            +--> no value: locals of the key ----------> next.nullRow
 *            +--> does not fit the schema: skip
 */
export function compileSource(
  step: SourceStep,
  next: RowCode,
  effects: Effects,
  skip: SkipRecord,
  schemas: Schemas = NO_SCHEMAS,
): ConsumeRecord {
  return compileKeyedSource(step, next, effects, skip, schemas).consume;
}

/** A source's function, and by which of its columns stores are searched. */
export interface KeyedSource {
  readonly consume: ConsumeRecord;
  readonly keys: readonly (KeyUse & { readonly path: string })[];
}

export function compileKeyedSource(
  step: SourceStep,
  next: RowCode,
  effects: Effects,
  skip: SkipRecord,
  schemas: Schemas,
): KeyedSource {
  const fragment = new Fragment(effects);
  const key = step.schema.key.map((column, index) => new SourceColumn(column, `key${index}`, index));
  const value = step.schema.value.map((column, index) => new SourceColumn(column, `value${index}`, index));
  const pseudo = step.pseudo.map((name) => localColumn(PSEUDO_COLUMNS[name], false));
  const timestamp = timestampCode(step, [...key, ...value], fragment);
  const rest = next.row([...key, ...value, ...pseudo], fragment);
  const nullRest = next.nullRow(key, fragment);

  const skipRecord = fragment.constant((error: unknown, partition: number, offset: number) => {
    if (!(error instanceof SerdeError)) throw error;
    skip(step, partition, offset, error);
  });
  const locals = [...key, ...value].filter(({ isUsed }) => isUsed).flatMap((column) => column.locals());
  const body = `
const b = c.bytes, offset = c.offset;
let timestampMs = c.timestampMs, hasValue = c.valueLength >= 0;
${locals.length > 0 ? `let ${locals.map((name) => `${name} = null`).join(', ')};` : ''}
try {
${decodeKey(step, key, fragment, schemas)}
if (hasValue) {
${decodeValue(step, value, fragment, schemas)}
${readHeaders(step, value, fragment)}}
${timestamp}
} catch (error) { ${skipRecord}(error, partition, offset); return; }
if (hasValue) {
${rest}
} else {
${nullRest}
}`;
  const columns = [...key, ...value];
  const keys = fragment.keyUses.flatMap((use) => {
    const paths = columns.flatMap((column, index) => column.pathTo(use.column, String(index)) ?? []);
    return paths.map((path) => ({ ...use, path }));
  });
  return { consume: fragment.build('c, partition', body), keys };
}

function decodeKey(
  step: SourceStep,
  key: readonly SourceColumn[],
  fragment: Fragment,
  schemas: Schemas,
): string {
  const used = key.filter(({ isUsed }) => isUsed);
  if (used.length === 0) return '';
  const written = withoutBounds(step.schema.key, step.window);
  const decodeWritten: Decode = format(step.keyFormat.name).decoder(written, {
    ...formatOptions(step.keyFormat, 'key'),
    schemas,
    used: used.map(({ index }) => index).filter((index) => index < written.length),
  });
  const decode = step.window ? windowedKeyDecoder(decodeWritten, step.window, written.length) : decodeWritten;
  const row = fragment.local('row');
  return `if (c.keyLength >= 0) {
const ${row} = ${fragment.constant(emptyRow(step.schema.key))}();
${fragment.constant(decode)}(b, c.keyStart, c.keyStart + c.keyLength, ${row}, 0);
${used.map((column) => column.assignWhole(`${row}[${column.index}]`)).join('')}}`;
}

function readHeaders(step: SourceStep, value: readonly SourceColumn[], fragment: Fragment): string {
  const used = value.filter((column, index) => step.schema.value[index]?.fromHeaders && column.isUsed);
  return used
    .map((column) => {
      const read = headerReader(step.schema.value[column.index] as Column);
      return column.assignWhole(`${fragment.constant(read)}(c)`);
    })
    .join('');
}

function decodeValue(
  step: SourceStep,
  all: readonly SourceColumn[],
  fragment: Fragment,
  schemas: Schemas,
): string {
  const written = withoutHeaders(step.schema.value);
  const value = all.slice(0, written.length);
  const { name } = step.valueFormat;
  const options = { ...formatOptions(step.valueFormat, 'value'), schemas };
  const used = value.filter(({ isUsed }) => isUsed);
  const fields = used.map((column) => column.scanField());
  const scan = format(name).scanCode?.(written, options, fields, (_, helper) => fragment.constant(helper));
  const row = fragment.local('row');
  // The scanner leaves out fields inside of structs that nobody reads, and so must the way that reads everything.
  const columns: Column[] = written.map((column, index) => {
    const read = value[index] as SourceColumn;
    return { name: column.name, type: scan !== undefined && read.isUsed ? read.readType : column.type };
  });
  const decode: Decode = format(name).decoder(columns, { ...options, used: used.map(({ index }) => index) });
  const assign = (column: SourceColumn) =>
    scan === undefined
      ? column.assignWhole(`${row}[${column.index}]`)
      : column.assign(`${row}[${column.index}]`);
  const decodeAll = `const ${row} = ${fragment.constant(emptyRow(columns))}();
hasValue = ${fragment.constant(decode)}(b, c.valueStart, e, ${row}, 0);
${used.map(assign).join('')}`;
  const start = 'const e = c.valueStart + c.valueLength;';
  if (scan === undefined) return `${start}\n${decodeAll}`;
  return `${start}
let p = c.valueStart;
${scan}
if (p === e) {
${used.map((column) => column.takeFields()).join('')}} else {
${decodeAll}
}`;
}

function emptyRow(columns: readonly Column[]): () => SqlValue[] {
  const row = new Array<SqlValue>(columns.length).fill(null);
  return () => row.slice();
}

/** A tombstone has no column to take the time from: the record's own time stands. */
function timestampCode(step: SourceStep, columns: readonly SourceColumn[], fragment: Fragment): string {
  const timestamp = timestampOfColumn(step);
  if (!timestamp) return '';
  const column = columns[timestamp.at] as SourceColumn;
  return `if (hasValue) timestampMs = ${fragment.constant(timestamp.read)}(${column.code().js});`;
}
