import type { Buffer } from 'node:buffer';

const SLOTS = 16_384;
const LONGEST_CACHED = 32;

/**
 * Makes strings of bytes. Short ASCII texts (user names, codes, keys) come again and again in a topic: a direct-mapped
 * table gives the string made before, which saves the allocation and lets Map lookups compare pointers.
 *
 *   bytes --FNV-1a--> slot --same characters?--> the string that is there
 *                                  +--no--> a new string, which takes the slot
 */
export class TextCache {
  readonly #slots: string[] = new Array<string>(SLOTS).fill('');

  decode(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length > LONGEST_CACHED) return bytes.toString('utf8', start, end);
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte >= 0x80) return bytes.toString('utf8', start, end);
      hash = Math.imul(hash ^ byte, 0x01000193);
    }
    return this.ascii(bytes, start, end, hash);
  }

  /** As `decode` for bytes known to be ASCII whose {@link TextCache} hash the caller has computed on its way. */
  ascii(bytes: Buffer, start: number, end: number, hash: number): string {
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const known = this.#slots[slot] as string;
    const length = end - start;
    if (known.length === length) {
      let at = 0;
      while (at < length && known.charCodeAt(at) === bytes[start + at]) at++;
      if (at === length) return known;
    }
    const text = bytes.toString('latin1', start, end);
    this.#slots[slot] = text;
    return text;
  }
}

/** One for the process: it holds at most 16,384 strings of at most 32 characters. */
export const textCache = new TextCache();
