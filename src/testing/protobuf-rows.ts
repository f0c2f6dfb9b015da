// Rows as messages and back, as the tests of PROTOBUF write them.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import type { Column } from '../data/schema.ts';
import type { SqlType, SqlValue } from '../data/types.ts';
import { encoderOf, type FormatOptions } from '../serde/format.ts';
import { format } from '../serde/formats.ts';

export const VALUE = { part: 'value' } as const;
export const INTEGER: SqlType = { kind: 'INTEGER' };
export const BIGINT: SqlType = { kind: 'BIGINT' };
export const STRING: SqlType = { kind: 'STRING' };

export const proto3 = (body: string) => `syntax = "proto3"; ${body}`;

export function column(name: string, type: SqlType): Column {
  return { name, type };
}

export function encode(columns: readonly Column[], row: SqlValue[], options: FormatOptions = VALUE): Buffer {
  const bytes = encoderOf(format('PROTOBUF_NOSR').writer(columns, options))(row, 0);
  assert.ok(bytes);
  return Buffer.from(bytes);
}

export function decode(
  columns: readonly Column[],
  bytes: Buffer,
  options: FormatOptions = VALUE,
): SqlValue[] {
  const target: SqlValue[] = columns.map(() => null);
  assert.ok(format('PROTOBUF_NOSR').decoder(columns, options)(bytes, 0, bytes.length, target, 0));
  return target;
}
