import { Buffer } from 'node:buffer';
import type { RecordCursor } from '../../record/record-cursor.ts';
import type { TopicPartition, Topics } from '../../topics/topics.ts';
import { readCommitted } from '../read-committed.ts';
import type { StateRecord } from './snapshot.ts';
import { SnapshotChain, type SnapshotFiles } from './snapshot-chain.ts';

/** A changelog's tail that is read in a fraction of a second needs no snapshot. */
const LONGEST_TAIL_RECORDS = 100_000;
/** Of the changelog that becomes a snapshot at once. */
const PART_RECORDS = 100_000;
const PART_BYTES = 16 * 1024 * 1024;

/**
 * Keeps the restart of one store short. A snapshot is made from the changelog, not from the living store: it holds
 * committed state only, and the query never waits for it.
 *
 *   restore   [ snapshots ] + [ changelog tail ] --> store
 *   refresh                   [ changelog tail ] --> another snapshot     once the tail is long
 */
export class SnapshotKeeper {
  readonly #topics: Topics;
  readonly #changelog: TopicPartition;
  readonly #files: SnapshotFiles | undefined;
  #chain: Promise<SnapshotChain | undefined> | undefined;
  #refreshing: Promise<void> | undefined;
  #isClosed = false;

  constructor(topics: Topics, changelog: string, files: SnapshotFiles | undefined) {
    this.#topics = topics;
    this.#changelog = { topic: changelog, partition: 0 };
    this.#files = files;
  }

  /** Visits what the store held at the end of the changelog; later records of a key win. */
  async restore(visit: (cursor: RecordCursor) => void): Promise<void> {
    const { logStartOffset, lastStableOffset } = await this.#topics.offsets(this.#changelog);
    const chain = await this.#opened();
    await chain?.visit(visit);
    const from = Math.max(logStartOffset, chain?.end ?? 0);
    await readCommitted(this.#topics, this.#changelog, from, lastStableOffset, visit);
  }

  /** Writes no more; resolves when nothing is being written. */
  async close(): Promise<void> {
    this.#isClosed = true;
    (await this.#chain)?.stop();
    await this.#refreshing?.catch(() => {});
  }

  /** Looks whether the tail has grown long, and then writes another snapshot. At most one at a time. */
  refresh(longestTail = LONGEST_TAIL_RECORDS): Promise<void> {
    this.#refreshing ??= this.#refresh(longestTail)
      .catch((error: Error) => {
        // To be stopped in the middle is no failure.
        if (!this.#isClosed) throw error;
      })
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  async #refresh(longestTail: number): Promise<void> {
    const chain = await this.#opened();
    if (chain === undefined) return;
    const { logStartOffset, lastStableOffset } = await this.#topics.offsets(this.#changelog);
    if (lastStableOffset - chain.end <= longestTail) return;
    while (chain.end < lastStableOffset && !this.#isClosed)
      await this.#extend(chain, logStartOffset, lastStableOffset);
  }

  /** By a part that memory has room for. */
  async #extend(chain: SnapshotChain, logStartOffset: number, lastStableOffset: number): Promise<void> {
    const records = new Map<string, StateRecord>();
    let bytes = 0;
    const from = Math.max(chain.end, logStartOffset);
    const visit = (cursor: RecordCursor) => {
      const record = copyOf(cursor);
      bytes += record.key.length + (record.value?.length ?? 0);
      records.set(record.key.toString('latin1'), record);
    };
    const isEnough = () => bytes >= PART_BYTES || records.size >= PART_RECORDS;
    const to = await readCommitted(this.#topics, this.#changelog, from, lastStableOffset, visit, isEnough);
    await chain.append([...records.values()], to);
  }

  #opened(): Promise<SnapshotChain | undefined> {
    this.#chain ??= this.#open();
    return this.#chain;
  }

  async #open(): Promise<SnapshotChain | undefined> {
    if (!this.#files) return undefined;
    const [description] = await this.#topics.describe([this.#changelog.topic]);
    return SnapshotChain.open(this.#files, description?.topicId ?? '');
  }
}

function copyOf(cursor: RecordCursor): StateRecord {
  const value = cursor.value();
  return {
    key: Buffer.from(cursor.key() as Buffer),
    value: value === null ? null : Buffer.from(value),
    timestampMs: cursor.timestampMs,
  };
}
