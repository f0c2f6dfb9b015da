import { Buffer } from 'node:buffer';
import type { RecordCursor } from '../../record/record-cursor.ts';

/** What a decoder looks at: a record in its batch, or one that was packed. */
export type RecordFields = Pick<
  RecordCursor,
  'bytes' | 'offset' | 'timestampMs' | 'keyStart' | 'keyLength' | 'valueStart' | 'valueLength'
>;

/** Records begin at multiples of it. */
export const UNIT_BYTES = 8;
const HEADER_BYTES = 32;
/** In place of the partition. */
const DEAD = -1;
const EMPTY = Buffer.alloc(0);

/** A record where it lies; its bytes are never changed. */
export class PackedRecord implements RecordFields {
  bytes: Buffer = EMPTY;
  partition = 0;
  offset = 0;
  timestampMs = 0;
  keyStart = 0;
  keyLength = 0;
  valueStart = 0;
  valueLength = 0;
}

/** In a block, of a record with a value. */
export function packedBytes({ keyStart, valueStart, valueLength }: RecordFields): number {
  return alignedBytes(valueStart - keyStart + valueLength);
}

function alignedBytes(contentBytes: number): number {
  return HEADER_BYTES + Math.ceil(contentBytes / UNIT_BYTES) * UNIT_BYTES;
}

/**
 * Records side by side, each written once:
 *
 *   at  0  4  partition, -1: dead      16  8  offset                        32  key, a gap, value,
 *       4  4  key's length             24  4  where the value begins            up to a multiple of 8
 *       8  8  timestamp                28  4  value's length
 */
export class PackedBlock {
  readonly bytes: Buffer;
  readonly view: DataView<ArrayBuffer>;
  usedBytes = 0;
  /** Living ones. */
  records = 0;

  constructor(bytes: number) {
    // Of memory of its own: what is made of a record may be a view that keeps it.
    this.bytes = Buffer.allocUnsafeSlow(bytes);
    this.view = new DataView(this.bytes.buffer as ArrayBuffer);
  }

  append(record: RecordFields, partition: number): void {
    const { view, usedBytes: start } = this;
    const { keyStart, valueStart, valueLength } = record;
    view.setInt32(start, partition);
    view.setInt32(start + 4, record.keyLength);
    view.setFloat64(start + 8, record.timestampMs);
    view.setFloat64(start + 16, record.offset);
    view.setInt32(start + 24, valueStart - keyStart);
    view.setInt32(start + 28, valueLength);
    record.bytes.copy(this.bytes, start + HEADER_BYTES, keyStart, valueStart + valueLength);
    this.usedBytes += this.bytesAt(start);
    this.records++;
  }

  read(start: number, into: PackedRecord): PackedRecord {
    const { view } = this;
    into.bytes = this.bytes;
    into.partition = view.getInt32(start);
    into.keyLength = view.getInt32(start + 4);
    into.timestampMs = view.getFloat64(start + 8);
    into.offset = view.getFloat64(start + 16);
    into.keyStart = start + HEADER_BYTES;
    into.valueStart = into.keyStart + view.getInt32(start + 24);
    into.valueLength = view.getInt32(start + 28);
    return into;
  }

  kill(start: number): void {
    this.view.setInt32(start, DEAD);
    this.records--;
  }

  /** Where the next living record begins; -1: there is none. */
  nextLiving(from: number): number {
    if (this.records === 0) return -1;
    for (let at = from; at < this.usedBytes; at += this.bytesAt(at))
      if (this.view.getInt32(at) !== DEAD) return at;
    return -1;
  }

  bytesAt(start: number): number {
    return alignedBytes(this.view.getInt32(start + 24) + this.view.getInt32(start + 28));
  }
}
