import type { Topics } from '../../topics/topics.ts';

/** The same topics, but those made from here on have one partition: the order of all their records is known. */
export function withOnePartition(topics: Topics): Topics {
  return {
    create: (topic) => topics.create(topic.internal ? topic : { ...topic, partitionCount: 1 }),
    delete: (name) => topics.delete(name),
    describe: (names) => topics.describe(names),
    offsets: (partition) => topics.offsets(partition),
    read: (partition, offset, options) => topics.read(partition, offset, options),
    append: (batch) => topics.append(batch),
    transact: (transactionalId) => topics.transact(transactionalId),
    watch: (partitions, onAdvance) => topics.watch(partitions, onAdvance),
  };
}
