import type { DiskSpace, FileHandle, FileSystem } from './fs.ts';
import { fsError } from './fs-error.ts';
import { MemoryFile, type Survival, type Tear } from './memory-file.ts';
import { type FileOperation, MemoryFileHandle } from './memory-file-handle.ts';
import { EntryJournal, MemoryFolder, type MemoryNode } from './memory-folder.ts';
import { type Random, randomInt } from './random.ts';
import { SeededRandom } from './seeded-random.ts';

export interface FileCall {
  readonly operation: FileOperation;
  readonly path: string;
  /** Counted from 1. */
  readonly number: number;
}

export interface CrashOptions {
  /**
   * What is left of the changes that were not synced.
   * `synced`: none (power cut); `random`: each by the toss of a coin, the last write of a file perhaps torn
   * (power cut); `all`: every one (the process was killed, the machine lives on).
   */
  readonly keep: 'synced' | 'random' | 'all';
  readonly random?: Random;
  /** `random` only: how last writes are torn; any way or not at all unless given. */
  readonly tornTail?: Tear;
}

export interface FaultOptions {
  /** `write` only: how many bytes reach the file before it fails; 0 unless given. */
  readonly afterBytes?: number;
  /** How many calls fail; 1 unless given. */
  readonly times?: number;
}

interface Fault {
  readonly error: string | Error;
  readonly afterBytes: number;
  timesLeft: number;
}

/**
 * A file system in memory whose power can be cut: tests ask what is left then, at any call. It forgets whatever
 * a real one is allowed to forget: file contents not synced, and names whose folder was not synced.
 */
export class MemoryFileSystem implements FileSystem {
  /** Called before each call takes effect. */
  onCall: ((call: FileCall) => void) | undefined;
  #root = new MemoryFolder();
  #journal = new EntryJournal();
  #callCount = 0;
  #crashAt = Number.POSITIVE_INFINITY;
  #crashed = false;
  readonly #faults = new Map<FileOperation, Fault[]>();

  get callCount(): number {
    return this.#callCount;
  }

  /** Whether {@link crash} or {@link crashAtCall} has ended this file system: every further call is EIO. */
  get crashed(): boolean {
    return this.#crashed;
  }

  /** Makes the next calls of `operation` fail with this error or node:fs code (ENOSPC, EIO ...). */
  failNext(operation: FileOperation, error: string | Error, options: FaultOptions = {}): void {
    const queue = this.#faults.get(operation) ?? [];
    queue.push({ error, afterBytes: options.afterBytes ?? 0, timesLeft: options.times ?? 1 });
    this.#faults.set(operation, queue);
  }

  clearFaults(): void {
    this.#faults.clear();
  }

  /**
   * Crashes in the middle of the `callNumber`-th call from now: its unsynced effect happens (so that `crash` may keep,
   * drop or tear it), its sync does not, and it never succeeds.
   */
  crashAtCall(callNumber: number): void {
    this.#crashAt = this.#callCount + callNumber;
  }

  /** What a restart finds. May be called again, with other options, for the same moment. */
  crash(options: CrashOptions): MemoryFileSystem {
    this.#crashed = true;
    const restarted = new MemoryFileSystem();
    if (options.keep === 'all') {
      const { root, journal } = this.#journal.survivingKill(this.#root);
      restarted.#root = root;
      restarted.#journal = journal;
    } else {
      restarted.#root = this.#journal.survivingPowerCut(this.#root, survivalOf(options));
    }
    return restarted;
  }

  async open(path: string, options: { readonly create: boolean }): Promise<FileHandle> {
    return this.#call('open', path, () => {
      const { folder, name } = this.#parent('open', path);
      let file = folder.entries.get(name);
      if (file instanceof MemoryFolder) throw fsError('EISDIR', 'open', path);
      if (!file && !options.create) throw fsError('ENOENT', 'open', path);
      if (!file) {
        file = new MemoryFile();
        this.#journal.apply([{ folder, name, node: file }]);
      }
      return new MemoryFileHandle(file, (operation, effect, onFault) =>
        this.#call(operation, path, effect, onFault),
      );
    });
  }

  async makeDirectory(path: string): Promise<void> {
    return this.#call('makeDirectory', path, () => {
      let folder = this.#root;
      for (const name of segments(path)) {
        let child = folder.entries.get(name);
        if (child instanceof MemoryFile) throw fsError('EEXIST', 'makeDirectory', path);
        if (!child) {
          child = new MemoryFolder();
          this.#journal.apply([{ folder, name, node: child }]);
        }
        folder = child;
      }
    });
  }

  async list(path: string): Promise<string[]> {
    return this.#call('list', path, () => {
      const node = this.#find(path);
      if (node instanceof MemoryFile) throw fsError('ENOTDIR', 'list', path);
      return node ? [...node.entries.keys()].sort() : [];
    });
  }

  async rename(from: string, to: string): Promise<void> {
    return this.#call('rename', from, () => {
      const source = this.#parent('rename', from);
      const target = this.#parent('rename', to);
      const node = source.folder.entries.get(source.name);
      if (!node) throw fsError('ENOENT', 'rename', from);
      const replaced = target.folder.entries.get(target.name);
      if (replaced === node) return;
      if (replaced instanceof MemoryFolder && node instanceof MemoryFile)
        throw fsError('EISDIR', 'rename', to);
      if (replaced instanceof MemoryFile && node instanceof MemoryFolder)
        throw fsError('ENOTDIR', 'rename', to);
      if (replaced instanceof MemoryFolder && replaced.entries.size > 0)
        throw fsError('ENOTEMPTY', 'rename', to);
      this.#journal.apply([
        { ...source, node: undefined },
        { ...target, node },
      ]);
    });
  }

  async space(): Promise<DiskSpace> {
    return { totalBytes: -1, usableBytes: -1 };
  }

  async remove(path: string): Promise<void> {
    return this.#call('remove', path, () => {
      const node = this.#find(path);
      if (node) this.#removeEntry(this.#parent('remove', path), node);
    });
  }

  async syncDirectory(path: string): Promise<void> {
    return this.#call('syncDirectory', path, () => {
      const node = this.#find(path);
      if (!node) throw fsError('ENOENT', 'syncDirectory', path);
      if (node instanceof MemoryFolder) this.#journal.sync(node);
    });
  }

  // Entry by entry from the bottom, as rm -r does: a crash may leave a folder half empty.
  #removeEntry(place: { folder: MemoryFolder; name: string }, node: MemoryNode): void {
    if (node instanceof MemoryFolder) {
      for (const [name, child] of [...node.entries]) this.#removeEntry({ folder: node, name }, child);
    }
    this.#journal.apply([{ ...place, node: undefined }]);
  }

  #find(path: string): MemoryNode | undefined {
    let node: MemoryNode | undefined = this.#root;
    for (const name of segments(path)) {
      node = node instanceof MemoryFolder ? node.entries.get(name) : undefined;
    }
    return node;
  }

  #parent(operation: FileOperation, path: string): { folder: MemoryFolder; name: string } {
    const names = segments(path);
    const name = names.pop();
    if (name === undefined) throw fsError('EBUSY', operation, path);
    const folder = this.#find(names.join('/'));
    if (!folder) throw fsError('ENOENT', operation, path);
    if (folder instanceof MemoryFile) throw fsError('ENOTDIR', operation, path);
    return { folder, name };
  }

  #call<T>(
    operation: FileOperation,
    path: string,
    effect: () => T,
    onFault?: (fault: { readonly afterBytes: number }) => void,
  ): T {
    if (this.#crashed) throw fsError('EIO', `${operation} after a crash`, path);
    this.#callCount++;
    this.onCall?.({ operation, path, number: this.#callCount });
    if (this.#callCount === this.#crashAt) {
      this.#crashed = true;
      try {
        if (operation !== 'sync' && operation !== 'syncDirectory') effect();
      } catch {
        // A call that would have failed changes nothing; the crash comes all the same.
      }
      throw fsError('EIO', `${operation} cut off by a crash`, path);
    }
    const fault = this.#takeFault(operation);
    if (!fault) return effect();
    onFault?.(fault);
    throw typeof fault.error === 'string' ? fsError(fault.error, operation, path) : fault.error;
  }

  #takeFault(operation: FileOperation): Fault | undefined {
    const queue = this.#faults.get(operation);
    const fault = queue?.[0];
    if (fault && --fault.timesLeft <= 0) queue?.shift();
    return fault;
  }
}

function survivalOf(options: CrashOptions): Survival {
  const random = options.random ?? new SeededRandom(1);
  const tears = options.tornTail ? [options.tornTail] : TEARS;
  return {
    random,
    keepsChange: () => options.keep === 'random' && random.next() < 0.5,
    tear: () => tears[randomInt(random, tears.length)],
  };
}

const TEARS: readonly (Tear | undefined)[] = [undefined, 'bytes', 'sector', 'zeros'];

function segments(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}
