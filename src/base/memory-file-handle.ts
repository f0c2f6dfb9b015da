import type { FileHandle, FileSystem } from './fs.ts';
import { fsError } from './fs-error.ts';
import type { MemoryFile } from './memory-file.ts';

export type FileOperation = keyof FileSystem | 'read' | 'write' | 'sync' | 'truncate' | 'size' | 'close';

/** Goes through the file system, which counts the call and may make it fail or crash instead. */
export type Call = <T>(
  operation: FileOperation,
  effect: () => T,
  onFault?: (fault: { readonly afterBytes: number }) => void,
) => T;

/** An open file of the memory file system; after `close` every call fails, as with a real descriptor. */
export class MemoryFileHandle implements FileHandle {
  readonly #file: MemoryFile;
  readonly #call: Call;
  #closed = false;

  constructor(file: MemoryFile, call: Call) {
    this.#file = file;
    this.#call = call;
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    return this.#open('read', () => this.#file.read(target, position));
  }

  async write(buffers: readonly Uint8Array[], position: number): Promise<void> {
    const bytes = Buffer.concat(buffers);
    return this.#open(
      'write',
      () => this.#file.write(bytes, position),
      ({ afterBytes }) => this.#file.write(bytes.subarray(0, afterBytes), position),
    );
  }

  /** Two calls, so that faults and crashes may come between them. */
  async writeDurably(buffers: readonly Uint8Array[], position: number): Promise<void> {
    await this.write(buffers, position);
    await this.sync();
  }

  async sync(): Promise<void> {
    return this.#open(
      'sync',
      () => this.#file.sync(),
      () => this.#file.failSync(),
    );
  }

  async truncate(length: number): Promise<void> {
    return this.#open('truncate', () => this.#file.truncate(length));
  }

  async size(): Promise<number> {
    return this.#open('size', () => this.#file.length);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#call('close', () => {});
  }

  #open<T>(
    operation: FileOperation,
    effect: () => T,
    onFault?: (fault: { readonly afterBytes: number }) => void,
  ): T {
    if (this.#closed) throw fsError('EBADF', operation, 'a closed file');
    return this.#call(operation, effect, onFault);
  }
}
