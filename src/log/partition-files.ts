import { Buffer } from 'node:buffer';
import { LEADER_EPOCH_FILE, offsetInName, segmentFileName } from './file-names.ts';
import type { CommitGroup } from './group-commit.ts';
import type { LogConfig } from './log-config.ts';
import { LogError } from './log-error.ts';
import type { OpenFiles } from './open-files.ts';
import type { Segment } from './segment.ts';
import { replaceWholeFile } from './whole-file.ts';

/**
 * Everything a partition writes to its folder. A file counts as durable only when it was synced and so was the
 * folder that names it; the folder is made with the first batch.
 */
export class PartitionFiles {
  readonly folder: string;
  readonly #root: string;
  readonly #files: OpenFiles;
  #folderExists: boolean;
  /** Something was written without a sync, so that a durable write alone would not cover all before it. */
  #hasUnsynced = false;
  /** Segments this process found on disk and has not yet checked to be as long as it was told. */
  readonly #unchecked: Set<Segment>;

  constructor(options: {
    readonly files: OpenFiles;
    readonly root: string;
    readonly folder: string;
    readonly folderExists: boolean;
    readonly active: Segment | undefined;
  }) {
    this.#files = options.files;
    this.#root = options.root;
    this.folder = options.folder;
    this.#folderExists = options.folderExists;
    this.#unchecked = new Set(options.active === undefined ? [] : [options.active]);
  }

  get folderExists(): boolean {
    return this.#folderExists;
  }

  /** Whether groups may be written side by side: only if each makes its own bytes durable. */
  mayOverlap(durability: LogConfig['durability']): boolean {
    return durability === 'sync' && !this.#hasUnsynced;
  }

  /** Returns `sync` when the group and all that was written to the file before are synced. */
  async writeGroup(
    group: CommitGroup,
    durability: LogConfig['durability'],
  ): Promise<LogConfig['durability']> {
    const { segment } = group;
    const isNew = !segment.onDisk;
    const isNewFolder = !this.#folderExists;
    const syncs = durability === 'sync' || isNew;
    if (isNewFolder) await this.#files.fs.makeDirectory(this.folder);
    await this.#files.use(
      segment.path,
      async (handle) => {
        if (this.#unchecked.has(segment)) {
          const fileBytes = await handle.size();
          if (fileBytes !== group.position) throw unexpectedLength(segment, group.position, fileBytes);
          this.#unchecked.delete(segment);
        }
        if (syncs && !this.#hasUnsynced && group.batches.length > 0)
          return await handle.writeDurably(group.batches, group.position);
        this.#hasUnsynced = true;
        if (group.batches.length > 0) await handle.write(group.batches, group.position);
        if (!syncs) return;
        await handle.sync();
        this.#hasUnsynced = false;
      },
      { create: isNew },
    );
    if (isNew) await this.#files.fs.syncDirectory(this.folder);
    if (isNewFolder) await this.#files.fs.syncDirectory(this.#root);
    segment.onDisk = true;
    this.#folderExists = true;
    return syncs ? 'sync' : 'os';
  }

  /** Recovery reads no batch of a sealed segment again, so log, indexes and snapshot must be durable first. */
  async seal(
    segment: Segment,
    snapshot: { readonly offset: number; readonly bytes: Uint8Array },
    epochs: string,
  ) {
    await this.syncLog(segment);
    await segment.sealAborted();
    await segment.flushIndexes({ sync: true });
    await this.writeSnapshot(snapshot.offset, snapshot.bytes);
    await this.writeEpochs(epochs);
  }

  async syncLog(segment: Segment): Promise<void> {
    await this.#files.use(segment.path, (handle) => handle.sync());
  }

  async writeSnapshot(offset: number, bytes: Uint8Array): Promise<void> {
    const path = `${this.folder}/${segmentFileName(offset, 'snapshot')}`;
    await replaceWholeFile(this.#files.fs, path, bytes, { sync: true });
  }

  /** For Kafka, should the folder move there; Millrace itself reads epochs from its checkpoint and the batches. */
  async writeEpochs(text: string): Promise<void> {
    await replaceWholeFile(this.#files.fs, `${this.folder}/${LEADER_EPOCH_FILE}`, Buffer.from(text), {
      sync: false,
    });
  }

  syncFolder(): Promise<void> {
    return this.#files.fs.syncDirectory(this.folder);
  }

  /** Keeps the snapshots at the base of a segment, and the one at `keep`. */
  async removeSnapshots(segments: readonly Segment[], keep: number): Promise<void> {
    const bases = new Set(segments.map((segment) => segment.baseOffset));
    for (const name of await this.#files.fs.list(this.folder)) {
      const offset = offsetInName(name, 'snapshot');
      if (offset === undefined || offset === keep || bases.has(offset)) continue;
      await this.#files.fs.remove(`${this.folder}/${name}`);
    }
  }

  /** Lets go of every handle before the folder is renamed. */
  async forget(segments: readonly Segment[]): Promise<void> {
    for (const segment of segments) await segment.forget();
  }
}

function unexpectedLength(segment: Segment, expected: number, found: number): LogError {
  return new LogError(
    'KAFKA_STORAGE_ERROR',
    `${segment.path} has ${found} bytes instead of the ${expected} it had at the last clean stop`,
  );
}
