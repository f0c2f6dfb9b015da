import type { Clock } from '../base/clock.ts';
import { isInternalTopic } from '../engine/names.ts';
import { sourceSteps, topicsOf } from '../engine/service/plan-walk.ts';
import { stateOf } from '../engine/service/query-registry.ts';
import type { SqlService } from '../engine/service/sql-service.ts';
import { type Position, TopicError, type Topics } from '../topics/topics.ts';

/** What the pages show of a running server. */
export interface Overview {
  readonly version: string;
  readonly kafkaAddress: string;
  readonly httpAddress: string;
  /** Empty where it is off. */
  readonly registryAddress: string;
  readonly uptimeMs: number;
  readonly topics: readonly TopicOverview[];
  readonly queries: readonly QueryOverview[];
  readonly groups: readonly GroupOverview[];
  readonly connections: number;
}

export interface TopicOverview {
  readonly name: string;
  readonly internal: boolean;
  /** Those whose log is online. */
  readonly partitions: readonly {
    readonly partition: number;
    readonly logStartOffset: number;
    readonly highWatermark: number;
  }[];
}

export interface QueryOverview {
  readonly id: string;
  readonly sql: string;
  readonly state: string;
  readonly sources: readonly string[];
  readonly sink: string;
  /** Those that it reads, and the one that it writes. */
  readonly topics: readonly string[];
  readonly consumed: number;
  readonly produced: number;
  readonly errors: number;
  readonly late: number;
  readonly positions: readonly Position[];
}

export interface GroupOverview {
  readonly groupId: string;
  readonly state: string;
  readonly members: number;
  readonly positions: readonly Position[];
}

/** What of the overview only the broker knows. */
export interface BrokerFacts {
  readonly version: string;
  /** By the monotonic clock. */
  readonly startedMs: number;
  readonly kafkaAddress: string;
  /** Known once the port listens. */
  readonly httpAddress: () => string;
  readonly registryAddress: string;
  readonly groups: () => readonly GroupOverview[];
  readonly connections: () => number;
}

/** Gathers the overview from the parts that know it: each read is one look, nothing is kept in between. */
export class OverviewReader {
  readonly #topics: Topics;
  readonly #sql: SqlService;
  readonly #facts: BrokerFacts;
  readonly #clock: Clock;

  constructor(topics: Topics, sql: SqlService, facts: BrokerFacts, clock: Clock) {
    this.#topics = topics;
    this.#sql = sql;
    this.#facts = facts;
    this.#clock = clock;
  }

  async read(): Promise<Overview> {
    const { version, startedMs, kafkaAddress, httpAddress, registryAddress, groups, connections } =
      this.#facts;
    return {
      version,
      kafkaAddress,
      httpAddress: httpAddress(),
      registryAddress,
      uptimeMs: Math.round(this.#clock.monotonicMs() - startedMs),
      topics: await this.#topicOverviews(),
      queries: this.#queryOverviews(),
      groups: groups(),
      connections: connections(),
    };
  }

  async #topicOverviews(): Promise<TopicOverview[]> {
    const described = [...(await this.#topics.describe())].sort((a, b) => (a.name < b.name ? -1 : 1));
    return Promise.all(
      described.map(async ({ name, internal, partitionCount }) => {
        const partitions = await Promise.all(
          Array.from({ length: partitionCount }, (_, partition) => this.#partitionOverview(name, partition)),
        );
        return {
          name,
          internal: internal || isInternalTopic(name),
          partitions: partitions.filter((partition) => partition !== undefined),
        };
      }),
    );
  }

  /** Undefined when its log is offline or was deleted meanwhile: the other partitions are worth seeing all the same. */
  async #partitionOverview(
    topic: string,
    partition: number,
  ): Promise<TopicOverview['partitions'][number] | undefined> {
    try {
      const { logStartOffset, highWatermark } = await this.#topics.offsets({ topic, partition });
      return { partition, logStartOffset, highWatermark };
    } catch (error) {
      if (error instanceof TopicError) return undefined;
      throw error;
    }
  }

  #queryOverviews(): QueryOverview[] {
    return [...this.#sql.persistentQueries()].map((entry) => {
      const { plan, running } = entry;
      const steps = sourceSteps(plan.sink);
      const counters = running?.counters ?? { consumed: 0, produced: 0, errors: 0, late: 0 };
      return {
        id: plan.queryId,
        sql: plan.statementText,
        state: stateOf(entry),
        sources: [...new Set(steps.map(({ source }) => source))],
        sink: plan.sink.sink,
        topics: topicsOf(plan.sink),
        ...counters,
        positions: running?.positions() ?? [],
      };
    });
  }
}
