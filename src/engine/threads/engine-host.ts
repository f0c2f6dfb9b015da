import { osFileSystem } from '../../base/os-fs.ts';
import type { QueryPlan } from '../../sql/plan.ts';
import { KeptState } from '../kept-state.ts';
import type { Pace, PersistentQuery, RunningQuery, TransientPlan } from '../running-query.ts';
import { EngineThread, type EngineThreadOptions } from './engine-thread.ts';
import { PersistentThreadQuery, TransientThreadQuery } from './thread-query.ts';

export interface EngineHostOptions extends EngineThreadOptions {
  /** Most threads; each begins with the first query that finds no idle one. */
  readonly workers: number;
}

/**
 * The engine in threads of its own, so that a busy query takes nothing from sockets, log and coordinators. Used as
 * {@link Engine} is, which does the same in the caller's thread.
 *
 *   query 1 ─┐                 ┌─> thread 1: queries 1, 3
 *   query 2 ─┼─ least loaded ──┤
 *   query 3 ─┘                 └─> thread 2: query 2
 */
export class EngineHost {
  readonly #options: EngineHostOptions;
  readonly #kept: KeptState;
  readonly #threads = new Set<EngineThread>();
  #isStopped = false;

  constructor(options: EngineHostOptions) {
    const { topics, serviceId, stateRoot } = options;
    this.#options = options;
    const snapshots = stateRoot === undefined ? undefined : { fs: osFileSystem, root: stateRoot };
    this.#kept = new KeptState(topics, serviceId, snapshots);
  }

  get threadCount(): number {
    return this.#threads.size;
  }

  async start(plan: QueryPlan): Promise<PersistentQuery> {
    const query = new PersistentThreadQuery(plan, this.#forQuery());
    await query.start();
    return query;
  }

  async startTransient(plan: TransientPlan, pace?: Pace): Promise<RunningQuery> {
    const query = new TransientThreadQuery(plan, pace, this.#forQuery());
    await query.start();
    return query;
  }

  dropState(queryId: string): Promise<void> {
    return this.#kept.drop(queryId);
  }

  dropOtherState(queryIds: readonly string[]): Promise<void> {
    return this.#kept.dropOthers(queryIds);
  }

  /** Stops every query; their last rounds are committed, unless a thread does not listen any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#threads].map((thread) => thread.stop()));
  }

  #forQuery() {
    const { clock, logger } = this.#options;
    return { pick: () => this.#pick(), clock, logger };
  }

  #pick(): EngineThread {
    if (this.#isStopped) throw new Error('the engine is stopped');
    let best: EngineThread | undefined;
    for (const thread of this.#threads) if (best === undefined || thread.load < best.load) best = thread;
    const mayBegin = this.#threads.size < this.#options.workers;
    return best === undefined || (best.load > 0 && mayBegin) ? this.#begin() : best;
  }

  #begin(): EngineThread {
    const thread = new EngineThread(this.#options);
    this.#threads.add(thread);
    void thread.ended.then(() => this.#threads.delete(thread));
    return thread;
  }
}
