import type { Planned } from '../../sql/planned.ts';
import type { NewTopic, TopicDescription, Topics } from '../../topics/topics.ts';
import { define } from './define.ts';
import { type DefinedQueries, Definitions, type Given } from './definitions.ts';
import type { SqlState } from './sql-state.ts';
import { TopicMaker } from './topic-maker.ts';

/**
 * Where a script is tried before any of it is done, as ksqlDB does: what is wrong with its last statement is found before
 * the first one is in force. Everything is checked as always, on a copy of the catalog:
 *
 *   Definitions --+--> copy of the state, in which commands are in force at once
 *                 +--> topics as they are, with those that the script makes and deletes
 *                 +--> no schemas, no queries
 */
export class Rehearsal {
  /** As it will be after the statements so far. */
  readonly state: SqlState;
  readonly #definitions: Definitions;

  constructor(parts: { readonly state: SqlState; readonly topics: Topics }) {
    const state = parts.state.copy();
    const topics = new RehearsedTopics(parts.topics);
    this.state = state;
    this.#definitions = new Definitions({
      state,
      append: async (request) => state.accept(request),
      queries: queriesOf(state),
      topics,
      topicMaker: new TopicMaker(topics, state),
      schemas: {
        declare: async (source) => source,
        register: async (sink) => sink,
        toWrite: async ({ keyFormat, valueFormat }) => ({ keyFormat, valueFormat }),
        forget: async () => {},
      },
    });
  }

  /** Rejects with what would keep the statement from being done. */
  async attempt(planned: Planned, given: Given): Promise<void> {
    await define(this.#definitions, planned, given);
    if (planned.kind !== 'terminate' && planned.kind !== 'pause' && planned.kind !== 'resume') return;
    const { kind, queryId } = planned;
    // What is not in the catalog may be a push query.
    for (const plan of [...this.state.queries()])
      if (queryId.toUpperCase() === plan.queryId.toUpperCase() || (queryId === 'ALL' && !plan.sink.keepsOnly))
        await this.#definitions.changeQuery(kind, plan.queryId, given);
  }
}

/** They are what the catalog says, and nothing runs. */
function queriesOf(state: SqlState): DefinedQueries {
  const nothing = async () => {};
  return {
    start: nothing,
    restart: nothing,
    replace: nothing,
    terminate: nothing,
    pause: nothing,
    resume: nothing,
    *persistent() {
      for (const plan of state.queries()) yield { plan };
    },
  };
}

class RehearsedTopics implements Pick<Topics, 'create' | 'delete' | 'describe'> {
  readonly #topics: Topics;
  /** Undefined: deleted. */
  readonly #changed = new Map<string, TopicDescription | undefined>();

  constructor(topics: Topics) {
    this.#topics = topics;
  }

  async create(topic: NewTopic): Promise<TopicDescription> {
    const made = { topicId: '', replicationFactor: 1, config: new Map(), internal: false, ...topic };
    this.#changed.set(topic.name, made);
    return made;
  }

  async delete(name: string): Promise<void> {
    this.#changed.set(name, undefined);
  }

  async describe(names?: readonly string[]): Promise<TopicDescription[]> {
    const changed = names?.map((name) => this.#changed.get(name)) ?? [...this.#changed.values()];
    const others = await this.#topics.describe(names?.filter((name) => !this.#changed.has(name)));
    return [
      ...changed.filter((topic) => topic !== undefined),
      ...others.filter(({ name }) => !this.#changed.has(name)),
    ];
  }
}
