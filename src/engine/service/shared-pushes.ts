import { inputsOf, type Step } from '../../sql/plan.ts';
import type { TransientQuery } from '../../sql/planned.ts';
import type { Position } from '../../topics/topics.ts';
import type { Pace } from '../running-query.ts';
import { Fanout, type RowListener, type Subscription } from './fanout.ts';
import type { QueryEngine } from './query-registry.ts';
import { toRowOf } from './result-rows.ts';

/**
 * Push queries that ask for the same from now on are one query with many listeners: a thousand readers cost one scan.
 *
 *   topic --> one running query --changes--> listener, listener, listener ...
 *
 * Invariant: a shared query waits for no reader. Whoever cannot keep up has to leave for a query of its own, at its pace.
 */
export class SharedPushes {
  readonly #engine: QueryEngine;
  readonly #shared = new Map<string, Fanout>();

  constructor(engine: QueryEngine) {
    this.#engine = engine;
  }

  async join(query: TransientQuery, listener: RowListener): Promise<Subscription> {
    const key = keyOf(query);
    let shared = this.#shared.get(key);
    if (!shared) {
      shared = this.#fanout(query, key, {});
      this.#shared.set(key, shared);
    }
    return shared.join(listener);
  }

  /** A query of one reader alone, from where it has left or as the query says. */
  async alone(
    query: TransientQuery,
    own: { readonly from: readonly Position[] | undefined; readonly pace: Pace },
    listener: RowListener,
  ): Promise<Subscription> {
    return this.#fanout(query, keyOf(query), own).join(listener);
  }

  /**
   * For who is alone and has all changes below `from`: told are all changes from there on, and some before it. Where nobody
   * shares such a query the reader's own is shared from now on: then it stays where it is. Undefined where the shared one
   * has told more than that already.
   */
  rejoin(
    query: TransientQuery,
    from: readonly Position[],
    own: Subscription,
    listener: RowListener,
  ): Subscription | undefined {
    const key = keyOf(query);
    const shared = this.#shared.get(key);
    if (shared) return shared.rejoin(from, listener);
    own.fanout.unpace();
    this.#shared.set(key, own.fanout);
    return own;
  }

  #fanout(
    query: TransientQuery,
    key: string,
    { from, pace }: { readonly from?: readonly Position[] | undefined; readonly pace?: Pace },
  ): Fanout {
    const plan = from ? { ...query.plan, from } : query.plan;
    return new Fanout({
      start: (held) => this.#engine.startTransient(plan, held),
      toRow: toRowOf(query),
      ...(pace && { pace }),
      onEnd: (fanout) => {
        if (this.#shared.get(key) === fanout) this.#shared.delete(key);
      },
    });
  }
}

/** All that the rows follow from. */
function keyOf({ plan: { root, properties }, columns, isScalable = false }: TransientQuery): string {
  const keyIndexes = columns.map(({ keyIndex }) => keyIndex ?? -1);
  return JSON.stringify([root, properties, keyIndexes, isScalable]);
}

/**
 * Whether a query can go on at any position as if it had read all before it: it keeps no state but, of a table, the rows
 * as they were, which reading the table again gives back. Its changes are then also the same for all who ask for it.
 */
export function isResumable(step: Step): boolean {
  switch (step.step) {
    case 'sourceV1':
      return true;
    case 'filterV1':
    case 'projectV1':
    case 'tableTableJoinV1':
    case 'foreignKeyJoinV1':
      return inputsOf(step).every(isResumable);
    default:
      return false;
  }
}
