import { Buffer } from 'node:buffer';
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { Database } from 'lmdb';
import { readDiskKey, writeDiskKey } from './disk-key.ts';
import type { DiskKey, DiskMap } from './disk-map.ts';

const keyBytes = Buffer.alloc(2048);
const require = createRequire(import.meta.url);

/**
 * A DiskMap in an lmdb file of its own. lmdb is read when the first one is opened: a server that keeps its state in
 * memory never pays for it. Written through file writes and not through the memory map (`useWritemap`), which would be
 * faster: a full disk is then an error that can be handled, and not a SIGBUS.
 */
export function openLmdbDiskMap(path: string): DiskMap {
  remove(path);
  mkdirSync(dirname(path), { recursive: true });
  const { open } = require('lmdb') as typeof import('lmdb');
  const database = open<Buffer, Buffer>({
    path,
    noSubdir: true,
    encoding: 'binary',
    keyEncoding: 'binary',
    noSync: true,
    noMetaSync: true,
    noMemInit: true,
    noReadAhead: true,
    maxDbs: 1,
    eventTurnBatching: false,
  } as Parameters<typeof open>[0]) as Database<Buffer, Buffer>;
  return new LmdbDiskMap(path, database);
}

class LmdbDiskMap implements DiskMap {
  readonly #path: string;
  readonly #database: Database<Buffer, Buffer>;

  constructor(path: string, database: Database<Buffer, Buffer>) {
    this.#path = path;
    this.#database = database;
  }

  get(key: DiskKey): Uint8Array | undefined {
    return this.#database.getBinary(encoded(key));
  }

  write(puts: Iterable<readonly [DiskKey, Uint8Array]>, removals: Iterable<DiskKey>): void {
    const database = this.#database;
    database.transactionSync(() => {
      for (const key of removals) database.removeSync(encoded(key));
      for (const [key, bytes] of puts) database.putSync(encoded(key), bytes as Buffer);
    });
    // Else what is read until the end of the turn is what was there before.
    database.resetReadTxn();
  }

  *entries(): Iterable<readonly [DiskKey, Uint8Array]> {
    for (const { key, value } of this.#database.getRange({})) yield [readDiskKey(Buffer.from(key)), value];
  }

  close(): void {
    // There is never an asynchronous write to wait for, so it has closed when the call returns.
    void this.#database.close();
    remove(this.#path);
  }
}

/** Copied by whoever gets it, before the next one. */
function encoded(key: DiskKey): Buffer {
  return keyBytes.subarray(0, writeDiskKey(key, keyBytes));
}

function remove(path: string): void {
  rmSync(path, { force: true });
  rmSync(`${path}-lock`, { force: true });
}
