import { Buffer } from 'node:buffer';
import type { DiskKey, DiskMap } from './disk-map.ts';

/** Tests see what is "on disk", and may make it fail. */
export class MemoryDiskMap implements DiskMap {
  readonly #bytes = new Map<DiskKey, Buffer>();
  isClosed = false;
  /** Thrown by the next `write`. */
  failure: Error | undefined;

  get size(): number {
    return this.#bytes.size;
  }

  get(key: DiskKey): Uint8Array | undefined {
    return this.#bytes.get(key);
  }

  write(puts: Iterable<readonly [DiskKey, Uint8Array]>, removals: Iterable<DiskKey>): void {
    if (this.failure) {
      const { failure } = this;
      this.failure = undefined;
      throw failure;
    }
    const copies = Array.from(puts, ([key, bytes]) => [key, Buffer.from(bytes)] as const);
    for (const key of removals) this.#bytes.delete(key);
    for (const [key, bytes] of copies) this.#bytes.set(key, bytes);
  }

  entries(): Iterable<readonly [DiskKey, Uint8Array]> {
    return [...this.#bytes];
  }

  close(): void {
    this.#bytes.clear();
    this.isClosed = true;
  }
}
