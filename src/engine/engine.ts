import type { Clock } from '../base/clock.ts';
import type { OpenDiskMap } from '../base/disk-map.ts';
import type { FileSystem } from '../base/fs.ts';
import { heapLimitBytes } from '../base/heap.ts';
import type { Logger } from '../base/logger.ts';
import { type Random, systemRandom } from '../base/random.ts';
import { FetchedSchemas, NO_SCHEMAS, type SchemaById } from '../serde/schemas.ts';
import type { QueryPlan } from '../sql/plan.ts';
import type { Topics } from '../topics/topics.ts';
import { KeptState } from './kept-state.ts';
import { processingLogTopic } from './names.ts';
import { openPersistent, openTransient, type QueryEnvironment } from './open-query.ts';
import { ProcessingLog } from './processing-log.ts';
import type { Query } from './query.ts';
import type { Pace, PersistentQuery, TransientPlan } from './running-query.ts';
import { SharedSources } from './shared-sources.ts';
import { StateBudget } from './store/state-budget.ts';
import { type SpillPlace, StateSpaces } from './store/state-space.ts';
import { RoundRobin, type Turns } from './turns.ts';

export interface EngineOptions {
  readonly topics: Topics;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What RANDOM() and UUID() draw from. */
  readonly random?: Random;
  /** Where snapshots of query state go; without it a restart reads whole changelogs. */
  readonly state?: { readonly fs: FileSystem; readonly root: string };
  /** Where state goes that is more than `memoryBytes` of all queries together; without it all stays in memory. */
  readonly spill?: SpillOptions;
  /** ksql.service.id: the prefix of internal topics and groups. */
  readonly serviceId?: string;
  /** The registry of the schemas that records name; without it formats that need one cannot be read. */
  readonly schemaById?: SchemaById;
  /** Shares the thread among the tasks. */
  readonly turns?: Turns;
}

export interface SpillOptions {
  /** Half of the heap's limit unless given. */
  readonly memoryBytes?: number | undefined;
  readonly openDisk: OpenDiskMap;
  /** For this engine alone; what is in it does not outlive it. */
  readonly folder: string;
}

/** Runs plans. Everything a query leaves behind, outputs, state and positions, is in topics. */
export class Engine {
  readonly #environment: QueryEnvironment;
  readonly #kept: KeptState;
  readonly #queries = new Set<Query>();

  constructor(options: EngineOptions) {
    const serviceId = options.serviceId ?? 'default_';
    const { topics, clock, logger, spill, schemaById } = options;
    const schemas = schemaById ? new FetchedSchemas(schemaById) : NO_SCHEMAS;
    this.#environment = {
      topics,
      clock,
      logger,
      random: options.random ?? systemRandom,
      state: options.state,
      states: new StateSpaces(spill && spillPlace(spill, clock, logger)),
      serviceId,
      schemas,
      sharedSources: new SharedSources(topics, schemas),
      processingLog: new ProcessingLog(topics, processingLogTopic(serviceId), clock, logger),
      turns: options.turns ?? new RoundRobin(),
    };
    this.#kept = new KeptState(topics, serviceId, options.state);
  }

  /** Resolves when the query has its state back and runs. Its source and sink topics must exist. */
  async start(plan: QueryPlan): Promise<Query & PersistentQuery> {
    const query = openPersistent(plan, this.#environment);
    await this.#run(query);
    return query;
  }

  /** A push query: its changes go to `subscribe`rs only. Subscribe in the same turn that this resolves in. */
  async startTransient(plan: TransientPlan, pace?: Pace): Promise<Query> {
    const query = openTransient(plan, this.#environment, pace);
    await this.#run(query);
    void query.ended.then(() => query.release());
    return query;
  }

  /** Removes what a query that will not run again has kept: changelogs and snapshots. */
  dropState(queryId: string): Promise<void> {
    return this.#kept.drop(queryId);
  }

  /** Removes what queries have kept that are none of these: their end was decided and not carried through. */
  dropOtherState(queryIds: readonly string[]): Promise<void> {
    return this.#kept.dropOthers(queryIds);
  }

  /** What the state of all queries takes in memory, roughly; 0 where there is no limit to it. */
  get stateBytes(): number {
    return this.#environment.states.usedBytes;
  }

  /** Stops every query; their last rounds are committed. */
  async stop(): Promise<void> {
    await Promise.all(Array.from(this.#queries, (query) => query.stop()));
    await this.#environment.processingLog.settled();
    this.#environment.states.releaseAll();
  }

  async #run(query: Query): Promise<void> {
    try {
      await query.start();
    } catch (error) {
      query.release();
      throw error;
    }
    this.#queries.add(query);
    void query.ended.then(() => this.#queries.delete(query));
  }
}

function spillPlace(
  { memoryBytes, openDisk, folder }: SpillOptions,
  clock: Clock,
  logger: Logger,
): SpillPlace {
  const limitBytes = memoryBytes ?? heapLimitBytes() / 2;
  const onFailure = ({ message }: Error) =>
    logger.warn('state of queries could not be moved to disk and stays in memory for now', {
      folder,
      reason: message,
    });
  return { budget: new StateBudget({ limitBytes, clock, onFailure }), openDisk, folder };
}
