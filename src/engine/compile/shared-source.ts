import type { SqlValue } from '../../data/types.ts';
import type { EncodedHeaders } from '../../record/batch-builder.ts';
import type { RecordCursor } from '../../record/record-cursor.ts';
import type { Schemas } from '../../serde/schemas.ts';
import type { Code, ColumnCode } from '../../sql/compile/generator.ts';
import type { Effects } from '../../sql/functions/scalar.ts';
import type { PseudoColumn, SourceStep } from '../../sql/plan.ts';
import { Fragment, localColumn } from './fragment.ts';
import { HEADERS, type RowCode } from './row-code.ts';
import { compileSource, PSEUDO_COLUMNS } from './source-code.ts';

/**
 * Where a value stands in a source's rows: a column's position in key and value, then positions of fields inside of it,
 * joined by dots.
 */
export type ColumnPath = string;

/** Records of a chunk, decoded once for several queries: column by column, those somebody asked for. */
export interface DecodedRecords {
  count: number;
  readonly offsets: number[];
  readonly timestampsMs: number[];
  readonly hasValue: boolean[];
  /** Undefined while no record has any. */
  headers: (EncodedHeaders | undefined)[] | undefined;
  readonly columns: readonly SqlValue[][];
}

export interface ChunkDecoder {
  /** How many columns it decodes. */
  readonly width: number;
  /** New columns, and the function that appends the record at a cursor; false: it does not fit the schema. */
  begin(): { readonly records: DecodedRecords; readonly consume: (cursor: RecordCursor) => boolean };
}

/** Compiles the decoder of these columns, for all queries of a source. */
export function compileDecoder(
  step: SourceStep,
  paths: readonly ColumnPath[],
  schemas: Schemas,
): ChunkDecoder {
  const width = paths.length;
  const target = { records: emptyRecords(width), isWhole: true };
  const take =
    (hasValue: boolean) => (offset: number, timestampMs: number, headers: EncodedHeaders | undefined) => {
      const { records } = target;
      records.offsets.push(offset);
      records.timestampsMs.push(timestampMs);
      records.hasValue.push(hasValue);
      if (headers !== undefined) records.headers ??= new Array(records.count);
      records.headers?.push(headers);
      records.count++;
    };
  const collect = (columns: readonly ColumnCode[], fragment: Fragment, hasValue: boolean): string => {
    const all = `${fragment.constant(target)}.records.columns`;
    const pushes = paths.slice(0, width).map((path, index) => {
      const value = columnAt(columns, path)?.code().js ?? 'null';
      return `${all}[${index}].push(${value});`;
    });
    return `${pushes.join('\n')}\n${fragment.constant(take(hasValue))}(offset, timestampMs, ${HEADERS});`;
  };
  const next: RowCode = {
    row: (columns, fragment) => collect(columns, fragment, true),
    nullRow: (key, fragment) => collect(key, fragment, false),
  };
  const skip = () => {
    target.isWhole = false;
  };
  const append = compileSource({ ...step, pseudo: [] }, next, NO_EFFECTS, skip, schemas);
  const consume = (cursor: RecordCursor) => {
    append(cursor, -1);
    return target.isWhole;
  };
  return {
    width,
    begin() {
      target.records = emptyRecords(width);
      target.isWhole = true;
      return { records: target.records, consume };
    },
  };
}

/** Decoding asks neither the clock nor chance. */
export const NO_EFFECTS: Effects = { nowMs: () => 0, random: () => 0 };

function emptyRecords(width: number): DecodedRecords {
  const columns = Array.from({ length: width }, (): SqlValue[] => []);
  return { count: 0, offsets: [], timestampsMs: [], hasValue: [], headers: undefined, columns };
}

export function columnAt(columns: readonly ColumnCode[], path: ColumnPath): ColumnCode | undefined {
  const [first, ...fields] = path.split('.').map(Number) as [number, ...number[]];
  return fields.reduce((column: ColumnCode | undefined, index) => column?.field?.(index), columns[first]);
}

/** What a query does with decoded records `from` .. `to`: it stops before the first, but for one, that is later than `untilMs`. */
export type RunDecoded = (
  records: DecodedRecords,
  columns: readonly (readonly SqlValue[])[],
  from: number,
  to: number,
  untilMs: number,
  reader: { readonly partition: number; position: number },
) => number;

export interface SharedRun {
  /** The columns it wants, in this order. */
  readonly paths: readonly ColumnPath[];
  readonly run: RunDecoded;
}

/** Compiles a source's steps once more, as a loop over decoded records: all that is left of reading is an array access. */
export function compileShared(step: SourceStep, next: RowCode, effects: Effects): SharedRun {
  const fragment = new Fragment(effects);
  const paths: ColumnPath[] = [];
  const widths = [...step.schema.key, ...step.schema.value];
  const columns = widths.map((_, index) => new SharedColumn(String(index), paths));
  const pseudo = step.pseudo.map((name: PseudoColumn) => localColumn(PSEUDO_COLUMNS[name], false));
  const rest = next.row([...columns, ...pseudo], fragment);
  const nullRest = next.nullRow(columns.slice(0, step.schema.key.length), fragment);
  const arrays = paths.map((_, index) => `const a${index} = columns[${index}];`).join('\n');
  const values = paths.map((_, index) => `const v${index} = a${index}[i];`).join('\n');
  const body = `
const { offsets, timestampsMs, hasValue, headers } = records, { partition } = reader;
const c = { headersCount: 0, encodedHeaders: undefined };
${arrays}
let i = from;
for (; i < to; i++) {
const timestampMs = timestampsMs[i], offset = offsets[i];
if (timestampMs > untilMs && i > from) break;
reader.position = offset;
if (headers !== undefined) { const h = headers[i]; c.headersCount = h === undefined ? 0 : 1; c.encodedHeaders = () => h; }
${values}
if (hasValue[i]) {
${rest}
} else {
${nullRest}
}
}
return i;`;
  return { paths, run: fragment.build('records, columns, from, to, untilMs, reader', body) };
}

/** A column, or a field inside of one, of decoded records. */
class SharedColumn implements ColumnCode {
  readonly #path: ColumnPath;
  readonly #paths: ColumnPath[];

  constructor(path: ColumnPath, paths: ColumnPath[]) {
    this.#path = path;
    this.#paths = paths;
  }

  code(): Code {
    const known = this.#paths.indexOf(this.#path);
    const index = known < 0 ? this.#paths.push(this.#path) - 1 : known;
    return { js: `v${index}`, nullable: true, simple: true };
  }

  field(index: number): ColumnCode {
    return new SharedColumn(`${this.#path}.${index}`, this.#paths);
  }
}
