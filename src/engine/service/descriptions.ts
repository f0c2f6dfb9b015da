import { formatColumn, formatSchema } from '../../data/type-text.ts';
import type { Source } from '../../sql/catalog.ts';
import { explainSource } from '../../sql/compile.ts';
import { inputsOf, type QueryPlan, type Step } from '../../sql/plan.ts';
import type { Planned, PlannedOf } from '../../sql/planned.ts';
import { declaredSchema } from '../../sql/planner/window.ts';
import type { TopicDescription, Topics } from '../../topics/topics.ts';
import { compiledSource } from '../compiled-source.ts';
import { QueryNames } from '../names.ts';
import type { RunningQuery } from '../running-query.ts';
import type { QueryError } from '../setbacks.ts';
import type {
  Field,
  QueryDescription,
  QueryOffsetSummary,
  QuerySummary,
  SourceDescription,
  TaskMetadata,
} from './entities.ts';
import { drawPlan, readsSource, sourceSteps } from './plan-walk.ts';
import { type PersistentEntry, type PushEntry, stateOf } from './query-registry.ts';
import { fieldOf, fieldsOf } from './source-fields.ts';

/** Answers about sources and queries, put together from the catalog, the running queries and the log. */
export class Descriptions {
  readonly #topics: Topics;
  readonly #serviceId: string;

  constructor(topics: Topics, serviceId: string) {
    this.#topics = topics;
    this.#serviceId = serviceId;
  }

  /** `queries`: those that the asker may see. */
  async source(
    source: Source,
    extended: boolean,
    queries: readonly PersistentEntry[],
  ): Promise<SourceDescription> {
    const readers = queries.filter(({ plan }) => readsSource(plan.sink, source.name));
    const writers = queries.filter(({ plan }) => sinksOf(plan).includes(source.name));
    const [topic] = extended ? await this.#topics.describe([source.topic]) : [];
    return {
      name: source.name,
      windowType: source.window?.type ?? null,
      readQueries: readers.map(persistentSummary),
      writeQueries: writers.map(persistentSummary),
      fields: fieldsOf(source.schema),
      type: source.relation,
      timestamp: source.timestamp?.column ?? '',
      statistics: extended ? statisticsOf(writers) : '',
      errorStats: extended ? errorStatsOf(writers) : '',
      extended,
      keyFormat: source.keyFormat.name,
      valueFormat: source.valueFormat.name,
      topic: source.topic,
      partitions: topic?.partitionCount ?? 0,
      replication: topic?.replicationFactor ?? 0,
      statement: source.statementText,
      queryOffsetSummaries: extended ? await Promise.all(writers.map((entry) => this.#offsets(entry))) : [],
      sourceConstraints: [...new Set(readers.filter(isCreatedWithSink).flatMap(({ plan }) => sinksOf(plan)))],
      clusterStatistics: [],
      clusterErrorStats: [],
    };
  }

  async query(entry: PersistentEntry): Promise<QueryDescription> {
    const { plan, running } = entry;
    const retry = running?.retry;
    return {
      ...describeSteps(plan.sink, plan.properties),
      id: plan.queryId,
      statementText: plan.statementText,
      sinks: sinksOf(plan),
      overriddenProperties: plan.properties,
      ksqlHostQueryStatus: { 'embedded:0': stateOf(entry) },
      queryType: 'PERSISTENT',
      queryErrors: errorsOf(entry).map(errorEntity),
      ...(retry && { retry: { attempt: retry.attempt, timestamp: retry.atMs } }),
      tasksMetadata: running ? [await this.#task(plan.sink, running)] : [],
      state: stateOf(entry),
      consumerGroupId: this.groupId(plan.queryId),
    };
  }

  async push({ id, text, plan, running }: PushEntry): Promise<QueryDescription> {
    const { state, errors } = running();
    return {
      ...describeSteps(plan.root, plan.properties),
      id,
      statementText: text,
      sinks: [],
      overriddenProperties: {},
      ksqlHostQueryStatus: { 'embedded:0': state },
      queryType: 'PUSH',
      queryErrors: errors.map(errorEntity),
      tasksMetadata: [await this.#task(plan.root, running())],
      state,
      consumerGroupId: '',
    };
  }

  /** The consumer group under which a query commits its positions. */
  groupId(queryId: string): string {
    return new QueryNames(this.#serviceId, queryId).group;
  }

  async #offsets({ plan, running }: PersistentEntry): Promise<QueryOffsetSummary> {
    const topicSummaries = await this.#topicOffsets(plan.sink, running);
    return { groupId: this.groupId(plan.queryId), topicSummaries };
  }

  /** A query is one task here, whatever its partitions. */
  async #task(root: Step, running: RunningQuery): Promise<TaskMetadata> {
    const topicOffsets = (await this.#topicOffsets(root, running)).flatMap(({ kafkaTopic, offsets }) =>
      offsets.map(({ partition, logEndOffset, consumerOffset }) => ({
        topicPartitionEntity: { topic: kafkaTopic, partition },
        endOffset: logEndOffset,
        committedOffset: consumerOffset,
      })),
    );
    return { taskId: '0_0', topicOffsets };
  }

  async #topicOffsets(
    root: Step,
    running: RunningQuery | undefined,
  ): Promise<QueryOffsetSummary['topicSummaries']> {
    const positions = new Map(
      running?.positions().map(({ topic, partition, offset }) => [`${topic} ${partition}`, offset]),
    );
    const names = [...new Set(sourceSteps(root).map(({ topic }) => topic))];
    const described = await this.#topics.describe(names);
    return Promise.all(described.map((topic) => this.#ends(topic, positions)));
  }

  async #ends(
    { name, partitionCount }: TopicDescription,
    positions: ReadonlyMap<string, number>,
  ): Promise<QueryOffsetSummary['topicSummaries'][number]> {
    const partitions = Array.from({ length: partitionCount }, async (_, partition) => {
      const { logStartOffset, highWatermark } = await this.#topics.offsets({ topic: name, partition });
      const consumerOffset = positions.get(`${name} ${partition}`) ?? 0;
      return { partition, logStartOffset, logEndOffset: highWatermark, consumerOffset };
    });
    return { kafkaTopic: name, offsets: await Promise.all(partitions) };
  }
}

/** As against INSERT INTO, by which a stream that is there gets a second one. */
function isCreatedWithSink({ plan }: PersistentEntry): boolean {
  return !plan.queryId.startsWith('INSERTQUERY_');
}

function errorEntity({ timestampMs, message, type }: QueryError): QueryDescription['queryErrors'][number] {
  return { timestamp: timestampMs, errorMessage: message, type };
}

/** A source table's query has none. */
function sinksOf({ sink }: QueryPlan): string[] {
  return sink.keepsOnly ? [] : [sink.sink];
}

export function persistentSummary(entry: PersistentEntry): QuerySummary {
  const { plan } = entry;
  const state = stateOf(entry);
  return {
    queryString: plan.statementText,
    sinks: sinksOf(plan),
    sinkKafkaTopics: plan.sink.keepsOnly ? [] : [plan.sink.topic],
    id: plan.queryId,
    statusCount: { [state]: 1 },
    queryType: 'PERSISTENT',
    state,
  };
}

export function pushSummary(push: PushEntry): QuerySummary {
  return {
    queryString: push.text,
    sinks: [],
    sinkKafkaTopics: [],
    id: push.id,
    statusCount: { [push.running().state]: 1 },
    queryType: 'PUSH',
    state: push.running().state,
  };
}

type Explained = ReturnType<typeof describeSteps> & { readonly sinks: readonly string[] };

/** What EXPLAIN shows of a statement; undefined for those without a query. */
export function describePlanned(planned: Planned): Explained | undefined {
  switch (planned.kind) {
    case 'createQuery':
    case 'insertQuery':
      return {
        ...describeSteps(planned.plan.sink, planned.plan.properties),
        sinks: [planned.plan.sink.sink],
      };
    case 'push':
    case 'streamPull': {
      const { root, properties } = planned.plan;
      return { ...describeSteps(root, properties), fields: planned.columns.map(fieldOf), sinks: [] };
    }
    case 'pull':
      return { ...describePull(planned), sinks: [] };
    default:
      return undefined;
  }
}

/** No steps: rows of a table that is there are looked up by their keys, or all are looked at. */
function describePull({ shape, keys }: PlannedOf<'pull'>): ReturnType<typeof describeSteps> {
  const { source, columns, predicate, projection, limit } = shape;
  const how = keys ? `KEYS ${keys.length}` : shape.hasKeyRange ? 'KEY RANGE' : 'TABLE SCAN';
  const schema = columns.map((column) => `${formatColumn(column)}${column.key ? ' KEY' : ''}`).join(', ');
  return {
    windowType: null,
    fields: columns.map((column) => ({ ...fieldOf(column), ...(column.key && { type: 'KEY' as const }) })),
    sources: [source],
    topology: explainSource([...(predicate ? [predicate] : []), ...projection]),
    executionPlan: `> [ PULL ] ${how}${limit === undefined ? '' : ` | LIMIT ${limit}`} | Schema: ${schema}\n  > [ TABLE ] ${source}`,
  };
}

/** What EXPLAIN shows of any plan: the steps, and the JavaScript they were compiled to. */
export function describeSteps(
  root: Step,
  properties: Readonly<Record<string, string>>,
): Pick<QueryDescription, 'windowType' | 'fields' | 'sources' | 'topology' | 'executionPlan'> & {
  readonly fields: readonly Field[];
} {
  return {
    windowType: windowTypeOf(root),
    fields: fieldsOf(root.step === 'sinkV1' ? declaredSchema(root.schema, root.window) : root.schema),
    sources: [...new Set(sourceSteps(root).map(({ source }) => source))],
    topology: sourceText(root, properties),
    executionPlan: drawPlan(root, ({ schema }) => `Schema: ${formatSchema(schema)}`),
  };
}

/** Of the keys of a result. */
function windowTypeOf(step: Step): string | null {
  switch (step.step) {
    case 'sourceV1':
      return step.window?.type ?? null;
    case 'windowedAggregateV1':
      return step.window.type;
    case 'aggregateV1':
    case 'rekeyV1':
      return null;
    default:
      return windowTypeOf(inputsOf(step)[0] as Step);
  }
}

/** Functions of the running query, and of what has to wait for a schema the reason. */
function sourceText(root: Step, properties: Readonly<Record<string, string>>): string {
  try {
    return compiledSource(root, properties).map(readable).join('\n\n');
  } catch (error) {
    return `// It is compiled when it starts: ${(error as Error).message}`;
  }
}

/** Indented by its braces. */
function readable(source: string): string {
  let depth = 0;
  const lines = source.split('\n').flatMap((text) => {
    const line = text.trim();
    if (line === '' || line === "'use strict';") return [];
    const opened = [...line].filter((letter) => letter === '{').length;
    const closed = [...line].filter((letter) => letter === '}').length;
    const first = line.startsWith('}') ? Math.max(depth - 1, 0) : depth;
    depth = Math.max(depth + opened - closed, 0);
    return [`${'  '.repeat(first)}${line}`];
  });
  return lines.join('\n').replace(/^'use strict'; /, '');
}

function errorsOf({ running, failure }: PersistentEntry): readonly QueryError[] {
  if (running) return running.errors;
  return failure ? [failure] : [];
}

function statisticsOf(writers: readonly PersistentEntry[]): string {
  const total = writers.reduce((sum, { running }) => sum + (running?.counters.produced ?? 0), 0);
  const late = writers.reduce((sum, { running }) => sum + (running?.counters.late ?? 0), 0);
  if (writers.length === 0) return '';
  return late > 0 ? `total-messages: ${total} late-records: ${late}` : `total-messages: ${total}`;
}

function errorStatsOf(writers: readonly PersistentEntry[]): string {
  const total = writers.reduce((sum, { running }) => sum + (running?.counters.errors ?? 0), 0);
  return writers.length > 0 ? `total-errors: ${total}` : '';
}
