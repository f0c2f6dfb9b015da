import type { Assignment } from './assignment.ts';

export interface AssignorMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  /** Of topics that exist. */
  readonly topicIds: ReadonlySet<string>;
  /** What it was to have until now. */
  readonly target: Assignment;
}

/** Decides who is to have what. Members without an entry get nothing; every partition wanted by somebody is given. */
export type Assignor = (
  members: readonly AssignorMember[],
  partitionCountOf: (topicId: string) => number,
) => ReadonlyMap<string, Assignment>;

/** Static members first, by their lasting names: a restart under the same name changes nothing. */
export function inOrder(members: readonly AssignorMember[]): readonly AssignorMember[] {
  return [...members].sort((a, b) => {
    if ((a.instanceId === null) !== (b.instanceId === null)) return a.instanceId === null ? 1 : -1;
    const one = a.instanceId ?? a.memberId;
    const other = b.instanceId ?? b.memberId;
    return one < other ? -1 : one > other ? 1 : 0;
  });
}

/** Gathers who gets what. */
export class Shares {
  readonly #shares = new Map<string, Map<string, Set<number>>>();
  readonly #counts = new Map<string, number>();

  constructor(members: readonly AssignorMember[]) {
    for (const { memberId } of members) {
      this.#shares.set(memberId, new Map());
      this.#counts.set(memberId, 0);
    }
  }

  countOf(memberId: string): number {
    return this.#counts.get(memberId)!;
  }

  give(memberId: string, topicId: string, partition: number): void {
    const share = this.#shares.get(memberId)!;
    const partitions = share.get(topicId);
    if (partitions === undefined) share.set(topicId, new Set([partition]));
    else partitions.add(partition);
    this.#counts.set(memberId, this.countOf(memberId) + 1);
  }

  take(memberId: string, topicId: string, partition: number): void {
    if (this.#shares.get(memberId)!.get(topicId)?.delete(partition))
      this.#counts.set(memberId, this.countOf(memberId) - 1);
  }

  *of(memberId: string): Generator<{ readonly topicId: string; readonly partition: number }> {
    for (const [topicId, partitions] of this.#shares.get(memberId)!)
      for (const partition of partitions) yield { topicId, partition };
  }

  sets(): ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<number>>> {
    return this.#shares;
  }
}
