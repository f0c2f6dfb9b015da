import type { Buffer } from 'node:buffer';
import type { DiskKey } from './disk-map.ts';

/*
 * A key as bytes: a tag, then
 *
 *   LATIN1   a byte a character          NUMBER   a double, big-endian
 *   UTF16    two, so that halves of      BIGINT   its digits
 *            surrogate pairs stay apart  FALSE, TRUE   nothing
 */
const LATIN1 = 1;
const UTF16 = 2;
const NUMBER = 3;
const BIGINT = 4;
const FALSE = 5;
const TRUE = 6;

/** Writes `key` at the beginning of `target`; gives the bytes it takes. */
export function writeDiskKey(key: DiskKey, target: Buffer): number {
  switch (typeof key) {
    case 'string':
      return writeText(key, target);
    case 'number':
      target[0] = NUMBER;
      // A Map finds 0 by -0.
      return target.writeDoubleBE(key + 0, 1);
    case 'bigint':
      target[0] = BIGINT;
      return 1 + target.write(key.toString(), 1, 'latin1');
    case 'boolean':
      target[0] = key ? TRUE : FALSE;
      return 1;
  }
}

export function readDiskKey(source: Buffer): DiskKey {
  switch (source[0]) {
    case LATIN1:
      return source.toString('latin1', 1);
    case UTF16:
      return source.toString('utf16le', 1);
    case NUMBER:
      return source.readDoubleBE(1);
    case BIGINT:
      return BigInt(source.toString('latin1', 1));
    case FALSE:
      return false;
    case TRUE:
      return true;
    default:
      throw new Error(`a key on disk begins with ${source[0]}, which is no tag of this version`);
  }
}

function writeText(text: string, target: Buffer): number {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0xff) {
      target[0] = UTF16;
      return 1 + target.write(text, 1, 'utf16le');
    }
    target[1 + index] = code;
  }
  target[0] = LATIN1;
  return 1 + text.length;
}
