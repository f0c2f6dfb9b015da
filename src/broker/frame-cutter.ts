import { Buffer } from 'node:buffer';
import { BufferPool } from '../base/buffer-pool.ts';
import { ConnectionError } from './connection-error.ts';

const LENGTH_BYTES = 4;

/** What a frame gets at once; a larger one grows with what arrives of it. */
const FIRST_BYTES = 128 * 1024;
const EMPTY = Buffer.alloc(0);

/**
 * Cuts the byte stream of a connection into frames (`length 4 | that many bytes`). Each frame is copied, once, into
 * memory of its own, held by who gets it: the chunks it came in are used again, and what keeps a part of a frame keeps nothing else. While
 * a frame is incomplete its memory at most doubles what was sent of it (beyond 128 KiB, which is not touched before),
 * whatever length its peer announces.
 */
export class FrameCutter {
  maxFrameBytes: number;
  readonly #buffers: BufferPool;
  /** The frame that has begun and is not complete: its length and what there is of it. */
  #frame: Buffer = EMPTY;
  #filledBytes = 0;
  /** Total bytes of that frame with its length; -1 while the length itself is cut. */
  #neededBytes = -1;

  constructor(maxFrameBytes: number, buffers = new BufferPool(0)) {
    this.maxFrameBytes = maxFrameBytes;
    this.#buffers = buffers;
  }

  get pendingBytes(): number {
    return this.#filledBytes;
  }

  /** Calls back with every frame that `chunk` completes, without its length. Throws ConnectionError on garbage. */
  push(chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    let position = 0;
    if (this.#filledBytes > 0) {
      position = this.#complete(chunk);
      if (this.#filledBytes !== this.#neededBytes) return;
      onFrame(this.#takeWhole());
    }
    while (chunk.length - position >= LENGTH_BYTES) {
      const end = position + this.#frameBytes(chunk, position);
      if (end > chunk.length) break;
      onFrame(this.#copyOf(chunk, position + LENGTH_BYTES, end));
      position = end;
    }
    if (position < chunk.length) this.#begin(chunk.subarray(position));
  }

  /** Adds what the begun frame lacks; returns how much of `chunk` that was. */
  #complete(chunk: Buffer): number {
    let position = 0;
    if (this.#neededBytes < 0) {
      position = Math.min(LENGTH_BYTES - this.#filledBytes, chunk.length);
      this.#add(chunk.subarray(0, position));
      if (this.#filledBytes < LENGTH_BYTES) return position;
      this.#neededBytes = this.#frameBytes(this.#frame, 0);
    }
    const rest = Math.min(this.#neededBytes - this.#filledBytes, chunk.length - position);
    if (rest > 0) this.#add(chunk.subarray(position, position + rest));
    return position + rest;
  }

  #copyOf(chunk: Buffer, start: number, end: number): Buffer {
    const frame = this.#buffers.take(end - start);
    chunk.copy(frame, 0, start, end);
    return frame;
  }

  #begin(start: Buffer): void {
    this.#neededBytes = start.length < LENGTH_BYTES ? -1 : this.#frameBytes(start, 0);
    this.#add(start);
  }

  #add(bytes: Buffer): void {
    const filledBytes = this.#filledBytes + bytes.length;
    if (filledBytes > this.#frame.length) this.#grow(filledBytes);
    bytes.copy(this.#frame, this.#filledBytes);
    this.#filledBytes = filledBytes;
  }

  #grow(leastBytes: number): void {
    const likelyBytes = Math.max(FIRST_BYTES, 2 * leastBytes);
    const larger = this.#buffers.take(
      this.#neededBytes < 0 ? LENGTH_BYTES : Math.min(this.#neededBytes, likelyBytes),
    );
    this.#frame.copy(larger, 0, 0, this.#filledBytes);
    this.#buffers.giveBack(this.#frame);
    this.#frame = larger;
  }

  #takeWhole(): Buffer {
    const whole = this.#frame.subarray(LENGTH_BYTES, this.#neededBytes);
    this.#frame = EMPTY;
    this.#filledBytes = 0;
    this.#neededBytes = -1;
    return whole;
  }

  #frameBytes(buffer: Buffer, position: number): number {
    const length = buffer.readInt32BE(position);
    if (length < 0 || length > this.maxFrameBytes)
      throw new ConnectionError(describeGarbage(buffer.subarray(position, position + 8), this.maxFrameBytes));
    return LENGTH_BYTES + length;
  }
}

const HTTP = /^(GET |POST|PUT |HEAD|DELE|OPTI|PATC|CONN|PRI |HTTP)/;

/** What a frame length no client sends is likely to be: people point browsers and TLS clients at Kafka ports. */
function describeGarbage(start: Buffer, maxFrameBytes: number): string {
  if (start[0] === 0x16 && start[1] === 0x03)
    return 'a TLS handshake on a plaintext port: set security.protocol=PLAINTEXT in the client';
  if (HTTP.test(start.toString('latin1'))) return 'an HTTP request on the Kafka port';
  const length = start.readInt32BE(0);
  if (length < 0) return `a frame of negative length ${length}: not the Kafka protocol`;
  return `a frame of ${length} bytes, more than socket.request.max.bytes=${maxFrameBytes}`;
}
