import { SerialQueue } from '../../base/async.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { StateMachineRunner } from '../../topics/runner.ts';
import type { Topics } from '../../topics/topics.ts';
import type { Append, Command } from './command.ts';
import { openCommandLog } from './command-log.ts';
import { deleteTopic } from './delete-topic.ts';
import { type QueryEngine, QueryRegistry } from './query-registry.ts';
import type { CommandCalls, SqlState } from './sql-state.ts';

export interface StandingSqlOptions {
  readonly topics: Topics;
  readonly engine: QueryEngine;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly serviceId: string;
}

/**
 * What SQL statements have made and is in force: the catalog, and the queries that run. A start brings it back from
 * the plans in the command topic and reads no statement for it; so it loads neither parser nor planner nor formats. Those
 * come with {@link SqlService}, which changes this, when somebody has a statement.
 *
 *   command topic --replay--> state: sources, types, plans --restart--> queries: one for each plan
 */
export class StandingSql {
  readonly state: SqlState;
  readonly append: Append;
  readonly queries: QueryRegistry;
  /** Changes of the catalog, one at a time: what one has checked still holds when it is written. */
  readonly changes = new SerialQueue();
  readonly #runner: StateMachineRunner<CommandCalls, Command>;

  private constructor(parts: {
    readonly state: SqlState;
    readonly runner: StateMachineRunner<CommandCalls, Command>;
    readonly append: Append;
    readonly queries: QueryRegistry;
  }) {
    this.state = parts.state;
    this.append = parts.append;
    this.queries = parts.queries;
    this.#runner = parts.runner;
  }

  /** Brings back everything earlier statements made and starts its queries. */
  static async open({ topics, engine, clock, logger, serviceId }: StandingSqlOptions): Promise<StandingSql> {
    const { state, runner } = await openCommandLog({ topics, clock, logger, serviceId });
    const append: Append = (request) => runner.submit('append', request);
    // What statements of an earlier run had begun to remove.
    for (const name of state.topicsToDelete())
      await deleteTopic(name, { text: `DELETE TOPIC ${name}`, properties: {} }, { topics, append });
    await engine.dropOtherState([...state.queries()].map(({ queryId }) => queryId));
    const queries = new QueryRegistry(engine, logger.child({ part: 'sql' }), clock);
    const standing = new StandingSql({ state, runner, append, queries });
    await standing.#restartQueries();
    return standing;
  }

  /** Their readers get the end of their stream: before connections close. */
  endPushQueries(): void {
    for (const push of [...this.queries.pushes()]) push.close();
  }

  /** Ends push queries and stops persistent ones at a commit. */
  async stop(): Promise<void> {
    await this.changes.idle();
    await this.queries.stop();
    this.#runner.close();
  }

  async #restartQueries(): Promise<void> {
    const running = [...this.state.queries()].map(async (plan) => {
      if (this.state.isPaused(plan.queryId)) this.queries.addPaused(plan);
      else await this.queries.restart(plan);
    });
    await Promise.all(running);
  }
}
