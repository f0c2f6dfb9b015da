import type { Column } from '../data/schema.ts';
import { readInt64Saturated } from '../record/int64.ts';
import { type Decode, SerdeError, type Write } from '../serde/format.ts';
import type { KeyWindow } from '../sql/plan.ts';

/*
 * A windowed key as Kafka Streams writes it: the key's own bytes, then
 *
 *   time windows      start int64             the end is start + size, which the reader must know
 *   sessions          end int64, start int64
 *
 * in milliseconds, big-endian. A row has both bounds behind its key columns: [k ..., WINDOWSTART, WINDOWEND].
 */
const BOUNDS = 2;

export function windowBytes(window: KeyWindow | undefined): number {
  if (window === undefined) return 0;
  return window.type === 'SESSION' ? 16 : 8;
}

/** `write` writes the key columns without the bounds, `width` of them. */
export function windowedKeyWriter(write: Write, window: KeyWindow, width: number): Write {
  const isSession = window.type === 'SESSION';
  return (row, from, out) => {
    const startMs = row[from + width] as number | null;
    // A record that came without a key goes on without one.
    if (startMs === null) return false;
    write(row, from, out);
    if (isSession) out.int64(row[from + width + 1] as number);
    out.int64(startMs);
    return true;
  };
}

/** The same for rows that are read: the key columns, then the bounds. */
export function windowedKeyDecoder(decode: Decode, window: KeyWindow, width: number): Decode {
  const size = windowBytes(window);
  return (bytes, start, end, target, at) => {
    if (end - start < size)
      throw new SerdeError(`a key of ${end - start} bytes has no room for its window, which takes ${size}`);
    const isPresent = decode(bytes, start, end - size, target, at);
    const startMs = readInt64Saturated(bytes, end - 8);
    target[at + width] = startMs;
    target[at + width + 1] =
      window.type === 'SESSION' ? readInt64Saturated(bytes, end - size) : startMs + (window.sizeMs ?? 0);
    return isPresent;
  };
}

/** The columns of a key that are written by its format. */
export function withoutBounds(key: readonly Column[], window: KeyWindow | undefined): readonly Column[] {
  return window === undefined ? key : key.slice(0, -BOUNDS);
}
