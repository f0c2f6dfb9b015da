import type { Clock } from '../base/clock.ts';
import type { FileHandle, FileSystem } from '../base/fs.ts';
import { patientFileSystem } from './patient-fs.ts';

const MOST_BUSY_SEEN = 32;

interface OpenFile {
  readonly handle: Promise<FileHandle>;
  users: number;
  /** Taken out of the table while in use; the last user closes it. */
  retired: boolean;
}

/**
 * The log's file handles: opened at first use, shared, and closed least recently used first once there are more
 * than `maxOpen`. Thousands of idle partitions so cost no descriptors. A file in use is never closed.
 */
export class OpenFiles {
  /** Where no descriptor is free, it closes those that nobody uses here and waits. */
  readonly fs: FileSystem;
  readonly #maxOpen: number;
  /** Least recently used first. */
  readonly #files = new Map<string, OpenFile>();

  constructor(fs: FileSystem, clock: Clock, maxOpen: number) {
    this.fs = patientFileSystem(fs, clock, () => this.#closeUnused());
    this.#maxOpen = maxOpen;
  }

  /** Runs `work` with the open file; `create` makes the file when it is missing. */
  async use<T>(
    path: string,
    work: (handle: FileHandle) => Promise<T>,
    options: { readonly create: boolean } = { create: false },
  ): Promise<T> {
    const file = this.#take(path, options);
    file.users++;
    try {
      return await work(await file.handle);
    } catch (error) {
      if (this.#files.get(path) === file) {
        // The next use starts from a fresh descriptor rather than one in an unknown state.
        this.#files.delete(path);
        file.retired = true;
      }
      throw error;
    } finally {
      file.users--;
      if (file.retired && file.users === 0) await closeQuietly(file);
      else await this.#closeSurplus();
    }
  }

  /** Lets go of a file that is about to be removed; readers in the middle of it finish. */
  async forget(path: string): Promise<void> {
    const file = this.#files.get(path);
    if (file === undefined) return;
    this.#files.delete(path);
    file.retired = true;
    if (file.users === 0) await closeQuietly(file);
  }

  async close(): Promise<void> {
    for (const path of [...this.#files.keys()]) await this.forget(path);
  }

  #take(path: string, options: { readonly create: boolean }): OpenFile {
    const known = this.#files.get(path);
    if (known !== undefined) this.#files.delete(path);
    const file = known ?? { handle: this.fs.open(path, options), users: 0, retired: false };
    this.#files.set(path, file);
    return file;
  }

  async #closeUnused(): Promise<void> {
    for (const [path, { users }] of [...this.#files]) if (users === 0) await this.forget(path);
  }

  async #closeSurplus(): Promise<void> {
    if (this.#files.size <= this.#maxOpen) return;
    let busy = 0;
    for (const [path, file] of this.#files) {
      // While thousands are in use at once each of them ends here; the last ones find what there is to close.
      if (busy > MOST_BUSY_SEEN) return;
      if (file.users > 0) {
        busy++;
        continue;
      }
      await this.forget(path);
      if (this.#files.size <= this.#maxOpen) return;
    }
  }
}

async function closeQuietly(file: OpenFile): Promise<void> {
  // Nothing hangs on the result: what must survive was synced, and an open that failed was reported to its user.
  await file.handle.then(
    (handle) => handle.close().catch(() => undefined),
    () => undefined,
  );
}
