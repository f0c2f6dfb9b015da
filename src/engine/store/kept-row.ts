import type { Row } from '../../data/schema.ts';
import type { StoredRow } from '../running-query.ts';
import {
  bytesOfKey,
  bytesOfValues,
  FIELD_BYTES,
  MAP_ENTRY_BYTES,
  NUMBER_BYTES,
  OBJECT_BYTES,
} from './memory-bytes.ts';
import type { Spillable, Spilling } from './spilling-map.ts';
import { writeValue } from './value-bytes.ts';

/** A row of a table that a query keeps. */
export class KeptRow implements StoredRow, Spillable {
  readonly row: Row;
  readonly timestampMs: number;
  mark = 0;

  constructor(row: Row, timestampMs: number) {
    this.row = row;
    this.timestampMs = timestampMs;
  }
}

const ROW_BYTES = MAP_ENTRY_BYTES + OBJECT_BYTES + 3 * FIELD_BYTES + NUMBER_BYTES;

/** Rows are not changed, so they may go at any time. */
export const KEPT_ROWS: Spilling<KeptRow> = {
  mayGo: () => true,
  write: ({ row, timestampMs }, out) => {
    writeValue(timestampMs, out);
    writeValue(row, out);
  },
  read: (from) => {
    const timestampMs = from.next() as number;
    return new KeptRow(from.next() as Row, timestampMs);
  },
  bytesOf: (key, { row }) => ROW_BYTES + bytesOfKey(key) + bytesOfValues(row),
  touch: ({ row }) => (row[row.length - 1] === null ? 1 : 0),
};
