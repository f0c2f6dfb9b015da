import type { Assignment } from './share-group-entries.ts';

export interface AssignableMember {
  readonly memberId: string;
  /** Ids of the topics it wants that exist. */
  readonly topicIds: ReadonlySet<string>;
  readonly before: Assignment;
}

export interface AssignableTopic {
  readonly topicId: string;
  readonly partitionCount: number;
}

/** A partition as one text, to be found in sets. */
type Place = `${string}:${number}`;

/**
 * Kafka's `simple` assignor (KIP-932): every partition has a member, with more members than partitions several;
 * members have about the same number of partitions; who had a partition keeps it where the balance allows.
 *
 * Members that want different topics are balanced per set of topics.
 */
export function assignSimply(
  members: readonly AssignableMember[],
  topics: readonly AssignableTopic[],
): ReadonlyMap<string, Assignment> {
  const places = new Map<string, Set<Place>>(members.map(({ memberId }) => [memberId, new Set()]));
  const isHomogeneous = members.every(({ topicIds }) => isSameSet(topicIds, members[0]!.topicIds));
  const parts = isHomogeneous ? [topics] : topics.map((topic) => [topic]);
  for (const part of parts) {
    const wanted = part.filter(({ topicId }) => members.some(({ topicIds }) => topicIds.has(topicId)));
    const readers = members.filter(({ topicIds }) => wanted.some(({ topicId }) => topicIds.has(topicId)));
    assignPart(readers, wanted, places);
  }
  return new Map([...places].map(([memberId, own]) => [memberId, toAssignment(own, topics)]));
}

function assignPart(
  members: readonly AssignableMember[],
  topics: readonly AssignableTopic[],
  places: ReadonlyMap<string, Set<Place>>,
): void {
  const targets = topics.flatMap(({ topicId, partitionCount }) =>
    Array.from({ length: partitionCount }, (_, partition): Place => `${topicId}:${partition}`),
  );
  if (targets.length === 0 || members.length === 0) return;
  const sharing = Math.ceil(members.length / targets.length);
  const perMember = (sharing * targets.length) / members.length;
  const room = members.map((_, index) => Math.ceil(perMember * (index + 1)) - Math.ceil(perMember * index));
  const readers = new Map<Place, number>(targets.map((target) => [target, 0]));
  const give = (index: number, target: Place) => {
    places.get(members[index]!.memberId)!.add(target);
    readers.set(target, readers.get(target)! + 1);
    room[index]!--;
  };
  members.forEach(({ before }, index) => {
    for (const { topicId, partitions } of before) {
      for (const partition of partitions) {
        const target: Place = `${topicId}:${partition}`;
        if (room[index]! > 0 && (readers.get(target) ?? sharing) < sharing) give(index, target);
      }
    }
  });
  let turn = 0;
  for (const target of targets) {
    for (let tries = 0; tries < members.length && readers.get(target)! < sharing; tries++) {
      const index = turn++ % members.length;
      const hasIt = places.get(members[index]!.memberId)!.has(target);
      if (room[index]! > 0 && !hasIt) give(index, target);
    }
  }
}

function toAssignment(own: ReadonlySet<Place>, topics: readonly AssignableTopic[]): Assignment {
  return topics.flatMap(({ topicId, partitionCount }) => {
    const all = Array.from({ length: partitionCount }, (_, partition) => partition);
    const partitions = all.filter((partition) => own.has(`${topicId}:${partition}`));
    return partitions.length === 0 ? [] : [{ topicId, partitions }];
  });
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item));
}
