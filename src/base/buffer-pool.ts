import { Buffer } from 'node:buffer';

const SMALLEST_BYTES = 64 * 1024;
const LARGEST_BYTES = 4 * 1024 * 1024;

/**
 * Large buffers that are used again: new memory costs a page fault for every 4 KiB and, once it is garbage, a full
 * collection for every few dozen megabytes. A buffer that is never given back is garbage like any other.
 *
 * Invariant: whoever gives a buffer back is the only one that had it.
 */
export class BufferPool {
  readonly #maxIdleBytes: number;
  #idleBytes = 0;
  /** By size, a power of two. */
  readonly #idle = new Map<number, Buffer[]>();
  readonly #lent = new WeakSet<ArrayBufferLike>();

  constructor(maxIdleBytes: number) {
    this.#maxIdleBytes = maxIdleBytes;
  }

  /** A buffer of this length, with any content. */
  take(bytes: number): Buffer {
    if (bytes < SMALLEST_BYTES || bytes > LARGEST_BYTES) return Buffer.allocUnsafeSlow(bytes);
    const size = 2 ** Math.ceil(Math.log2(bytes));
    const idle = this.#idle.get(size)?.pop();
    if (idle !== undefined) this.#idleBytes -= size;
    const buffer = idle ?? Buffer.allocUnsafeSlow(size);
    this.#lent.add(buffer.buffer);
    return buffer.subarray(0, bytes);
  }

  /** Takes back the buffer that `part` is a part of; does nothing when it is not from here. */
  giveBack(part: Uint8Array): void {
    const { buffer } = part;
    if (!this.#lent.delete(buffer)) return;
    const size = buffer.byteLength;
    if (this.#idleBytes + size > this.#maxIdleBytes) return;
    this.#idleBytes += size;
    const idle = this.#idle.get(size);
    if (idle === undefined) this.#idle.set(size, [Buffer.from(buffer)]);
    else idle.push(Buffer.from(buffer));
  }
}
