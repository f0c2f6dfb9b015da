import { Deferred, nextTurn } from '../../base/async.ts';
import { type CarriedError, carriedError } from '../../base/calls.ts';

/** How one of several questions ended. */
export type Ended<Answer> = { readonly answer: Answer } | { readonly failure: CarriedError };

/**
 * Questions to another thread that come in the same turn of the event loop leave as one message, and so do their
 * answers: a message costs more than a short answer.
 *
 *   turn    ask, ask, ask ──> [ask, ask, ask] ──> answerAll ──> [ended, ended, ended] ──> answer, failure, answer
 */
export class Gathered<Ask, Answer> {
  readonly #send: (asks: readonly Ask[]) => Promise<readonly Ended<Answer>[]>;
  readonly #revive: (failure: CarriedError) => Error;
  #waiting: { readonly ask: Ask; readonly done: Deferred<Answer> }[] = [];

  constructor(
    send: (asks: readonly Ask[]) => Promise<readonly Ended<Answer>[]>,
    revive: (failure: CarriedError) => Error,
  ) {
    this.#send = send;
    this.#revive = revive;
  }

  /** Rejects when this question failed, or all did because the thread has ended. */
  ask(ask: Ask): Promise<Answer> {
    const done = new Deferred<Answer>();
    if (this.#waiting.push({ ask, done }) === 1) void nextTurn().then(() => this.#flush());
    return done.promise;
  }

  async #flush(): Promise<void> {
    const asked = this.#waiting;
    this.#waiting = [];
    try {
      const ended = await this.#send(asked.map(({ ask }) => ask));
      for (const [index, { done }] of asked.entries()) {
        const end = ended[index] as Ended<Answer>;
        if ('failure' in end) done.reject(this.#revive(end.failure));
        else done.resolve(end.answer);
      }
    } catch (error) {
      for (const { done } of asked) done.reject(error as Error);
    }
  }
}

/** The other side: one question after the other, each with its own end. */
export async function answerAll<Ask, Answer>(
  asks: readonly Ask[],
  answer: (ask: Ask) => Promise<Answer>,
): Promise<Ended<Answer>[]> {
  const ended: Ended<Answer>[] = [];
  for (const ask of asks) {
    try {
      ended.push({ answer: await answer(ask) });
    } catch (error) {
      ended.push({ failure: carriedError(error) });
    }
  }
  return ended;
}
