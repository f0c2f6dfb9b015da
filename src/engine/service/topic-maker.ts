import type { Catalog, Source } from '../../sql/catalog.ts';
import type { PlannedOf } from '../../sql/planned.ts';
import { type TopicDescription, TopicError, type Topics } from '../../topics/topics.ts';
import { BAD_STATEMENT, KsqlError } from './ksql-error.ts';

interface Wanted {
  readonly partitions?: number | undefined;
  readonly replicas?: number | undefined;
  readonly retentionMs?: number | undefined;
}

/** The topics under sources: found, or made where the statement says how. */
export class TopicMaker {
  readonly #topics: Pick<Topics, 'create' | 'describe'>;
  readonly #catalog: Catalog;

  constructor(topics: Pick<Topics, 'create' | 'describe'>, catalog: Catalog) {
    this.#topics = topics;
    this.#catalog = catalog;
  }

  /** CREATE STREAM / TABLE over a topic. */
  async ensureDeclared(source: Source, planned: PlannedOf<'createSource'>): Promise<void> {
    const { topicPartitions: partitions, replicas, retentionMs } = planned;
    const existing = await this.#find(source.topic);
    if (existing) return checkPartitions(existing, partitions);
    if (partitions === undefined)
      throw new KsqlError(
        BAD_STATEMENT,
        `Topic '${source.topic}' does not exist. Add PARTITIONS = ... to the WITH clause to make it.`,
      );
    await this.#make(source, { partitions, replicas, retentionMs });
  }

  /** CREATE ... AS SELECT: as many partitions as the leftmost source has, unless the statement says otherwise. */
  async ensureSink(source: Source, planned: PlannedOf<'createQuery'>): Promise<void> {
    const { partitions, replicas, retentionMs } = planned;
    const existing = await this.#find(source.topic);
    if (existing) return checkPartitions(existing, partitions);
    const copied = partitions ?? (await this.#partitionsOf(planned.partitionsFrom));
    await this.#make(source, { partitions: copied, replicas, retentionMs });
  }

  async #make(source: Source, wanted: Wanted): Promise<void> {
    const config = new Map<string, string>();
    // Windows come to an end without a deletion, so retention has to remove what compaction cannot.
    if (source.relation === 'TABLE')
      config.set('cleanup.policy', source.window ? 'compact,delete' : 'compact');
    if (wanted.retentionMs !== undefined) config.set('retention.ms', String(wanted.retentionMs));
    try {
      await this.#topics.create({
        name: source.topic,
        partitionCount: wanted.partitions ?? 1,
        ...(wanted.replicas !== undefined && { replicationFactor: wanted.replicas }),
        config,
      });
    } catch (error) {
      // A Kafka client was faster with the same name; what it made is as good.
      if (!(error instanceof TopicError && error.code === 'TOPIC_ALREADY_EXISTS')) throw error;
    }
  }

  async #partitionsOf(sourceOrTopic: string): Promise<number> {
    const topic = this.#catalog.source(sourceOrTopic)?.topic ?? sourceOrTopic;
    return (await this.#find(topic))?.partitionCount ?? 1;
  }

  async #find(topic: string): Promise<TopicDescription | undefined> {
    return (await this.#topics.describe([topic]))[0];
  }
}

function checkPartitions(topic: TopicDescription, wanted: number | undefined): void {
  if (wanted === undefined || wanted === topic.partitionCount) return;
  throw new KsqlError(
    BAD_STATEMENT,
    `A topic '${topic.name}' exists with ${topic.partitionCount} partitions, the statement asks for ${wanted}.`,
  );
}
