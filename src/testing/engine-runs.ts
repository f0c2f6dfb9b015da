import { type Clock, systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import { Engine } from '../engine/engine.ts';
import type { RunningQuery } from '../engine/running-query.ts';
import type { Topics } from '../topics/topics.ts';

/** Back-off takes no time, deadlines of seconds stay. */
const impatientClock: Clock = {
  ...systemClock,
  after: (delayMs, callback) => systemClock.after(delayMs > 1_000 ? delayMs : 0, callback),
};

export function engineOn(topics: Topics): Engine {
  return new Engine({ topics, clock: impatientClock, logger: silentLogger });
}

export async function createTopics(
  topics: Topics,
  partitions: Readonly<Record<string, number>>,
): Promise<void> {
  for (const [name, partitionCount] of Object.entries(partitions))
    await topics.create({ name, partitionCount });
}

/** Waits until the query has processed and committed all there is in its sources. */
export async function caughtUp(topics: Topics, query: RunningQuery): Promise<void> {
  const ends = await Promise.all(
    query.positions().map(async ({ topic, partition }) => {
      const { lastStableOffset } = await topics.offsets({ topic, partition });
      return { topic, partition, offset: lastStableOffset };
    }),
  );
  await query.reached(ends, 10_000);
}
