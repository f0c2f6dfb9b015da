import type { ByteWriter } from '../byte-writer.ts';
import { SerdeError } from '../format.ts';
import type { WireReader } from './wire-reader.ts';
import { writeSint32 } from './wire-writer.ts';

/*
 * Which message of its file a record is: the positions that lead to it, from the outermost inwards, each counted from 0
 * among the messages there. Written as their number and each of them, zigzag varints; a single 0 stands for [0].
 *
 *   [0]     00            the first message
 *   [1]     02 02         the second one
 *   [1, 0]  04 02 00      the first one inside of the second
 */
const DEEPEST = 64;

export function writeMessagePath(path: readonly number[], out: ByteWriter): void {
  if (path.length === 1 && path[0] === 0) {
    out.byte(0);
    return;
  }
  writeSint32(path.length, out);
  for (const index of path) writeSint32(index, out);
}

export function readMessagePath(reader: WireReader): number[] {
  const length = reader.sint32();
  if (length === 0) return [0];
  if (length < 0 || length > DEEPEST)
    throw new SerdeError(`a record of a Protobuf schema begins with a path of ${length} messages`);
  return Array.from({ length }, () => reader.sint32());
}
