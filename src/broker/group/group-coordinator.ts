import type { TransactionMarker } from '../../topics/state-machine.ts';
import type { CoordinatorPartitions } from '../coordinator-partitions.ts';
import type { GroupCalls, GroupSummary } from './group-calls.ts';
import type { CoordinatorEntry } from './group-entries.ts';
import type { GroupMachine } from './group-machine.ts';

export const OFFSETS_TOPIC = '__consumer_offsets';

/** Calls that concern one group. */
type GroupCall = Exclude<keyof GroupCalls, 'list' | 'forgetTopics'>;

/** The group coordinator as the request handlers see it: it finds the partition that keeps a group. */
export class GroupCoordinator {
  readonly #partitions: CoordinatorPartitions<GroupMachine, GroupCalls, CoordinatorEntry>;

  constructor(partitions: CoordinatorPartitions<GroupMachine, GroupCalls, CoordinatorEntry>) {
    this.#partitions = partitions;
  }

  call<Kind extends GroupCall>(
    kind: Kind,
    request: GroupCalls[Kind]['request'] & { readonly groupId: string },
  ): Promise<GroupCalls[Kind]['reply']> {
    return this.#partitions.submit(request.groupId, kind, request);
  }

  async list(): Promise<readonly GroupSummary[]> {
    const lists = await Promise.all(this.#partitions.all().map(({ runner }) => runner.submit('list', {})));
    return lists.flat();
  }

  /** Every group with what it has committed, as it is at this moment. */
  overview() {
    return this.#partitions.all().flatMap(({ machine }) => machine.overview());
  }

  /** Whether the share group keeps a state for the partition. */
  hasSharePartition(key: {
    readonly groupId: string;
    readonly topicId: string;
    readonly partition: number;
  }): boolean {
    return this.#partitions.of(key.groupId).machine.hasSharePartition(key);
  }

  /** Drops the offsets of topics that exist no more. */
  async forgetTopics(isGone: (topic: string) => boolean): Promise<void> {
    await Promise.all(this.#partitions.all().map(({ runner }) => runner.submit('forgetTopics', { isGone })));
  }

  /** The partition of `__consumer_offsets` that a transactional commit for this group touches. */
  offsetsPartition(groupId: string) {
    return { topic: OFFSETS_TOPIC, partition: this.#partitions.partitionOf(groupId) };
  }

  /** Ends a transaction whose offset commits lie in that partition. */
  endTransaction(partition: number, marker: TransactionMarker): Promise<void> {
    return this.#partitions.at(partition)?.runner.endTransaction(marker) ?? Promise.resolve();
  }

  close(): void {
    this.#partitions.close();
  }
}
