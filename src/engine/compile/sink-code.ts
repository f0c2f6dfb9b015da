import type { Buffer } from 'node:buffer';
import type { FieldCode } from '../../serde/json-writer.ts';
import type { ColumnCode } from '../../sql/compile/generator.ts';
import type { StreamSink } from '../operators/stream-sink.ts';
import { type Fragment, valuesOf } from './fragment.ts';
import { HEADERS, type RowCode } from './row-code.ts';

/**
 * Writes rows to the sink's topic.
 *
 *   columns --+--> the value's bytes, written by code of the sink's format; a text that only passes is copied as it stands
 *             +--> somebody wants the rows too, or the format has no such code: a row, and its writer
 *
 * `copiesTexts` false: every text is made and written anew, which nobody must be able to tell.
 */
export function sinkCode(sink: StreamSink, copiesTexts: boolean): RowCode {
  const { writer } = sink;
  return {
    row(columns, fragment) {
      const keyColumns = columns.slice(0, writer.keyWidth);
      const values = columns.slice(writer.keyWidth).map((column) => fieldCode(column, copiesTexts));
      const write = writer.valueCode(values, (value) => fragment.constant(value));
      if (write === undefined) return rowCode(valuesOf(columns), fragment);
      const key = valuesOf(keyColumns);
      const row = [...(key === '' ? [] : [key]), ...values.map((field) => passedValue(field, fragment))];
      const to = fragment.constant(writer);
      return `if (${to}.wantsRows()) {
${rowCode(row.join(', '), fragment)}
} else {
const out = ${to}.begin();
${write}
${to}.finish([${key}], timestampMs, ${HEADERS});
}`;
    },
    nullRow: (key, fragment) =>
      `${fragment.constant(writer)}.write([${valuesOf(key)}], null, timestampMs, partition, offset, ${HEADERS});`,
  };

  function rowCode(values: string, fragment: Fragment): string {
    const row = fragment.local('row');
    return `const ${row} = [${values}];
${fragment.constant(writer)}.write(${row}, ${row}, timestampMs, partition, offset, ${HEADERS});`;
  }
}

function fieldCode(column: ColumnCode, copiesTexts: boolean): FieldCode {
  const plain = copiesTexts ? column.plainText?.() : undefined;
  if (plain === undefined) return { value: column.code().js };
  return { value: plain.value, place: { start: plain.start, end: plain.end } };
}

/** The value itself, also of a text that was left where it stands. */
function passedValue({ value, place }: FieldCode, fragment: Fragment): string {
  if (place === undefined) return value;
  return `(${place.start} === null ? ${value} : ${fragment.constant(asciiAt)}(b, ${place.start}, ${place.end}))`;
}

function asciiAt(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end);
}
