import * as fs from 'node:fs';
import { SerialQueue } from './async.ts';
import { withoutPrefix } from './buffers.ts';
import type { FileHandle, FileSystem } from './fs.ts';
import { fsError, hasCode } from './fs-error.ts';

// POSIX writev takes at most IOV_MAX buffers; 1024 on Linux and macOS.
const MAX_BUFFERS_PER_WRITE = 1024;

/** The operating system's files. */
export const osFileSystem: FileSystem = {
  async open(path, { create }) {
    const { O_RDWR, O_CREAT } = fs.constants;
    const flags = create ? O_RDWR | O_CREAT : O_RDWR;
    const descriptor = await settled<number>((done) => fs.open(path, flags, 0o644, done));
    return new OsFileHandle(descriptor, path);
  },

  async makeDirectory(path) {
    await fs.promises.mkdir(path, { recursive: true });
  },

  async list(path) {
    try {
      return (await fs.promises.readdir(path)).sort();
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  },

  rename: (from, to) => fs.promises.rename(from, to),

  remove: (path) => fs.promises.rm(path, { recursive: true, force: true }),

  async space(path) {
    const { bsize, blocks, bavail } = await fs.promises.statfs(path);
    return { totalBytes: bsize * blocks, usableBytes: bsize * bavail };
  },

  async syncDirectory(path) {
    // Windows cannot open a folder; NTFS journals its entries by itself.
    if (process.platform === 'win32') return;
    const folder = await fs.promises.open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};

/**
 * A bare descriptor: node's own FileHandle costs an object and a promise more per call.
 * Invariant: the descriptor is closed only after every call in flight has ended, because the number would
 * otherwise be given to the next file opened, and a late write would land there.
 */
class OsFileHandle implements FileHandle {
  readonly #descriptor: number;
  readonly #path: string;
  /**
   * Descriptors for durable writes that nobody uses now. Each serves one write at a time: the kernel tells of pages it
   * could not write once per open file, and it must be the writer of these pages who hears it.
   */
  readonly #durable: number[] = [];
  /** The same for writes followed by a sync of the one descriptor that all share. */
  readonly #syncs = new SerialQueue();
  #inFlight = 0;
  #closed = false;
  #onIdle: (() => void) | undefined;

  constructor(descriptor: number, path: string) {
    this.#descriptor = descriptor;
    this.#path = path;
  }

  read(target: Uint8Array, position: number): Promise<number> {
    return this.#use('read', async (descriptor) => {
      let filled = 0;
      while (filled < target.byteLength) {
        const left = target.byteLength - filled;
        const count = await settled<number>((done) =>
          fs.read(descriptor, target, filled, left, position + filled, done),
        );
        if (count === 0) break;
        filled += count;
      }
      return filled;
    });
  }

  write(buffers: readonly Uint8Array[], position: number): Promise<void> {
    return this.#use('write', (descriptor) => this.#writeAll(descriptor, buffers, position));
  }

  writeDurably(buffers: readonly Uint8Array[], position: number): Promise<void> {
    return this.#use('write', async (descriptor) => {
      // More than one call would be more than one sync.
      const durable =
        buffers.length <= MAX_BUFFERS_PER_WRITE
          ? (this.#durable.pop() ?? (await openDurable(descriptor)))
          : undefined;
      if (durable === undefined) return await this.#writeThenSync(buffers, position);
      try {
        await this.#writeAll(durable, buffers, position);
      } finally {
        this.#durable.push(durable);
      }
    });
  }

  sync(): Promise<void> {
    return this.#use('fdatasync', fdatasync);
  }

  truncate(length: number): Promise<void> {
    return this.#use('ftruncate', (descriptor) =>
      settled<void>((done) => fs.ftruncate(descriptor, length, done)),
    );
  }

  size(): Promise<number> {
    return this.#use('fstat', async (descriptor) => {
      const stats = await settled<fs.Stats>((done) => fs.fstat(descriptor, done));
      return stats.size;
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    for (const descriptor of [...this.#durable, this.#descriptor])
      await settled<void>((done) => fs.close(descriptor, done));
  }

  #writeThenSync(buffers: readonly Uint8Array[], position: number): Promise<void> {
    return this.#syncs.run(async () => {
      await this.#writeAll(this.#descriptor, buffers, position);
      await fdatasync(this.#descriptor);
    });
  }

  async #writeAll(descriptor: number, buffers: readonly Uint8Array[], position: number): Promise<void> {
    let pending = buffers.filter((buffer) => buffer.byteLength > 0);
    let at = position;
    while (pending.length > 0) {
      const head = pending.slice(0, MAX_BUFFERS_PER_WRITE);
      const written = await settled<number>((done) =>
        head.length === 1
          ? fs.write(descriptor, head[0]!, 0, head[0]!.byteLength, at, done)
          : fs.writev(descriptor, head, at, done),
      );
      if (written === 0) throw fsError('EIO', 'write', this.#path);
      pending = withoutPrefix(pending, written);
      at += written;
    }
  }

  async #use<T>(operation: string, run: (descriptor: number) => Promise<T>): Promise<T> {
    if (this.#closed) throw fsError('EBADF', operation, this.#path);
    this.#inFlight++;
    try {
      return await run(this.#descriptor);
    } finally {
      if (--this.#inFlight === 0) this.#onIdle?.();
    }
  }
}

/**
 * The same file with O_DSYNC: a write and its sync become one call, which halves the ways to the thread pool. Only
 * where that is as safe as fdatasync: macOS would leave the bytes in the drive's cache (node's fdatasync does not), and
 * Windows has no such flag.
 */
async function openDurable(descriptor: number): Promise<number | undefined> {
  if (process.platform !== 'linux') return undefined;
  const { O_WRONLY, O_DSYNC } = fs.constants;
  // By descriptor, since the name may have gone to another file meanwhile. Without /proc there is fdatasync.
  const path = `/proc/self/fd/${descriptor}`;
  return await settled<number>((done) => fs.open(path, O_WRONLY | O_DSYNC, done)).catch(() => undefined);
}

function fdatasync(descriptor: number): Promise<void> {
  return settled<void>((done) => fs.fdatasync(descriptor, done));
}

type Done<T> = (error: Error | null, result?: T) => void;

function settled<T>(start: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, result) => (error ? reject(error) : resolve(result as T)));
  });
}
