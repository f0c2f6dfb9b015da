import { Buffer } from 'node:buffer';
import { ConnectionError } from './connection-error.ts';

const LENGTH_BYTES = 4;

/**
 * Cuts the byte stream of a connection into frames (`length 4 | that many bytes`). A frame inside one chunk is a
 * view of it; one that spans chunks is put together once, when its last byte is there, so that a peer holds only
 * as much memory as it has sent, whatever length it announces.
 */
export class FrameCutter {
  readonly #maxFrameBytes: number;
  /** Bytes of the frame that has begun and is not complete. */
  #chunks: Buffer[] = [];
  #chunksBytes = 0;
  /** Total bytes of that frame with its length; -1 while the length itself is cut. */
  #neededBytes = -1;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  get pendingBytes(): number {
    return this.#chunksBytes;
  }

  /** Calls back with every frame that `chunk` completes, without its length. Throws ConnectionError on garbage. */
  push(chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    let position = 0;
    if (this.#chunksBytes > 0) {
      position = this.#complete(chunk);
      if (this.#chunksBytes !== this.#neededBytes) return;
      onFrame(this.#takeWhole());
    }
    while (chunk.length - position >= LENGTH_BYTES) {
      const end = position + this.#frameBytes(chunk, position);
      if (end > chunk.length) break;
      onFrame(chunk.subarray(position + LENGTH_BYTES, end));
      position = end;
    }
    if (position < chunk.length) this.#begin(chunk.subarray(position));
  }

  /** Adds what the begun frame lacks; returns how much of `chunk` that was. */
  #complete(chunk: Buffer): number {
    let position = 0;
    if (this.#neededBytes < 0) {
      position = Math.min(LENGTH_BYTES - this.#chunksBytes, chunk.length);
      this.#add(chunk.subarray(0, position));
      if (this.#chunksBytes < LENGTH_BYTES) return position;
      this.#neededBytes = this.#frameBytes(Buffer.concat(this.#chunks), 0);
    }
    const rest = Math.min(this.#neededBytes - this.#chunksBytes, chunk.length - position);
    if (rest > 0) this.#add(chunk.subarray(position, position + rest));
    return position + rest;
  }

  #begin(start: Buffer): void {
    this.#neededBytes = start.length < LENGTH_BYTES ? -1 : this.#frameBytes(start, 0);
    this.#add(start);
  }

  #add(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#chunksBytes += bytes.length;
  }

  #takeWhole(): Buffer {
    const whole = Buffer.concat(this.#chunks, this.#chunksBytes);
    this.#chunks = [];
    this.#chunksBytes = 0;
    this.#neededBytes = -1;
    return whole.subarray(LENGTH_BYTES);
  }

  #frameBytes(buffer: Buffer, position: number): number {
    const length = buffer.readInt32BE(position);
    if (length < 0 || length > this.#maxFrameBytes)
      throw new ConnectionError(
        describeGarbage(buffer.subarray(position, position + 8), this.#maxFrameBytes),
      );
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
