import type { Source } from '../../sql/catalog.ts';
import type { QueryPlan } from '../../sql/plan.ts';
import type { PlannedOf } from '../../sql/planned.ts';
import { queryUpgradeProblem, sourceUpgradeProblem } from '../../sql/upgrade.ts';
import { TopicError, type Topics } from '../../topics/topics.ts';
import { maySee, type SqlAccess } from './access.ts';
import { checkCoPartitioned } from './co-partitioning.ts';
import { type Append, type Command, commandCodec, type Effect } from './command.ts';
import { deleteTopic } from './delete-topic.ts';
import type { CommandStatus, Entity } from './entities.ts';
import { BAD_STATEMENT, KsqlError, SERVER_ERROR } from './ksql-error.ts';
import { readsSource } from './plan-walk.ts';
import { checkProperty } from './properties.ts';
import { checkCapacity, type QueryRegistry } from './query-registry.ts';
import { propertyName } from './session.ts';
import type { SqlState } from './sql-state.ts';
import type { TopicMaker } from './topic-maker.ts';
import type { TopicSchemas } from './topic-schemas.ts';

/** Below Kafka's default max.message.bytes, since a record that the log refuses ends the state machine that wrote it. */
const MAX_COMMAND_BYTES = 1_000_000;

/** The statement being executed. */
export interface Given {
  readonly text: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** What statements change beside the catalog. */
export type DefinedQueries = Pick<
  QueryRegistry,
  'start' | 'restart' | 'replace' | 'terminate' | 'pause' | 'resume'
> & { persistent(): Iterable<{ readonly plan: QueryPlan }> };

export interface DefinitionParts {
  readonly state: SqlState;
  readonly append: Append;
  readonly queries: DefinedQueries;
  readonly topics: Pick<Topics, 'create' | 'delete' | 'describe'>;
  readonly topicMaker: TopicMaker;
  readonly schemas: Pick<TopicSchemas, 'declare' | 'register' | 'toWrite' | 'forget'>;
}

/**
 * Statements that change the catalog. Each is checked, made durable in the command topic and put into force before
 * it is answered; the caller lets only one run at a time, so what was checked still holds when it is written.
 */
export class Definitions {
  readonly #state: SqlState;
  readonly #appendCommand: Append;
  readonly #queries: DefinedQueries;
  readonly #topics: DefinitionParts['topics'];
  readonly #topicMaker: TopicMaker;
  readonly #schemas: DefinitionParts['schemas'];
  /** By command id. */
  readonly #statuses = new Map<string, CommandStatus>();

  constructor(parts: DefinitionParts) {
    this.#state = parts.state;
    this.#appendCommand = parts.append;
    this.#queries = parts.queries;
    this.#topics = parts.topics;
    this.#topicMaker = parts.topicMaker;
    this.#schemas = parts.schemas;
  }

  /** Of what statements before the last start made. */
  restoreStatuses(): void {
    for (const source of this.#state.sources()) {
      const queryId = source.createdByQuery ?? null;
      const message = queryId ? `Created query with ID ${queryId}` : `${wordFor(source)} created`;
      this.#statuses.set(idOf(source, 'create'), { status: 'SUCCESS', message, queryId });
    }
  }

  /** What GET /status answers: by command id, of sources that the asker may see. */
  statusesFor(access: SqlAccess): ReadonlyMap<string, CommandStatus> {
    const hidden = new Set<string>();
    for (const source of this.#state.sources())
      if (!maySee([source.topic], access)) hidden.add(idOf(source, ''));
    if (hidden.size === 0) return this.#statuses;
    const seen = [...this.#statuses].filter(([id]) => !hidden.has(id.slice(0, id.lastIndexOf('/') + 1)));
    return new Map(seen);
  }

  async createSource(planned: PlannedOf<'createSource'>, given: Given): Promise<Entity> {
    const { plan } = planned;
    const taken = this.#nameTaken(planned, given);
    if (taken) return taken;
    this.#refuseUpgrade(planned.source, given);
    this.#refuseTooLong(given, { kind: 'create', source: planned.source, ...(plan && { plan }) });
    await this.#topicMaker.ensureDeclared(planned.source, planned);
    const source = await this.#schemas.declare(planned.source);
    const effect = { kind: 'create', source, ...(plan && { plan }) } as const;
    this.#refuseTooLong(given, effect);
    const command = await this.#append(given, effect);
    if (plan)
      await this.#startOrTakeBack(plan.queryId, given, () => this.#queries.start(plan), {
        kind: 'drop',
        name: source.name,
      });
    return this.#done(
      given,
      command,
      idOf(source, 'create'),
      `${wordFor(source)} created`,
      plan?.queryId ?? null,
    );
  }

  async createQuery(planned: PlannedOf<'createQuery'>, given: Given): Promise<Entity> {
    const taken = this.#nameTaken(planned, given);
    if (taken) return taken;
    this.#refuseUpgrade(planned.source, given);
    const existing = this.#state.source(planned.source.name);
    const running = existing?.createdByQuery && this.#state.query(existing.createdByQuery);
    if (existing && running) return this.#replaceQuery(planned, { source: existing, plan: running }, given);
    checkCapacity(this.#queries, given.properties);
    this.#refuseTooLong(given, { kind: 'create', source: planned.source, plan: planned.plan });
    await checkCoPartitioned(this.#topics, planned.plan.sink);
    await this.#topicMaker.ensureSink(planned.source, planned);
    const { source, plan } = await this.#schemas.register(planned);
    const effect = { kind: 'create', source, plan } as const;
    this.#refuseTooLong(given, effect);
    const command = await this.#append(given, effect);
    await this.#startOrTakeBack(plan.queryId, given, () => this.#queries.start(plan), {
      kind: 'drop',
      name: source.name,
    });
    const message = `Created query with ID ${plan.queryId}`;
    return this.#done(given, command, idOf(source, 'create'), message, plan.queryId);
  }

  /** The query goes on as another one of the same id: from where it was, with the state it has. */
  async #replaceQuery(
    planned: PlannedOf<'createQuery'>,
    old: { readonly source: Source; readonly plan: QueryPlan },
    given: Given,
  ): Promise<Entity> {
    const { queryId } = old.plan;
    const problem = queryUpgradeProblem(old.plan, planned.plan);
    if (problem !== undefined) throw cannotUpgrade(planned.source, problem, given);
    const registered = await this.#schemas.register(planned);
    const plan = { ...registered.plan, queryId };
    const source = { ...registered.source, createdByQuery: queryId };
    const effect = { kind: 'create', source, plan } as const;
    this.#refuseTooLong(given, effect);
    const command = await this.#append(given, effect);
    try {
      await this.#startOrTakeBack(queryId, given, () => this.#queries.replace(plan), {
        kind: 'create',
        ...old,
      });
    } catch (error) {
      await this.#queries.restart(old.plan);
      throw error;
    }
    return this.#done(given, command, idOf(source, 'create'), `Created query with ID ${queryId}`, queryId);
  }

  /** ALTER ... ADD COLUMN. */
  async alter({ source }: PlannedOf<'alter'>, given: Given): Promise<Entity> {
    const effect = { kind: 'create', source } as const;
    this.#refuseTooLong(given, effect);
    const command = await this.#append(given, effect);
    return this.#done(
      given,
      command,
      idOf(source, 'alter'),
      `${wordFor(source)} ${source.name} altered successfully.`,
      null,
    );
  }

  /** CREATE OR REPLACE: what is there must be able to become what is asked for. */
  #refuseUpgrade(next: Source, given: Given): void {
    const old = this.#state.source(next.name);
    if (old === undefined) return;
    if (given.properties['ksql.create.or.replace.enabled']?.toLowerCase() === 'false')
      throw refused(given, 'CREATE OR REPLACE is switched off: ksql.create.or.replace.enabled is false.');
    const problem = sourceUpgradeProblem(old, next);
    if (problem !== undefined) throw cannotUpgrade(next, problem, given);
  }

  async insertQuery(planned: PlannedOf<'insertQuery'>, given: Given): Promise<Entity> {
    const { target } = planned;
    if (target.readOnly) throw refused(given, `${target.name} is read-only, so no query can write into it.`);
    if (this.#state.query(planned.plan.queryId))
      throw refused(given, `There is a query ${planned.plan.queryId} already. Choose another QUERY_ID.`);
    checkCapacity(this.#queries, given.properties);
    const formats = await this.#schemas.toWrite(target);
    const plan = { ...planned.plan, sink: { ...planned.plan.sink, ...formats } };
    const effect = { kind: 'insertQuery', plan } as const;
    this.#refuseTooLong(given, effect);
    await checkCoPartitioned(this.#topics, plan.sink);
    const command = await this.#append(given, effect);
    await this.#startOrTakeBack(plan.queryId, given, () => this.#queries.start(plan), {
      kind: 'terminate',
      queryId: plan.queryId,
    });
    const message = `Created query with ID ${plan.queryId}`;
    return this.#done(given, command, idOf(target, 'create'), message, plan.queryId);
  }

  async drop(planned: PlannedOf<'drop'>, given: Given): Promise<Entity> {
    const source = this.#state.source(planned.name);
    if (!source) {
      const message = `There is no stream or table ${planned.name}.`;
      if (planned.ifExists) return warning(given, message);
      throw refused(given, message);
    }
    if (source.relation !== planned.relation)
      throw refused(
        given,
        `${source.name} is a ${source.relation}, but the statement is DROP ${planned.relation}.`,
      );
    this.#refuseDropInUse(source, given);
    const { name, topic } = source;
    // First: without its schemas it can be dropped as well as with them, when this is cut off here.
    if (planned.deleteTopic) await this.#schemas.forget(source);
    const effect = { kind: 'drop', name, ...(planned.deleteTopic && { deleteTopic: topic }) } as const;
    const command = await this.#append(given, effect);
    if (source.createdByQuery) await this.#queries.terminate(source.createdByQuery);
    if (planned.deleteTopic)
      await deleteTopic(topic, given, { topics: this.#topics, append: this.#appendCommand });
    const message = `Source \`${source.name}\` (topic: ${source.topic}) was dropped.`;
    return this.#done(given, command, idOf(source, 'drop'), message, null);
  }

  /** One persistent query; the caller looks after ALL and push queries. */
  async changeQuery(kind: 'terminate' | 'pause' | 'resume', queryId: string, given: Given): Promise<Entity> {
    const kept = this.#state.query(queryId)?.sink;
    if (kind === 'terminate' && kept?.keepsOnly)
      throw refused(
        given,
        `Query ${queryId} keeps the rows of source table ${kept.sink} and ends with it: DROP TABLE ${kept.sink};`,
      );
    const command = await this.#append(given, { kind, queryId });
    await this.#queries[kind](queryId);
    const message = { terminate: 'Query terminated.', pause: 'Query paused.', resume: 'Query resumed.' }[
      kind
    ];
    return this.#done(given, command, `${kind}/\`${queryId}\`/execute`, message, queryId);
  }

  /** Of the statements after it; what runs keeps the properties it was made with. */
  async alterSystem({ name, value }: PlannedOf<'alterSystem'>, given: Given): Promise<Entity> {
    checkProperty(name, value);
    const effect = { kind: 'alterSystem', name: propertyName(name), value } as const;
    this.#refuseTooLong(given, effect);
    const command = await this.#append(given, effect);
    const message = `System property ${name} was set to ${value}.`;
    return this.#done(given, command, `cluster/\`${name}\`/alter`, message, null);
  }

  async createType(planned: PlannedOf<'createType'>, given: Given): Promise<Entity> {
    const { name, type } = planned;
    if (this.#state.type(name)) {
      const message = `There is a type ${name} already. DROP it first, or give this one another name.`;
      if (planned.ifNotExists) return warning(given, message);
      throw refused(given, message);
    }
    const effect = { kind: 'createType', name, type } as const;
    this.#refuseTooLong(given, effect);
    const command = await this.#append(given, effect);
    return this.#done(given, command, `type/\`${name}\`/create`, `Type ${name} was created.`, null);
  }

  async dropType(planned: PlannedOf<'dropType'>, given: Given): Promise<Entity> {
    const { name } = planned;
    if (!this.#state.type(name)) {
      const message = `There is no type ${name}.`;
      if (planned.ifExists) return warning(given, message);
      throw refused(given, message);
    }
    const command = await this.#append(given, { kind: 'dropType', name });
    return this.#done(given, command, `type/\`${name}\`/drop`, `Type ${name} was dropped.`, null);
  }

  #append({ text: statementText, properties }: Given, effect: Effect): Promise<Command> {
    return this.#appendCommand({ statementText, properties, effect });
  }

  /** Before anything is made for the statement. */
  #refuseTooLong(given: Given, effect: Effect): void {
    const { text: statementText, properties } = given;
    const command = { sequence: this.#state.nextSequence, statementText, properties, effect };
    const bytes = commandCodec.encode(command).value?.length ?? 0;
    if (bytes <= MAX_COMMAND_BYTES) return;
    throw refused(
      given,
      `The statement is too long: with its plan it takes ${bytes} bytes of the command topic, at most ${MAX_COMMAND_BYTES} fit.`,
    );
  }

  /** A statement whose query cannot run must not come back at the next start. */
  async #startOrTakeBack(
    queryId: string,
    given: Given,
    start: () => Promise<void>,
    takeBack: Effect,
  ): Promise<void> {
    try {
      await start();
    } catch (error) {
      const message = `Query ${queryId} could not be started: ${(error as Error).message}`;
      await this.#append(given, takeBack);
      const isOurs = error instanceof TopicError && error.code === 'KAFKA_STORAGE_ERROR';
      throw new KsqlError(isOurs ? SERVER_ERROR : BAD_STATEMENT, message, { text: given.text });
    }
  }

  #nameTaken(
    planned: PlannedOf<'createSource'> | PlannedOf<'createQuery'>,
    given: Given,
  ): Entity | undefined {
    const { name, relation } = planned.source;
    const existing = this.#state.source(name);
    if (!existing) return undefined;
    const kind = existing.relation.toLowerCase();
    const message = `There is a ${kind} ${name} already. DROP it first, or give the ${relation.toLowerCase()} another name.`;
    if (planned.ifNotExists) return warning(given, message);
    if (!planned.orReplace) throw refused(given, message);
    if (existing.relation !== relation || !existing.createdByQuery !== (planned.kind === 'createSource'))
      throw refused(
        given,
        `${name} is a ${kind} ${existing.createdByQuery ? 'that a query makes' : 'over a topic'}, and only another one of that kind can take its place. DROP it first.`,
      );
    return undefined;
  }

  #refuseDropInUse({ name, createdByQuery }: Source, given: Given): void {
    const others = [...this.#state.queries()].filter(({ queryId }) => queryId !== createdByQuery);
    const readers = others.filter((plan) => readsSource(plan.sink, name)).map(({ queryId }) => queryId);
    const writers = others.filter((plan) => plan.sink.sink === name).map(({ queryId }) => queryId);
    if (readers.length + writers.length === 0) return;
    throw refused(
      given,
      [
        `${name} is in use:`,
        ...(readers.length > 0 ? [`it is read by ${readers.join(', ')}`] : []),
        ...(writers.length > 0 ? [`it is written by ${writers.join(', ')}`] : []),
        'TERMINATE these queries first.',
      ].join('\n'),
    );
  }

  #done(given: Given, command: Command, commandId: string, message: string, queryId: string | null): Entity {
    const commandStatus: CommandStatus = { status: 'SUCCESS', message, queryId };
    this.#statuses.set(commandId, commandStatus);
    return {
      '@type': 'currentStatus',
      statementText: given.text,
      commandId,
      commandStatus,
      commandSequenceNumber: command.sequence,
      warnings: [],
    };
  }
}

function cannotUpgrade({ relation, name }: Source, problem: string, given: Given): KsqlError {
  return refused(
    given,
    `The ${relation.toLowerCase()} ${name} cannot go on as the new statement says: ${problem}. DROP it and create it anew, which builds it from the beginning.`,
  );
}

function idOf(source: Source, action: 'create' | 'drop' | 'alter' | ''): string {
  return `${source.relation.toLowerCase()}/\`${source.name}\`/${action}`;
}

function wordFor({ relation }: Source): string {
  return relation === 'STREAM' ? 'Stream' : 'Table';
}

function warning(given: Given, message: string): Entity {
  return { '@type': 'warning_entity', statementText: given.text, message, warnings: [] };
}

function refused(given: Given, message: string): KsqlError {
  return new KsqlError(BAD_STATEMENT, message, { text: given.text });
}
