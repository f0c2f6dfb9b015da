import type { Clock } from '../base/clock.ts';
import type { FileSystem } from '../base/fs.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Schemas } from '../serde/schemas.ts';
import { inputsOf, type QueryPlan, type Step } from '../sql/plan.ts';
import type { Position, TopicPartition, Topics } from '../topics/topics.ts';
import { LastingError } from './lasting-error.ts';
import { TableHandle } from './materialized-table.ts';
import { QueryNames } from './names.ts';
import { openTask } from './open-task.ts';
import { Collector } from './operators/collector.ts';
import { StreamSink } from './operators/stream-sink.ts';
import { TableSink } from './operators/table-sink.ts';
import type { ProcessingLog } from './processing-log.ts';
import { type OpenTask, Query } from './query.ts';
import { type QueryCounters, QuerySession } from './query-session.ts';
import { lookedUpTables, rebuildDerived, restoreTables, restoreTimes, type TableRestore } from './restore.ts';
import { RoundOutput } from './round-output.ts';
import type { Pace, PersistentQuery, TransientPlan } from './running-query.ts';
import { backoffOf } from './setbacks.ts';
import type { SharedSources } from './shared-sources.ts';
import { startingPoints } from './starting-point.ts';
import { SnapshotKeeper } from './store/snapshot-keeper.ts';
import type { StateSpace, StateSpaces } from './store/state-space.ts';
import { storeKeyOf } from './store/store-key.ts';
import type { Task } from './task.ts';
import { topicShapes, watchShapes } from './topic-shapes.ts';
import { buildTopology, type TopologyOptions } from './topology.ts';
import type { Turns } from './turns.ts';
import { withoutBounds } from './windowed-key.ts';
import { asWritten } from './written-table.ts';

export interface QueryEnvironment {
  readonly topics: Topics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
  readonly state: { readonly fs: FileSystem; readonly root: string } | undefined;
  readonly states: StateSpaces;
  readonly serviceId: string;
  readonly processingLog: ProcessingLog;
  readonly sharedSources: SharedSources;
  readonly schemas: Schemas;
  readonly turns: Turns;
}

const DEFAULT_COMMIT_INTERVAL_MS = 2_000;
const SNAPSHOT_INTERVAL_MS = 30_000;

class PersistentQueryImpl extends Query implements PersistentQuery {
  readonly plan: QueryPlan;

  constructor(plan: QueryPlan, options: ConstructorParameters<typeof Query>[0]) {
    super(options);
    this.plan = plan;
  }
}

/** A query whose results are written to its sink's topic, exactly once. */
export function openPersistent(plan: QueryPlan, environment: QueryEnvironment): Query & PersistentQuery {
  const { sink } = plan;
  const counters: QueryCounters = { consumed: 0, produced: 0, errors: 0, late: 0 };
  const keyOf =
    sink.relation === 'TABLE' ? storeKeyOf(withoutBounds(sink.schema.key, sink.window)) : undefined;
  const table = keyOf && new TableHandle();
  const states = environment.states.forQuery();
  const query: PersistentQueryImpl = new PersistentQueryImpl(plan, {
    id: plan.queryId,
    counters,
    table,
    clock: environment.clock,
    logger: environment.logger,
    open: (onCommitted) => openAttempt(onCommitted),
    onRelease: () => states.release(),
    canRestart: true,
    backoff: backoffOf(plan.properties),
  });

  async function openAttempt(onCommitted: Parameters<OpenTask>[0]): Promise<Task> {
    const state = states.open();
    let isShown = false;
    try {
      return await openIn(state, onCommitted, () => {
        isShown = true;
        states.settle(state);
      });
    } catch (error) {
      if (!isShown) states.close(state);
      throw error;
    }
  }

  async function openIn(
    state: StateSpace,
    onCommitted: Parameters<OpenTask>[0],
    onShown: () => void,
  ): Promise<Task> {
    const { topics } = environment;
    const names = new QueryNames(environment.serviceId, plan.queryId);
    const session = new QuerySession(plan.queryId, counters, environment.processingLog);
    const output = new RoundOutput();
    const sinkOptions = {
      step: sink,
      context: session,
      output,
      partitionCount: await partitionCount(topics, sink.topic),
      wantsChanges: () => query.hasListeners,
    };
    const merges = Number(plan.properties['cache.max.bytes.buffering'] ?? 1) !== 0;
    const outlet =
      keyOf === undefined
        ? new StreamSink(sinkOptions)
        : new TableSink({ ...sinkOptions, merges, keyOf, state });
    const options = await topologyOptions(session, sink, state, plan.properties, environment);
    const topology = buildTopology(sink, outlet, options);
    const changelogs = topology.states.map(({ storeName }) => names.changelog(storeName));

    // From here on no earlier owner can commit: what is read now is what this task goes on from.
    const writer = await topics.transact(names.group);
    const committed = await writer.positions(names.group);
    await createChangelogs(topics, changelogs, committed.length > 0);
    const sources = topology.sources.map(({ step }) => step.topic);
    const shapes = await topicShapes(topics, [...sources, ...changelogs, sink.topic]);
    const points = await startingPoints(topics, topology.sources, committed, resetOf(plan.properties));
    const tables: TableRestore = { topics, points, state, schemas: environment.schemas };
    const lookedUp = lookedUpTables(topology, sink);
    await restoreTables(
      topology.sources.filter((source) => !lookedUp.has(source)),
      tables,
    );
    const keepers = topology.states.map(({ storeName }, index) =>
      snapshotKeeper(environment, plan.queryId, storeName, changelogs[index] as string),
    );
    for (const [index, { changelog }] of topology.states.entries())
      await keepers[index]?.restore((cursor) => {
        changelog.load(cursor);
        state.trim();
      });
    const restored = await rebuildDerived(topology, session, state);
    restored.show();
    if (outlet instanceof TableSink) await restoreTimes(topics, sink, outlet, state, environment.schemas);
    const positions = points.map(({ topic, partition, offset }) => ({ topic, partition, offset }));
    // `latest` must not move on when a crash comes before the first commit.
    if (points.some(({ isCommitted }) => !isCommitted))
      await writer.commit({ batches: [], group: names.group, positions });
    if (table && outlet instanceof TableSink) table.current = asWritten(outlet.table, sink);
    onShown();
    onCommitted(restored, positions);
    const refreshSnapshots = snapshotSchedule(environment, keepers);
    return openTask({
      topics,
      clock: environment.clock,
      topology,
      session,
      output,
      points,
      sharedSources: environment.sharedSources,
      schemas: environment.schemas,
      changelogs,
      commitIntervalMs: commitInterval(plan.properties),
      nextTurn: () => environment.turns.next(plan.queryId),
      trimState: () => state.trim(),
      prepare: (isStopped) => restoreTables([...lookedUp], tables, isStopped),
      commit: (work) => writer.commit({ ...work, group: names.group }),
      onCommitted: (result, at) => {
        result.show();
        onCommitted(result, at);
        refreshSnapshots();
      },
      onEnd: () => Promise.all(keepers.map((keeper) => keeper.close())),
      onGap: gapLogger(environment.logger, plan.queryId),
      watch: (onChange) => watchShapes(topics, environment.clock, shapes, onChange),
    });
  }

  return query;
}

/** A push query. Its state and its place live in memory only, so it cannot go on after a failure. */
export function openTransient(plan: TransientPlan, environment: QueryEnvironment, pace?: Pace): Query {
  const counters: QueryCounters = { consumed: 0, produced: 0, errors: 0, late: 0 };
  const { topics } = environment;
  const states = environment.states.forQuery();
  return new Query({
    id: plan.queryId,
    counters,
    table: undefined,
    onRelease: () => states.release(),
    canRestart: false,
    backoff: backoffOf(plan.properties),
    clock: environment.clock,
    logger: environment.logger,
    open: async (onCommitted) => {
      const state = states.open();
      const session = new QuerySession(plan.queryId, counters, environment.processingLog);
      const outlet = new Collector(session, plan.root.schema.key.length);
      const topology = buildTopology(
        plan.root,
        outlet,
        await topologyOptions(session, plan.root, state, plan.properties, environment),
      );
      const reset = resetOf(plan.properties);
      const from = plan.from ?? [];
      // A table is read from its beginning all the same, in silence as far as its changes were told before.
      const tables = topology.sources.filter(({ table }) => table).map(({ step }) => step.topic);
      const begun = from.filter(({ topic }) => !tables.includes(topic));
      const points = await startingPoints(topics, topology.sources, begun, reset);
      const shapes = await topicShapes(
        topics,
        points.map(({ topic }) => topic),
      );
      onCommitted(outlet.flush(), points);
      return openTask({
        topics,
        clock: environment.clock,
        topology,
        session,
        output: new RoundOutput(),
        points,
        sharedSources: environment.sharedSources,
        quietBelow: (point) =>
          plan.from ? offsetOf(plan.from, point) : reset === 'latest' ? point.lastStableOffset : 0,
        schemas: environment.schemas,
        changelogs: [],
        commitIntervalMs: commitInterval(plan.properties),
        nextTurn: () => environment.turns.next(plan.queryId),
        trimState: () => state.trim(),
        commit: async () => {},
        ...(pace && { pace }),
        isHelpingFull: () => outlet.isFull,
        onCommitted,
        onGap: gapLogger(environment.logger, plan.queryId),
        // Its reader has to ask again: rows of a new partition must not be missing in silence.
        watch: (onChange) => watchShapes(topics, environment.clock, shapes, onChange),
      });
    },
  });
}

function offsetOf(positions: readonly Position[], { topic, partition }: TopicPartition): number {
  const found = positions.find((position) => position.topic === topic && position.partition === partition);
  return found?.offset ?? 0;
}

async function topologyOptions(
  context: QuerySession,
  root: Step,
  state: StateSpace,
  properties: Readonly<Record<string, string>>,
  { topics, clock, random, schemas }: QueryEnvironment,
): Promise<TopologyOptions> {
  const effects = { nowMs: () => clock.nowMs(), random: () => random.next(), properties };
  const described = await topics.describe([...sourceTopics(root)]);
  const partitionCount = Math.max(1, ...described.map((topic) => topic.partitionCount));
  return { context, state, properties, effects, schemas, partitionCount };
}

function sourceTopics(step: Step): Set<string> {
  if (step.step === 'sourceV1') return new Set([step.topic]);
  return new Set(inputsOf(step).flatMap((input) => [...sourceTopics(input)]));
}

function resetOf(properties: Readonly<Record<string, string>>): 'earliest' | 'latest' {
  return properties['auto.offset.reset'] === 'earliest' ? 'earliest' : 'latest';
}

function commitInterval(properties: Readonly<Record<string, string>>): number {
  return Number(properties['commit.interval.ms'] ?? DEFAULT_COMMIT_INTERVAL_MS);
}

async function partitionCount(topics: Topics, topic: string): Promise<number> {
  const [description] = await topics.describe([topic]);
  if (!description) throw new LastingError(`Topic '${topic}' does not exist.`);
  return description.partitionCount;
}

async function createChangelogs(
  topics: Topics,
  changelogs: readonly string[],
  hasRun: boolean,
): Promise<void> {
  const existing = new Set((await topics.describe(changelogs)).map(({ name }) => name));
  const config = new Map([['cleanup.policy', 'compact']]);
  for (const name of changelogs.filter((changelog) => !existing.has(changelog))) {
    // An empty one beside positions that have moved on would give sums of a part and call them whole.
    if (hasRun)
      throw new LastingError(
        `The state of the query is gone with its topic '${name}'. Terminate it and create it again.`,
      );
    await topics.create({ name, partitionCount: 1, config });
  }
}

function snapshotKeeper(
  { topics, state }: QueryEnvironment,
  queryId: string,
  storeName: string,
  changelog: string,
): SnapshotKeeper {
  const files = state && { fs: state.fs, folder: `${state.root}/${queryId}`, name: `${storeName}.snapshot` };
  return new SnapshotKeeper(topics, changelog, files);
}

/** To be called after each commit; looks at the changelogs once in a while, beside the query's work. */
function snapshotSchedule(
  { clock, logger }: QueryEnvironment,
  keepers: readonly SnapshotKeeper[],
): () => void {
  let lastMs = clock.monotonicMs();
  return () => {
    if (clock.monotonicMs() - lastMs < SNAPSHOT_INTERVAL_MS) return;
    lastMs = clock.monotonicMs();
    for (const keeper of keepers)
      keeper.refresh().catch((error: Error) => {
        logger.warn('a state snapshot could not be written; a restart will read more of the changelog', {
          reason: error.message,
        });
      });
  };
}

function gapLogger(logger: Logger, query: string) {
  return (topic: string, partition: number, fromOffset: number, toOffset: number) =>
    logger.warn('records were deleted before the query read them', {
      query,
      topic,
      partition,
      fromOffset,
      toOffset,
    });
}
