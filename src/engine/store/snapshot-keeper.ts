import type { FileSystem } from '../../base/fs.ts';
import type { RecordCursor } from '../../record/record-cursor.ts';
import type { Topics } from '../../topics/topics.ts';
import { readCommitted } from '../read-committed.ts';
import type { StateRecord } from './group-changelog.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';

/** A changelog's tail that is read in a fraction of a second needs no snapshot. */
const LONGEST_TAIL_RECORDS = 100_000;

/**
 * Keeps the restart of one store short. A snapshot is made from the changelog, not from the living store: it holds
 * committed state only, at one offset, and the query never waits for it.
 *
 *   restore   [ snapshot ] + [ changelog tail ] --> store
 *   refresh   [ snapshot ] + [ changelog tail ] --> new snapshot      once the tail is long
 */
export class SnapshotKeeper {
  readonly #topics: Topics;
  readonly #changelog: string;
  readonly #files: { readonly fs: FileSystem; readonly folder: string; readonly name: string } | undefined;
  #snapshotOffset = 0;
  #refreshing: Promise<void> | undefined;

  constructor(
    topics: Topics,
    changelog: string,
    files: { readonly fs: FileSystem; readonly folder: string; readonly name: string } | undefined,
  ) {
    this.#topics = topics;
    this.#changelog = changelog;
    this.#files = files;
  }

  /** Visits what the store held at the end of the changelog; later records of a key win. */
  async restore(visit: (cursor: RecordCursor) => void): Promise<void> {
    await this.#replay(visit);
  }

  /** Looks whether the tail has grown long, and then writes a new snapshot. At most one at a time. */
  refresh(longestTail = LONGEST_TAIL_RECORDS): Promise<void> {
    this.#refreshing ??= this.#refresh(longestTail).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refresh(longestTail: number): Promise<void> {
    if (!this.#files) return;
    const { lastStableOffset } = await this.#topics.offsets({ topic: this.#changelog, partition: 0 });
    if (lastStableOffset - this.#snapshotOffset <= longestTail) return;
    const { fs, folder, name } = this.#files;
    const records = new Map<string, StateRecord>();
    const { topicId, offset } = await this.#replay((cursor) => {
      const key = Buffer.from(cursor.key() as Buffer);
      const value = cursor.value();
      const name = key.toString('latin1');
      if (value === null) records.delete(name);
      else records.set(name, { key, value: Buffer.from(value), timestampMs: cursor.timestampMs });
    });
    await writeSnapshot(fs, folder, name, { topicId, offset }, records.values());
    this.#snapshotOffset = offset;
  }

  /** Snapshot, then tail; the offset up to which both together reach. */
  async #replay(visit: (cursor: RecordCursor) => void): Promise<{ topicId: string; offset: number }> {
    const [description] = await this.#topics.describe([this.#changelog]);
    const topicId = description?.topicId ?? '';
    const partition = { topic: this.#changelog, partition: 0 };
    const { logStartOffset, lastStableOffset } = await this.#topics.offsets(partition);
    const known =
      this.#files &&
      (await readSnapshot(this.#files.fs, `${this.#files.folder}/${this.#files.name}`, topicId, visit));
    this.#snapshotOffset = known ?? 0;
    await readCommitted(this.#topics, partition, known ?? logStartOffset, lastStableOffset, visit);
    return { topicId, offset: lastStableOffset };
  }
}
