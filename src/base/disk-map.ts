/** As a Map compares them; `-0` is `0`. */
export type DiskKey = string | number | bigint | boolean;

/**
 * A map from keys to bytes that lies in a file, read and written synchronously. It is a cache: nothing is synced, the
 * file begins empty each time and is gone after `close`. Two implementations: lmdb and, for tests, one in memory.
 */
export interface DiskMap {
  /** The bytes are to be used before the next call. */
  get(key: DiskKey): Uint8Array | undefined;
  /** All or nothing: first the removals, then the puts. Keys must be `fitsOnDisk`. */
  write(puts: Iterable<readonly [DiskKey, Uint8Array]>, removals: Iterable<DiskKey>): void;
  /** Everything, in no promised order, as it was at the first step. Each entry is to be used before the next step. */
  entries(): Iterable<readonly [DiskKey, Uint8Array]>;
  /** Removes the file too. */
  close(): void;
}

export type OpenDiskMap = (path: string) => DiskMap;

/** lmdb takes 1978 bytes with its pages of 4 KiB; a character may need two. */
const MOST_KEY_CHARACTERS = 960;

export function fitsOnDisk(key: DiskKey): boolean {
  switch (typeof key) {
    case 'string':
      return key.length <= MOST_KEY_CHARACTERS;
    case 'bigint':
      return key.toString().length <= MOST_KEY_CHARACTERS;
    default:
      return true;
  }
}
