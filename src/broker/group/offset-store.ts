import type { ProducerIdentity, TransactionMarker } from '../../topics/state-machine.ts';
import type { TopicPartition } from '../../topics/topics.ts';
import type { OffsetEntry, RecordedOffset } from './group-entries.ts';

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
 */
export class OffsetStore {
  readonly #committed = new Map<string, ByTopic>();
  readonly #pending = new Map<number, OffsetEntry[]>();

  apply(entry: OffsetEntry, producer: ProducerIdentity | undefined): void {
    if (producer === undefined) {
      this.#set(entry);
      return;
    }
    const pending = this.#pending.get(producer.producerId);
    if (pending === undefined) this.#pending.set(producer.producerId, [entry]);
    else pending.push(entry);
  }

  applyMarker(marker: TransactionMarker): void {
    const pending = this.#pending.get(marker.producerId);
    this.#pending.delete(marker.producerId);
    if (marker.outcome === 'abort') return;
    for (const entry of pending ?? []) this.#set(entry);
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
    for (const entries of this.#pending.values()) {
      for (const entry of entries) {
        if (entry.groupId !== groupId) continue;
        if (partition === undefined) return true;
        if (entry.topic === partition.topic && entry.partition === partition.partition) return true;
      }
    }
    return false;
  }
}
