import { Buffer } from 'node:buffer';
import { SerialQueue } from '../base/async.ts';
import { hasCode } from '../base/fs-error.ts';
import type { OpenFiles } from './open-files.ts';

const EMPTY = Buffer.alloc(0);

/** Keeps the index files read last, up to a number of bytes for all partitions of a store together. */
export class IndexCache {
  readonly #maxBytes: number;
  readonly #loaded = new Map<IndexFile, Buffer>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(file: IndexFile): Buffer | undefined {
    const bytes = this.#loaded.get(file);
    if (bytes === undefined) return undefined;
    this.#loaded.delete(file);
    this.#loaded.set(file, bytes);
    return bytes;
  }

  put(file: IndexFile, bytes: Buffer): void {
    this.drop(file);
    this.#loaded.set(file, bytes);
    this.#bytes += bytes.length;
    for (const oldest of this.#loaded.keys()) {
      if (this.#bytes <= this.#maxBytes || oldest === file) return;
      this.drop(oldest);
    }
  }

  drop(file: IndexFile): void {
    this.#bytes -= this.#loaded.get(file)?.length ?? 0;
    this.#loaded.delete(file);
  }
}

/**
 * A sorted file of entries of one size. New entries wait in memory until `flush`: an index says nothing the log
 * does not say, so it costs the write path no I/O, and recovery writes it anew.
 *
 *   | on disk, read through the cache | pending in memory |
 */
export class IndexFile {
  readonly path: string;
  readonly entryBytes: number;
  readonly #files: OpenFiles;
  readonly #cache: IndexCache;
  #pending: Buffer = EMPTY;
  #pendingBytes = 0;
  /** Undefined until looked up; 0 with `#stale` set means the content of the file does not count. */
  #diskBytes: number | undefined;
  #stale: boolean;
  #mayExist: boolean;
  /** Written by this process and not synced since. */
  #isUnsynced = false;
  /** Rises when the part on disk changes, so that what was read before is not taken for it. */
  #generation = 0;
  /** Made with the first write: most indexes of thousands of partitions never see one. */
  #writes: SerialQueue | undefined;

  constructor(
    environment: { readonly files: OpenFiles; readonly cache: IndexCache },
    options: { readonly path: string; readonly entryBytes: number; readonly fresh: boolean },
  ) {
    this.#files = environment.files;
    this.#cache = environment.cache;
    this.path = options.path;
    this.entryBytes = options.entryBytes;
    this.#stale = options.fresh;
    this.#mayExist = !options.fresh;
    this.#diskBytes = options.fresh ? 0 : undefined;
  }

  /** Known without reading the file; false may also mean not looked at yet. */
  get isKnownEmpty(): boolean {
    return this.#pendingBytes === 0 && this.#diskBytes === 0;
  }

  /** The file has entries that do not count any more. */
  get isOutdated(): boolean {
    return this.#stale && this.#mayExist;
  }

  get hasUnsaved(): boolean {
    return this.#pendingBytes > 0 || this.#isUnsynced;
  }

  /** False until a new file gets its first flush. */
  get mayExist(): boolean {
    return this.#mayExist;
  }

  append(entry: Uint8Array): void {
    if (this.#pendingBytes + this.entryBytes > this.#pending.length) {
      const grown = Buffer.alloc(Math.max(this.entryBytes * 16, this.#pending.length * 2));
      this.#pending.copy(grown, 0, 0, this.#pendingBytes);
      this.#pending = grown;
    }
    this.#pending.set(entry, this.#pendingBytes);
    this.#pendingBytes += this.entryBytes;
  }

  /** Forgets all entries, to be entered again from a scan of the log. */
  reset(): void {
    this.#pendingBytes = 0;
    this.#diskBytes = 0;
    this.#stale = true;
    this.#changed();
  }

  /** The last entry for which `isAtMost` holds; it must hold for a prefix of the entries. */
  async floor(isAtMost: (bytes: Buffer, at: number) => boolean): Promise<Buffer | undefined> {
    if (this.#pendingBytes > 0 && isAtMost(this.#pending, 0)) {
      return lastWhere(this.#pending.subarray(0, this.#pendingBytes), this.entryBytes, isAtMost);
    }
    return lastWhere(await this.#onDisk(), this.entryBytes, isAtMost);
  }

  /** Every entry, as one copy. */
  async entries(): Promise<Buffer> {
    for (;;) {
      const generation = this.#generation;
      const onDisk = await this.#onDisk();
      if (generation !== this.#generation) continue;
      return Buffer.concat([onDisk, this.#pending.subarray(0, this.#pendingBytes)]);
    }
  }

  /** False when the file is missing or its length is no multiple of the entry size. */
  async isWhole(): Promise<boolean> {
    if (this.#stale) return true;
    try {
      return (await this.#files.use(this.path, (handle) => handle.size())) % this.entryBytes === 0;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false;
      throw error;
    }
  }

  /** Writes the pending entries behind those on disk. */
  flush(options: { readonly sync: boolean }): Promise<void> {
    this.#writes ??= new SerialQueue();
    return this.#writes.run(() => this.#flush(options));
  }

  /** Before the file is renamed or removed. */
  async forget(): Promise<void> {
    this.#cache.drop(this);
    await this.#files.forget(this.path);
  }

  async #flush(options: { readonly sync: boolean }): Promise<void> {
    const hasPending = this.#pendingBytes > 0 || this.#stale;
    if (!hasPending && !(options.sync && this.#isUnsynced)) return;
    this.#mayExist = true;
    const generation = this.#generation;
    const taken = Buffer.from(this.#pending.subarray(0, this.#pendingBytes));
    await this.#files.use(
      this.path,
      async (handle) => {
        if (this.#stale) await handle.truncate(0);
        const position = this.#diskBytes ?? wholeEntries(await handle.size(), this.entryBytes);
        if (taken.length > 0) await handle.write([taken], position);
        if (options.sync) await handle.sync();
        this.#isUnsynced = !options.sync;
        // Reset meanwhile: the file is as stale as it was.
        if (generation !== this.#generation) return;
        this.#stale = false;
        this.#diskBytes = position + taken.length;
        this.#pending.copyWithin(0, taken.length, this.#pendingBytes);
        this.#pendingBytes -= taken.length;
        this.#changed();
      },
      { create: true },
    );
  }

  async #onDisk(): Promise<Buffer> {
    if (this.#stale || this.#diskBytes === 0) return EMPTY;
    const cached = this.#cache.get(this);
    if (cached !== undefined) return cached;
    const generation = this.#generation;
    const bytes = await this.#load();
    if (generation === this.#generation) this.#cache.put(this, bytes);
    return bytes;
  }

  #changed(): void {
    this.#generation++;
    this.#cache.drop(this);
  }

  async #load(): Promise<Buffer> {
    try {
      return await this.#files.use(this.path, async (handle) => {
        const bytes = Buffer.allocUnsafeSlow(
          wholeEntries(this.#diskBytes ?? (await handle.size()), this.entryBytes),
        );
        const length = await handle.read(bytes, 0);
        return bytes.subarray(0, wholeEntries(length, this.entryBytes));
      });
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
      // Nothing was ever entered; later reads need not ask again.
      if (this.#diskBytes === undefined) this.#diskBytes = 0;
      return Buffer.alloc(0);
    }
  }
}

function wholeEntries(bytes: number, entryBytes: number): number {
  return bytes - (bytes % entryBytes);
}

function lastWhere(
  bytes: Buffer,
  entryBytes: number,
  holds: (bytes: Buffer, at: number) => boolean,
): Buffer | undefined {
  let low = 0;
  let high = bytes.length / entryBytes;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(bytes, middle * entryBytes)) low = middle + 1;
    else high = middle;
  }
  // A copy: the pending part moves when it is flushed.
  return low === 0 ? undefined : Buffer.from(bytes.subarray((low - 1) * entryBytes, low * entryBytes));
}
