import type { SqlType } from '../../data/types.ts';
import type { Catalog, Source } from '../../sql/catalog.ts';
import type { QueryPlan } from '../../sql/plan.ts';
import type { Call, Outcome, StateMachine } from '../../topics/state-machine.ts';
import type { Command } from './command.ts';

export type CommandCalls = {
  readonly append: { readonly request: Omit<Command, 'sequence'>; readonly reply: Command };
};

/**
 * Everything SQL statements have made and not yet dropped: the state machine over the command topic and, at the
 * same time, the catalog that planning reads. Whether a statement makes sense is decided before it gets here, by
 * the one writer there is; the machine numbers and remembers it.
 */
export class SqlState implements StateMachine<CommandCalls, Command>, Catalog {
  #sources = new Map<string, Source>();
  #queries = new Map<string, QueryPlan>();
  #paused = new Set<string>();
  #types = new Map<string, SqlType>();
  #topicsToDelete = new Set<string>();
  #systemProperties = new Map<string, string>();
  #lastSequence = 0;

  /** To try things with, of which this one never hears. */
  copy(): SqlState {
    const copy = new SqlState();
    copy.#sources = new Map(this.#sources);
    copy.#queries = new Map(this.#queries);
    copy.#paused = new Set(this.#paused);
    copy.#types = new Map(this.#types);
    copy.#topicsToDelete = new Set(this.#topicsToDelete);
    copy.#systemProperties = new Map(this.#systemProperties);
    copy.#lastSequence = this.#lastSequence;
    return copy;
  }

  handle(call: Call<CommandCalls>): Outcome<CommandCalls, Command> {
    const command = this.#numbered(call.request);
    return { entries: [command], replies: [{ token: call.token, reply: command }], wakeAtMs: undefined };
  }

  #numbered(request: Omit<Command, 'sequence'>): Command {
    const isStatement = request.effect.kind !== 'topicDeleted';
    return { sequence: this.#lastSequence + (isStatement ? 1 : 0), ...request };
  }

  /** In a copy a command is in force at once, and nowhere else. */
  accept(request: Omit<Command, 'sequence'>): Command {
    const command = this.#numbered(request);
    this.replay(command);
    return command;
  }

  wake(): Outcome<CommandCalls, Command> {
    return { entries: [], replies: [], wakeAtMs: undefined };
  }

  replay(command: Command): void {
    this.#lastSequence = Math.max(this.#lastSequence, command.sequence);
    const effect = command.effect;
    switch (effect.kind) {
      case 'create':
        this.#forget(effect.source.name);
        // Somebody uses it again.
        this.#topicsToDelete.delete(effect.source.topic);
        this.#sources.set(effect.source.name, effect.source);
        if (effect.plan) this.#queries.set(effect.plan.queryId, effect.plan);
        break;
      case 'insertQuery':
        this.#queries.set(effect.plan.queryId, effect.plan);
        break;
      case 'drop':
        this.#forget(effect.name);
        if (effect.deleteTopic !== undefined) this.#topicsToDelete.add(effect.deleteTopic);
        break;
      case 'topicDeleted':
        this.#topicsToDelete.delete(effect.topic);
        break;
      case 'terminate':
        this.#endQuery(effect.queryId);
        break;
      case 'pause':
        this.#paused.add(effect.queryId);
        break;
      case 'resume':
        this.#paused.delete(effect.queryId);
        break;
      case 'alterSystem':
        this.#systemProperties.set(effect.name, effect.value);
        break;
      case 'createType':
        this.#types.set(effect.name, effect.type);
        break;
      case 'dropType':
        this.#types.delete(effect.name);
        break;
    }
  }

  get nextSequence(): number {
    return this.#lastSequence + 1;
  }

  /** Of DROP ... DELETE TOPIC statements that a crash or an error cut off. */
  topicsToDelete(): readonly string[] {
    return [...this.#topicsToDelete];
  }

  /** Texts of all statements in force. */
  statementTexts(): string[] {
    const queries = [...this.#queries.values()].map(({ statementText }) => statementText);
    return [...this.#sources.values()].map(({ statementText }) => statementText).concat(queries);
  }

  /** What ALTER SYSTEM has set: in force for everybody where a session does not say otherwise. */
  systemProperties(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#systemProperties);
  }

  source(name: string): Source | undefined {
    return this.#sources.get(name);
  }

  sources(): Iterable<Source> {
    return this.#sources.values();
  }

  query(queryId: string): QueryPlan | undefined {
    return this.#queries.get(queryId);
  }

  queries(): Iterable<QueryPlan> {
    return this.#queries.values();
  }

  isPaused(queryId: string): boolean {
    return this.#paused.has(queryId);
  }

  type(name: string): SqlType | undefined {
    return this.#types.get(name);
  }

  types(): ReadonlyMap<string, SqlType> {
    return this.#types;
  }

  /** A source and the query that came with it; queries made by INSERT INTO have their own life. */
  #forget(name: string): void {
    const source = this.#sources.get(name);
    if (source?.createdByQuery) this.#endQuery(source.createdByQuery);
    this.#sources.delete(name);
  }

  #endQuery(queryId: string): void {
    this.#queries.delete(queryId);
    this.#paused.delete(queryId);
  }
}
