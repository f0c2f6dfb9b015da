import { Buffer } from 'node:buffer';

const SMALLEST_BYTES = 4 * 1024;
const LARGEST_BYTES = 4 * 1024 * 1024;

/**
 * Large buffers that are used again. New memory costs a page fault for every 4 KiB, and to the collector every byte of
 * it counts like one of the heap: at full speed that was a mark-compact for every ten megabytes moved.
 *
 *   take (one holder) ── keep (+1) / giveBack (-1) ──> no holder: idle, to be taken again
 *
 * Invariant: who can reach a buffer is one of its holders, or a buffer he can reach is never given back by somebody
 * else. Forgetting to give back is safe: what nobody refers to is garbage like anything else.
 */
export class BufferPool {
  readonly #maxIdleBytes: number;
  #idleBytes = 0;
  readonly #idle = new Map<number, ArrayBuffer[]>();
  /** How many hold each buffer that is out. */
  readonly #holders = new WeakMap<ArrayBufferLike, number>();

  constructor(maxIdleBytes: number) {
    this.#maxIdleBytes = maxIdleBytes;
  }

  /** A buffer of this length, with any content, that the caller holds. */
  take(bytes: number): Buffer {
    if (bytes < SMALLEST_BYTES || bytes > LARGEST_BYTES) return Buffer.allocUnsafeSlow(bytes);
    const size = sizeFor(bytes);
    let memory = this.#idle.get(size)?.pop();
    if (memory === undefined) memory = Buffer.allocUnsafeSlow(size).buffer;
    else this.#idleBytes -= size;
    this.#holders.set(memory, 1);
    return Buffer.from(memory, 0, bytes);
  }

  /** One more holds the buffer that `part` is a part of; nothing happens when it is not from here. */
  keep(part: Uint8Array): void {
    const holders = this.#holders.get(part.buffer);
    if (holders !== undefined) this.#holders.set(part.buffer, holders + 1);
  }

  giveBack(part: Uint8Array): void {
    const memory = part.buffer as ArrayBuffer;
    const holders = this.#holders.get(memory);
    if (holders === undefined) return;
    if (holders > 1) {
      this.#holders.set(memory, holders - 1);
      return;
    }
    this.#holders.delete(memory);
    const size = memory.byteLength;
    const idle = this.#idle.get(size) ?? [];
    idle.push(memory);
    this.#idleBytes += size;
    // To the end: sizes nobody has given back for longest are dropped first.
    this.#idle.delete(size);
    this.#idle.set(size, idle);
    this.#dropSurplus();
  }

  #dropSurplus(): void {
    for (const [size, idle] of this.#idle) {
      while (this.#idleBytes > this.#maxIdleBytes && idle.pop() !== undefined) this.#idleBytes -= size;
      if (this.#idleBytes <= this.#maxIdleBytes) return;
      this.#idle.delete(size);
    }
  }
}

/** Quarter steps between powers of two, so that at most a fifth of a buffer is of no use. */
function sizeFor(bytes: number): number {
  const step = 2 ** (29 - Math.clz32(bytes - 1));
  return Math.ceil(bytes / step) * step;
}
