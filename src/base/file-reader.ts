import * as fs from 'node:fs';
import { hasCode } from './fs-error.ts';

/** An open file that is read without giving up the thread: for threads that have nothing better to do. */
export interface FileReader {
  /** At most `maxBytes` from `position` on, fewer at the end of the file, in memory of their own. */
  read(position: number, maxBytes: number): Buffer;
  close(): void;
}

/** Undefined when there is no such file (any more). */
export type OpenReader = (path: string) => FileReader | undefined;

/** Of the operating system. */
export const openReader: OpenReader = (path) => {
  try {
    return new DescriptorReader(fs.openSync(path, 'r'));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
};

class DescriptorReader implements FileReader {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  read(position: number, maxBytes: number): Buffer {
    const { size } = fs.fstatSync(this.#descriptor);
    const wanted = Math.max(0, Math.min(maxBytes, size - position));
    const target = Buffer.allocUnsafeSlow(wanted);
    let filled = 0;
    while (filled < wanted) {
      const count = fs.readSync(this.#descriptor, target, filled, wanted - filled, position + filled);
      if (count === 0) break;
      filled += count;
    }
    return target.subarray(0, filled);
  }

  close(): void {
    fs.closeSync(this.#descriptor);
  }
}
