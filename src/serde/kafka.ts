import { Buffer } from 'node:buffer';
import { normalizeLong } from '../data/long.ts';
import type { Column } from '../data/schema.ts';
import type { SqlValue } from '../data/types.ts';
import type { ByteWriter } from './byte-writer.ts';
import { type Decode, type Format, SerdeError, type Write } from './format.ts';
import { textCache } from './text.ts';

/*
 * The serializers of Kafka's own clients; one column, no header:
 *
 *   INTEGER  int32 big-endian     DOUBLE  IEEE 754 binary64 big-endian
 *   BIGINT   int64 big-endian     STRING  UTF-8          BYTES  as they are
 */

type Read = (bytes: Buffer, start: number, end: number) => SqlValue;
type WriteValue = (value: SqlValue, out: ByteWriter) => void;

const TWO_32 = 4294967296;

const readers: Record<string, Read> = {
  INTEGER: (bytes, start, end) => {
    expectLength('INTEGER', 4, end - start);
    return bytes.readInt32BE(start);
  },
  BIGINT: (bytes, start, end) => {
    expectLength('BIGINT', 8, end - start);
    const high = bytes.readInt32BE(start);
    const number = high * TWO_32 + bytes.readUInt32BE(start + 4);
    return Number.isSafeInteger(number) ? number : normalizeLong(bytes.readBigInt64BE(start));
  },
  DOUBLE: (bytes, start, end) => {
    expectLength('DOUBLE', 8, end - start);
    return bytes.readDoubleBE(start);
  },
  STRING: (bytes, start, end) => textCache.decode(bytes, start, end),
  BYTES: (bytes, start, end) => bytes.subarray(start, end),
};

const scratch = Buffer.allocUnsafe(8);

const writers: Record<string, WriteValue> = {
  INTEGER: (value, out) => {
    scratch.writeInt32BE(value as number);
    for (let at = 0; at < 4; at++) out.byte(scratch[at] as number);
  },
  BIGINT: (value, out) => {
    scratch.writeBigInt64BE(BigInt(value as number | bigint));
    out.raw(scratch);
  },
  DOUBLE: (value, out) => {
    scratch.writeDoubleBE(value as number);
    out.raw(scratch);
  },
  STRING: (value, out) => out.text(value as string),
  BYTES: (value, out) => out.raw(value as Uint8Array),
};

export const kafkaFormat: Format = {
  name: 'KAFKA',

  decoder(columns, { used }): Decode {
    const column = onlyColumn(columns);
    if (!column || (used && !used.includes(0))) return () => true;
    const read = readers[column.type.kind] as Read;
    return (bytes, start, end, target, at) => {
      target[at] = read(bytes, start, end);
      return true;
    };
  },

  writer(columns): Write {
    const column = onlyColumn(columns);
    if (!column) return () => false;
    const write = writers[column.type.kind] as WriteValue;
    return (row, from, out) => {
      const value = row[from] as SqlValue;
      if (value !== null) write(value, out);
      return value !== null;
    };
  },
};

function onlyColumn(columns: readonly Column[]): Column | undefined {
  const [column] = columns;
  if (columns.length > 1)
    throw new SerdeError(
      `The KAFKA format holds one column, not ${columns.map(({ name }) => name).join(', ')}`,
    );
  if (column && !(column.type.kind in readers))
    throw new SerdeError(`The KAFKA format cannot hold ${column.name} of type ${column.type.kind}`);
  return column;
}

function expectLength(kind: string, wanted: number, found: number): void {
  if (found !== wanted) throw new SerdeError(`${kind} takes ${wanted} bytes, found ${found}`);
}
