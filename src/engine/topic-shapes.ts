import type { Clock, Timer } from '../base/clock.ts';
import type { Topics } from '../topics/topics.ts';

/** As Kafka's metadata.max.age.ms, only shorter: asking costs next to nothing here. */
const CHECK_INTERVAL_MS = 2_000;

/** The topics of a query have other partitions than when its task was opened, or are gone. */
export class TopicsChanged extends Error {
  constructor(topic: string) {
    super(`The topic '${topic}' has other partitions now, or was deleted.`);
    this.name = 'TopicsChanged';
  }
}

export type TopicShapes = ReadonlyMap<string, string>;

/** What of its topics a task relies on: which incarnation of the name, with how many partitions. */
export async function topicShapes(topics: Topics, names: Iterable<string>): Promise<TopicShapes> {
  const described = await topics.describe([...new Set(names)]);
  return new Map(
    described.map(({ name, topicId, partitionCount }) => [name, `${topicId} ${partitionCount}`]),
  );
}

/** Calls back once when a topic changes: neither a new partition nor an end shows in the partitions that are read. */
export function watchShapes(
  topics: Topics,
  clock: Clock,
  shapes: TopicShapes,
  onChange: (error: Error) => void,
): Timer {
  let timer: Timer | undefined;
  let isOver = false;
  const check = async () => {
    const now = await topicShapes(topics, shapes.keys());
    const changed = [...shapes].find(([name, shape]) => now.get(name) !== shape);
    if (isOver) return;
    if (changed) onChange(new TopicsChanged(changed[0]));
    else schedule();
  };
  const schedule = () => {
    timer = clock.after(CHECK_INTERVAL_MS, () => void check().catch(onChange));
  };
  schedule();
  return {
    cancel: () => {
      isOver = true;
      timer?.cancel();
    },
  };
}
