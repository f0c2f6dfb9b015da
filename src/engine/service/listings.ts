import { unreachable } from '../../base/assert.ts';
import type { PlannedOf } from '../../sql/planned.ts';
import type { Topics } from '../../topics/topics.ts';
import { isInternalTopic } from '../names.ts';
import { maySee, type SqlAccess } from './access.ts';
import { Descriptions, describePlanned, persistentSummary, pushSummary } from './descriptions.ts';
import type { Entity, PropertiesList, QueryDescription, SourceDescription } from './entities.ts';
import { functionHelp, functionNames } from './function-help.ts';
import { BAD_STATEMENT, KsqlError, NOT_FOUND } from './ksql-error.ts';
import { topicsOf } from './plan-walk.ts';
import { PROPERTIES } from './properties.ts';
import { type PersistentEntry, type PushEntry, type QueryRegistry, stateOf } from './query-registry.ts';
import type { Session } from './session.ts';
import { fieldSchema, summaryOf } from './source-fields.ts';
import type { SqlState } from './sql-state.ts';

/** Names of properties whose values nobody is shown. */
const SECRET = /password|secret|token|credential|user\.info/i;

/** Reads a topic's consumers, where the server knows about groups. */
export type ConsumersOf = (topic: string) => { readonly consumers: number; readonly groups: number };

/**
 * SHOW, LIST, DESCRIBE and EXPLAIN: answers that change nothing. Sources and queries of topics that the asker may not
 * describe are left out, and unknown when they are asked for by name.
 */
export class Listings {
  readonly #state: SqlState;
  readonly #queries: QueryRegistry;
  readonly #topics: Topics;
  readonly #descriptions: Descriptions;
  readonly #serverProperties: Readonly<Record<string, string>>;
  readonly #consumersOf: ConsumersOf;

  constructor(parts: {
    readonly state: SqlState;
    readonly queries: QueryRegistry;
    readonly topics: Topics;
    readonly serviceId: string;
    readonly serverProperties: Readonly<Record<string, string>>;
    readonly consumersOf: ConsumersOf;
  }) {
    this.#state = parts.state;
    this.#queries = parts.queries;
    this.#topics = parts.topics;
    this.#descriptions = new Descriptions(parts.topics, parts.serviceId);
    this.#serverProperties = parts.serverProperties;
    this.#consumersOf = parts.consumersOf;
  }

  async list(planned: PlannedOf<'list'>, statementText: string, session: Session): Promise<Entity> {
    const base = { statementText, warnings: [] };
    const { access } = session;
    switch (planned.subject) {
      case 'STREAMS':
      case 'TABLES':
        return this.#sources(
          planned.subject === 'STREAMS' ? 'STREAM' : 'TABLE',
          planned.extended,
          access,
          base,
        );
      case 'TOPICS':
        return this.#topicList(planned, access, base);
      case 'QUERIES': {
        const persistent = this.#persistentFor(access);
        const pushes = [...this.#queries.pushes()].filter((push) => maySeePush(push, access));
        if (!planned.extended) {
          const queries = [...persistent.map(persistentSummary), ...pushes.map(pushSummary)];
          return { '@type': 'queries', ...base, queries };
        }
        const queryDescriptions = await Promise.all([
          ...persistent.map((entry) => this.#descriptions.query(entry)),
          ...pushes.map((push) => this.#descriptions.push(push)),
        ]);
        return { '@type': 'query_descriptions', ...base, queryDescriptions };
      }
      case 'FUNCTIONS':
        return { '@type': 'function_names', ...base, functions: functionNames() };
      case 'PROPERTIES':
        return { '@type': 'properties', ...base, ...this.#properties(session) };
      case 'TYPES': {
        const types = Object.fromEntries(
          [...this.#state.types()].map(([name, type]) => [name, fieldSchema(type)]),
        );
        return { '@type': 'type_list', ...base, types };
      }
      case 'VARIABLES': {
        const variables = [...session.variables].map(([name, value]) => ({ name, value }));
        return { '@type': 'variables', ...base, variables };
      }
      default:
        return unreachable(planned.subject);
    }
  }

  async describe(
    { name, extended }: PlannedOf<'describe'>,
    statementText: string,
    access: SqlAccess,
  ): Promise<Entity> {
    const source = this.#state.source(name);
    if (!source || !maySee([source.topic], access))
      throw new KsqlError(
        BAD_STATEMENT,
        `There is no stream or table ${name}. SHOW STREAMS and SHOW TABLES list what there is.`,
        {
          text: statementText,
        },
      );
    const sourceDescription = await this.#descriptions.source(source, extended, this.#persistentFor(access));
    return { '@type': 'sourceDescription', statementText, warnings: [], sourceDescription };
  }

  describeAll(
    { relation, extended }: PlannedOf<'describeAll'>,
    statementText: string,
    access: SqlAccess,
  ): Promise<Entity> {
    return this.#describeSources(relation, extended, access, { statementText, warnings: [] });
  }

  describeFunction({ name }: PlannedOf<'describeFunction'>, statementText: string): Entity {
    const description = functionHelp(name);
    if (!description)
      throw new KsqlError(
        BAD_STATEMENT,
        `There is no function ${name}. SHOW FUNCTIONS lists what there is.`,
        {
          text: statementText,
        },
      );
    return { '@type': 'describe_function', statementText, warnings: [], ...description };
  }

  async explainQuery(queryId: string, statementText: string, access: SqlAccess): Promise<Entity> {
    const entry = this.#queries.find(queryId);
    const push = entry ? undefined : this.#queries.findPush(queryId);
    const isSeen = entry ? maySeeQuery(entry, access) : push !== undefined && maySeePush(push, access);
    if (!isSeen)
      throw new KsqlError(NOT_FOUND, `There is no query ${queryId}. SHOW QUERIES lists the known ones.`, {
        text: statementText,
      });
    const queryDescription = entry
      ? await this.#descriptions.query(entry)
      : await this.#descriptions.push(push!);
    return { '@type': 'queryDescription', statementText, warnings: [], queryDescription };
  }

  explainStatement({ planned, text }: PlannedOf<'explainStatement'>, statementText: string): Entity {
    const described = describePlanned(planned);
    if (!described)
      throw new KsqlError(BAD_STATEMENT, `The statement runs no query that could be explained: ${text}`, {
        text: statementText,
      });
    const { sinks } = described;
    const queryDescription: QueryDescription = {
      ...described,
      id: '',
      statementText: text,
      overriddenProperties: {},
      ksqlHostQueryStatus: {},
      queryType: planned.kind === 'pull' ? 'PULL' : sinks.length > 0 ? 'PERSISTENT' : 'PUSH',
      queryErrors: [],
      tasksMetadata: [],
      state: '',
      consumerGroupId: '',
    };
    return { '@type': 'queryDescription', statementText, warnings: [], queryDescription };
  }

  /** Number of queries by state, for metrics. */
  queryStates(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const entry of this.#queries.persistent())
      counts.set(stateOf(entry), (counts.get(stateOf(entry)) ?? 0) + 1);
    return counts;
  }

  async #sources(
    relation: 'STREAM' | 'TABLE',
    extended: boolean,
    access: SqlAccess,
    base: Base,
  ): Promise<Entity> {
    if (extended) return this.#describeSources(relation, true, access, base);
    const found = this.#byName(relation, access).map(summaryOf);
    return relation === 'STREAM'
      ? { '@type': 'streams', ...base, streams: found }
      : { '@type': 'tables', ...base, tables: found };
  }

  async #describeSources(
    relation: 'STREAM' | 'TABLE',
    extended: boolean,
    access: SqlAccess,
    base: Base,
  ): Promise<Entity> {
    const queries = this.#persistentFor(access);
    const found = this.#byName(relation, access).map((source) =>
      this.#descriptions.source(source, extended, queries),
    );
    return { '@type': 'source_descriptions', ...base, sourceDescriptions: await Promise.all(found) };
  }

  /** The streams and tables over these topics. */
  async sourcesOver(topics: readonly string[], access: SqlAccess): Promise<SourceDescription[]> {
    const persistent = this.#persistentFor(access);
    const found = [...this.#state.sources()].filter(({ topic }) => topics.includes(topic));
    const seen = found
      .filter(({ topic }) => maySee([topic], access))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return Promise.all(seen.map((source) => this.#descriptions.source(source, false, persistent)));
  }

  #persistentFor(access: SqlAccess): PersistentEntry[] {
    return [...this.#queries.persistent()].filter((entry) => maySeeQuery(entry, access));
  }

  #byName(relation: 'STREAM' | 'TABLE', access: SqlAccess) {
    const found = [...this.#state.sources()].filter(
      (source) => source.relation === relation && maySee([source.topic], access),
    );
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #topicList({ extended, all }: PlannedOf<'list'>, access: SqlAccess, base: Base): Promise<Entity> {
    const topics = (await this.#topics.describe())
      .filter(({ name, internal }) => all || !(internal || isInternalTopic(name)))
      .filter(({ name }) => access.mayTopic('DESCRIBE', name, 'quiet'))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, partitionCount, replicationFactor }) => {
        const replicaInfo = new Array<number>(partitionCount).fill(replicationFactor);
        if (!extended) return { name, replicaInfo };
        const { consumers, groups } = this.#consumersOf(name);
        return { name, replicaInfo, consumerCount: consumers, consumerGroupCount: groups };
      });
    return { '@type': extended ? 'kafka_topics_extended' : 'kafka_topics', ...base, topics };
  }

  #properties(
    session: Session,
  ): Pick<PropertiesList, 'properties' | 'overwrittenProperties' | 'defaultProperties'> {
    const system = { ...this.#serverProperties, ...this.#state.systemProperties() };
    const properties = PROPERTIES.map(({ name, scope, level, value }) => ({
      name,
      scope,
      value: session.properties.get(name) ?? system[name] ?? value,
      editable: level === 'QUERY',
      level,
    }));
    const known = new Set(PROPERTIES.map(({ name }) => name));
    for (const [name, value] of Object.entries(system))
      if (!known.has(name) && !SECRET.test(name))
        properties.push({ name, scope: 'KSQL', value, editable: false, level: 'SERVER' });
    const overwrittenProperties = [...session.properties.keys()];
    const defaultProperties = PROPERTIES.map(({ name }) => name).filter(
      (name) => !session.properties.has(name) && system[name] === undefined,
    );
    return { properties, overwrittenProperties, defaultProperties };
  }
}

function maySeeQuery({ plan }: PersistentEntry, access: SqlAccess): boolean {
  return maySee(topicsOf(plan.sink), access);
}

/** One's own in any case: the right to its topics may have gone since. */
function maySeePush({ owner, plan }: PushEntry, access: SqlAccess): boolean {
  return owner === access.principal || maySee(topicsOf(plan.root), access);
}

interface Base {
  readonly statementText: string;
  readonly warnings: readonly never[];
}
