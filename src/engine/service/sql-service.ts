import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Row } from '../../data/schema.ts';
import type { SchemaRegistry } from '../../serde/schema-registry.ts';
import { schemaById } from '../../serde/whole-schema.ts';
import type { ParsedStatement } from '../../sql/ast.ts';
import type { Catalog, Source } from '../../sql/catalog.ts';
import type { Planned } from '../../sql/planned.ts';
import { isOfExpressions } from '../../sql/planner/context.ts';
import type { Topics } from '../../topics/topics.ts';
import {
  checkPermission,
  checkStatements,
  checkTopic,
  checkTopics,
  FULL_ACCESS,
  type SqlAccess,
} from './access.ts';
import type { ConnectCluster } from './connect-cluster.ts';
import { Connectors, refuseAtStart } from './connectors.ts';
import { Consistency } from './consistency.ts';
import { Definitions } from './definitions.ts';
import { endService } from './end-service.ts';
import type { CommandStatus, Entity, SourceSummary } from './entities.ts';
import { BAD_REQUEST, KsqlError, NOT_CAUGHT_UP, NOT_FOUND, USE_QUERY_ENDPOINT } from './ksql-error.ts';
import { type ConsumersOf, Listings } from './listings.ts';
import { Overrides } from './overrides.ts';
import { PreparedPulls } from './prepared-pulls.ts';
import { checkSettable } from './properties.ts';
import { Queries, type QueryAnswer } from './queries.ts';
import type { PersistentEntry, PushEntry, QueryRegistry } from './query-registry.ts';
import { checkInsertsEnabled, type RecordExtras, RecordWriter } from './record-writer.ts';
import { Rehearsal } from './rehearsal.ts';
import { copyOf, propertyName, type Session } from './session.ts';
import { changeSession } from './session-changes.ts';
import { summaryOf } from './source-fields.ts';
import type { SqlState } from './sql-state.ts';
import { StandingSql, type StandingSqlOptions } from './standing-sql.ts';
import { explainFailure } from './statement-failure.ts';
import { StatementHandlers } from './statement-handlers.ts';
import { isDefinition, isQuery } from './statement-kinds.ts';
import { StatementPlanner } from './statement-planner.ts';
import { isOneOf, summaryOfText } from './statement-text.ts';
import { TopicMaker } from './topic-maker.ts';
import { TopicSchemas } from './topic-schemas.ts';

export interface SqlServiceOptions extends StandingSqlOptions {
  readonly random: Random;
  /** In force where neither a statement nor its request says otherwise. */
  readonly properties?: Readonly<Record<string, string>>;
  readonly maxPushQueries?: number;
  /** How much may wait for the reader of a push query before the query holds. */
  readonly maxWaitingBytes?: number;
  /** A reader that takes nothing for so long while its query holds is cut off. */
  readonly stallMs?: number;
  readonly consumersOf?: ConsumersOf;
  /** Of AVRO, JSON_SR and PROTOBUF, which cannot be used without one. */
  readonly schemaRegistry?: SchemaRegistry | undefined;
  /** Without one, connector statements are refused. */
  readonly connect?: ConnectCluster | undefined;
}

/**
 * SQL as a service: takes texts, answers entities and rows.
 *
 *   text -- parse --> statements --+-- definitions: one at a time, durable, then in force
 *                                  +-- INSERT VALUES: a durable record
 *                                  +-- SHOW, DESCRIBE, EXPLAIN: read only
 *                                  +-- connectors: asked of Kafka Connect
 *                                  +-- SELECT, PRINT: a stream of rows or lines
 */
export class SqlService {
  readonly #topics: Topics;
  readonly #logger: Logger;
  readonly #state: SqlState;
  readonly #standing: StandingSql;
  readonly #registry: QueryRegistry;
  readonly #planner: StatementPlanner;
  readonly #handlers: StatementHandlers;
  readonly #definitions: Definitions;
  readonly #queries: Queries;
  readonly #writer: RecordWriter;
  readonly #preparedPulls = new PreparedPulls();
  readonly #serverProperties: Readonly<Record<string, string>>;
  readonly #overrides: Overrides;

  /** Over what is in force already. */
  constructor(options: SqlServiceOptions, standing: StandingSql) {
    const { topics, clock, random, serviceId, schemaRegistry } = options;
    const logger = options.logger.child({ part: 'sql' });
    const serverProperties = normalised(options.properties ?? {});
    const { state, queries, append } = standing;
    const topicMaker = new TopicMaker(topics, state);
    const consumersOf = options.consumersOf ?? (() => ({ consumers: 0, groups: 0 }));
    const schemas = new TopicSchemas(schemaRegistry);
    this.#topics = topics;
    this.#logger = logger;
    this.#state = state;
    this.#standing = standing;
    this.#registry = queries;
    this.#serverProperties = serverProperties;
    this.#overrides = new Overrides(serverProperties);
    this.#writer = new RecordWriter({ topics, clock, random, schemas });
    this.#definitions = new Definitions({ state, append, queries, topics, topicMaker, schemas });
    this.#definitions.restoreStatuses();
    this.#queries = new Queries({
      state,
      queries,
      topics,
      clock,
      logger,
      engine: options.engine,
      consistency: new Consistency(topics, queries),
      maxPushQueries: options.maxPushQueries ?? 1_000,
      maxWaitingBytes: options.maxWaitingBytes ?? 1024 * 1024,
      stallMs: options.stallMs ?? 60_000,
      schemaById: schemaRegistry && schemaById(schemaRegistry),
    });
    const nextTransientId = () => this.#queries.nextTransientId();
    this.#planner = new StatementPlanner({
      state,
      schemas,
      clock,
      logger,
      serverProperties,
      nextTransientId,
    });
    const listings = new Listings({ state, queries, topics, serviceId, serverProperties, consumersOf });
    const sourcesOver = listings.sourcesOver.bind(listings);
    this.#handlers = new StatementHandlers({
      definitions: this.#definitions,
      listings,
      connectors: new Connectors({ connect: options.connect, sourcesOver }),
      queries,
      writer: this.#writer,
      overrides: this.#overrides,
      topics,
      schemaRegistry,
      clock,
      serverProperties,
    });
  }

  /** Brings back everything earlier statements made and starts its queries. */
  static async start(options: SqlServiceOptions): Promise<SqlService> {
    return new SqlService(options, await StandingSql.open(options));
  }

  /**
   * Runs a script statement by statement, once it is clear that nothing in it is wrong. An error that comes all the same
   * stops it; what was done before stays and is in the error.
   */
  async execute(script: string, session: Session): Promise<Entity[]> {
    this.#overrides.check(session);
    const entities: Entity[] = [];
    const statements = this.#planner.parse(script, session);
    this.#checkStatements(script, statements, session);
    if (statements.length > 1) await this.#rehearse(statements, session);
    for (const statement of statements) {
      try {
        const entity = await this.#executeOne(statement, session);
        if (entity) entities.push(entity);
      } catch (error) {
        throw explainFailure(error, statement.text, entities, this.#logger);
      }
    }
    return entities;
  }

  /**
   * Runs the script that a server is started with, again at each start: what an earlier start made is left alone.
   * Returns how many statements ran and how many were in force already.
   */
  async applyScript(
    script: string,
    session: Session,
  ): Promise<{ readonly ran: number; readonly kept: number }> {
    const isInForce = isOneOf(this.#state.statementTexts());
    let ran = 0;
    let kept = 0;
    for (const statement of this.#planner.parse(script, session)) {
      if (isDefinition(statement.statement) && isInForce(statement.text)) {
        this.#logger.debug('statement is in force already', { statement: summaryOfText(statement.text) });
        kept += 1;
        continue;
      }
      try {
        refuseAtStart(statement);
        await this.#executeOne(statement, session);
      } catch (error) {
        throw explainFailure(error, statement.text, [], this.#logger);
      }
      ran += 1;
    }
    return { ran, kept };
  }

  /** Runs one SELECT or PRINT. */
  async query(text: string, session: Session): Promise<QueryAnswer> {
    this.#overrides.check(session);
    const catalogVersion = this.#state.nextSequence;
    const isPlain = ![...session.properties.keys()].some(isOfExpressions);
    const prepared = isPlain ? this.#preparedPulls.find(text, catalogVersion) : undefined;
    const statement = prepared ? undefined : this.#planner.parseQuery(text, session);
    const statementText = statement?.text ?? text;
    try {
      const planned = prepared ?? this.#planner.plan(statement!, session);
      checkPermission('read', session.access);
      await checkTopics(planned, session.access, this.#catalog);
      if (planned.kind === 'pull' && isPlain && !prepared)
        this.#preparedPulls.keep(text, planned, catalogVersion);
      const given = this.#planner.given(statementText, session);
      return await this.#queries.run(planned, statementText, given, session.access.principal);
    } catch (error) {
      throw explainFailure(error, statementText, [], this.#logger);
    }
  }

  /** Whether a text is one SELECT or PRINT: for callers that take any SQL. */
  isQuery(text: string, session: Session): boolean {
    const statements = this.#planner.parse(text, session);
    return statements.length === 1 && isQuery(statements[0]!.statement);
  }

  /** A stream or table by its exact name, for rows that come without a statement. */
  insertTarget(name: string): Source {
    const source = this.#state.source(name) ?? this.#state.source(name.toUpperCase());
    if (!source) throw new KsqlError(BAD_REQUEST, `There is no stream or table ${name} to insert into.`);
    return source;
  }

  /** Rejects unless everything up to this command of an earlier answer is in force here. */
  async awaitCommand(sequence: number): Promise<void> {
    await this.#standing.changes.idle();
    const last = this.#state.nextSequence - 1;
    if (sequence > last)
      throw new KsqlError(
        NOT_CAUGHT_UP,
        `Command ${sequence} is not in force here: the last one this server knows is ${last}.`,
      );
  }

  /** Throws a KsqlError for a property that requests may not set here. */
  checkOverride(name: string): void {
    checkSettable(name);
    this.#overrides.checkName(name);
  }

  /** Throws a KsqlError when the asker may not insert rows there. */
  checkInsert(target: Source, access: SqlAccess): void {
    checkInsertsEnabled(this.#serverProperties);
    checkPermission('write', access);
    checkTopic('WRITE', target.topic, access);
  }

  /** Key columns, then value columns. Durable when resolved. */
  insert(target: Source, row: Row, timestampMs?: number, extras?: RecordExtras): Promise<void> {
    return this.#writer.write(target, row, timestampMs, extras);
  }

  /** Ends and drops everything, with the topics whose whole name a pattern matches. The service goes on, empty. */
  async terminate(topicPatterns: readonly string[], access: SqlAccess = FULL_ACCESS): Promise<void> {
    checkPermission('administer', access);
    const parts = { state: this.#state, definitions: this.#definitions, queries: this.#registry };
    await this.#standing.changes.run(() => endService(topicPatterns, 'TERMINATE CLUSTER;', parts));
  }

  /** Ends a push query; false when there is none of that id. Throws a KsqlError when it is somebody else's to end. */
  closeQuery(queryId: string, access: SqlAccess): boolean {
    const push = this.#registry.findPush(queryId);
    if (push && push.owner !== access.principal) checkPermission('define', access);
    push?.close();
    return push !== undefined;
  }

  /** Their readers get the end of their stream: before connections close. */
  endPushQueries(): void {
    this.#standing.endPushQueries();
  }

  /** What statements find, as it is now. */
  get catalog(): Catalog {
    return this.#state;
  }

  sources(): SourceSummary[] {
    return [...this.#state.sources()].map(summaryOf);
  }

  persistentQueries(): Iterable<PersistentEntry> {
    return this.#registry.persistent();
  }

  pushQueries(): Iterable<PushEntry> {
    return this.#registry.pushes();
  }

  get pushQueryCount(): number {
    return this.#registry.pushCount;
  }

  commandStatuses(access: SqlAccess): ReadonlyMap<string, CommandStatus> {
    return this.#definitions.statusesFor(access);
  }

  /** One of a command id such as ``table/`T`/create``. */
  commandStatus(commandId: string, access: SqlAccess): CommandStatus {
    const status = this.#definitions.statusesFor(access).get(commandId);
    if (!status) throw new KsqlError(NOT_FOUND, `There is no command ${commandId}.`);
    return status;
  }

  /** Ends push queries and stops persistent ones at a commit. */
  stop(): Promise<void> {
    return this.#standing.stop();
  }

  get #catalog() {
    return { state: this.#state, topics: this.#topics };
  }

  #checkStatements(script: string, statements: readonly ParsedStatement[], { access }: Session): void {
    try {
      checkStatements(statements, access);
    } catch (error) {
      throw explainFailure(error, script, [], this.#logger);
    }
  }

  /** A script is tried up to what depends on a schema: a statement before that may be what registers it. */
  async #rehearse(statements: readonly ParsedStatement[], asked: Session): Promise<void> {
    const rehearsal = new Rehearsal({ state: this.#state, topics: this.#topics });
    const planner = this.#planner.over(rehearsal.state);
    const session = copyOf(asked);
    for (const statement of statements) {
      try {
        refuseQuery(statement);
        if (planner.needsSchemas(statement, session)) return;
        const planned = planner.plan(statement, session);
        const given = planner.given(statement.text, session);
        if (!changeSession(planned, session, this.#overrides)) await rehearsal.attempt(planned, given);
      } catch (error) {
        throw explainFailure(error, statement.text, [], this.#logger);
      }
    }
  }

  async #executeOne(statement: ParsedStatement, session: Session): Promise<Entity | undefined> {
    refuseQuery(statement);
    const given = this.#planner.given(statement.text, session);
    const authorized = async (): Promise<Planned> => {
      const planned = await this.#planner.planWithSchemas(statement, session);
      await checkTopics(planned, session.access, this.#catalog);
      return planned;
    };
    if (isDefinition(statement.statement))
      return this.#standing.changes.run(async () => this.#handlers.define(await authorized(), given));
    return this.#handlers.execute(await authorized(), given, session);
  }
}

function refuseQuery({ statement }: ParsedStatement): void {
  if (isQuery(statement))
    throw new KsqlError(
      USE_QUERY_ENDPOINT,
      'Queries are answered by the query endpoint: send the statement to /query-stream or /query.',
    );
}

function normalised(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [propertyName(name), value]));
}
