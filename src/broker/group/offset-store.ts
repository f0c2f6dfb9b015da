import type { ProducerIdentity, TransactionMarker } from '../../topics/state-machine.ts';
import type { TopicPartition } from '../../topics/topics.ts';
import type { OffsetEntry, RecordedOffset } from './group-entries.ts';

/** A commit and its order in the log. */
interface PendingCommit {
  readonly entry: OffsetEntry;
  readonly place: number;
}

type ByPartition = Map<number, RecordedOffset>;
type ByTopic = Map<string, ByPartition>;

/**
 * The committed offsets of all groups of one coordinator partition.
 *
 * ```
 *  commit ───────────────────────────────> committed
 *  commit in a transaction ──> pending ──commit marker──┘
 *                                 └──abort marker──> dropped
 * ```
 *
 * Of the commits for one partition that count, that which lies last in the log wins, also over one whose transaction
 * ends later: it is the one compaction keeps, so a start from the compacted log comes to the same answer.
 */
export class OffsetStore {
  readonly #committed = new Map<string, ByTopic>();
  readonly #pending = new Map<number, PendingCommit[]>();
  #nextPlace = 0;

  apply(entry: OffsetEntry, producer: ProducerIdentity | undefined): void {
    const commit = { entry, place: this.#nextPlace++ };
    if (producer === undefined) {
      this.#decide(commit);
      return;
    }
    const pending = this.#pending.get(producer.producerId);
    if (pending === undefined) this.#pending.set(producer.producerId, [commit]);
    else pending.push(commit);
  }

  applyMarker(marker: TransactionMarker): void {
    const pending = this.#pending.get(marker.producerId);
    this.#pending.delete(marker.producerId);
    if (marker.outcome === 'abort') return;
    for (const commit of pending ?? []) this.#decide(commit);
  }

  /** The commit counts; what lies before it in the log, for the same partition and undecided, never will. */
  #decide({ entry, place }: PendingCommit): void {
    for (const [producerId, pending] of this.#pending) {
      const left = pending.filter((other) => other.place > place || !isSamePartition(other.entry, entry));
      if (left.length < pending.length) this.#pending.set(producerId, left);
    }
    this.#set(entry);
  }

  #set({ groupId, topic, partition, value }: OffsetEntry): void {
    const topics = this.#committed.get(groupId);
    const partitions = topics?.get(topic);
    if (value !== null) {
      if (partitions !== undefined) partitions.set(partition, value);
      else if (topics !== undefined) topics.set(topic, new Map([[partition, value]]));
      else this.#committed.set(groupId, new Map([[topic, new Map([[partition, value]])]]));
      return;
    }
    partitions?.delete(partition);
    if (partitions?.size === 0) topics?.delete(topic);
    if (topics?.size === 0) this.#committed.delete(groupId);
  }

  find(groupId: string, topic: string, partition: number): RecordedOffset | undefined {
    return this.#committed.get(groupId)?.get(topic)?.get(partition);
  }

  /** Everything a group has committed. */
  *ofGroup(groupId: string): Generator<TopicPartition & { readonly value: RecordedOffset }> {
    for (const [topic, partitions] of this.#committed.get(groupId) ?? []) {
      for (const [partition, value] of partitions) yield { topic, partition, value };
    }
  }

  groupIds(): readonly string[] {
    return [...this.#committed.keys()];
  }

  hasOffsets(groupId: string): boolean {
    return this.#committed.has(groupId);
  }

  /** Whether an undecided transaction holds a commit for this group, or for this partition of it. */
  isPending(groupId: string, partition?: TopicPartition): boolean {
    for (const commits of this.#pending.values()) {
      for (const { entry } of commits) {
        if (entry.groupId !== groupId) continue;
        if (partition === undefined) return true;
        if (entry.topic === partition.topic && entry.partition === partition.partition) return true;
      }
    }
    return false;
  }
}

function isSamePartition(one: OffsetEntry, other: OffsetEntry): boolean {
  return one.groupId === other.groupId && one.topic === other.topic && one.partition === other.partition;
}
