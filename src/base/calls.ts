import { Deferred } from './async.ts';
import type { Port } from './port.ts';

/** What one side of a {@link Calls} may ask of the other: by name, what is asked and what comes back. */
export type CallTable = Readonly<Record<string, { readonly ask: unknown; readonly answer: unknown }>>;

export type CallHandlers<Table extends CallTable> = {
  readonly [Name in keyof Table]: (
    ask: Table[Name]['ask'],
  ) => Promise<Answered<Table[Name]['answer']>> | Answered<Table[Name]['answer']>;
};

type Answered<Answer> = Answer | Moved<Answer>;

/** Whom one side asks. */
export interface Caller<Table extends CallTable> {
  call<Name extends keyof Table & string>(
    name: Name,
    ask: Table[Name]['ask'],
    memory?: readonly ArrayBuffer[],
  ): Promise<Table[Name]['answer']>;
  /** Nobody waits for it. */
  tell<Name extends keyof Table & string>(name: Name, ask: Table[Name]['ask']): void;
}

/** An answer whose memory moves to the asker. */
export class Moved<Answer> {
  readonly answer: Answer;
  readonly memory: readonly ArrayBuffer[];

  constructor(answer: Answer, memory: readonly ArrayBuffer[]) {
    this.answer = answer;
    this.memory = memory;
  }
}

/** An error on its way to another thread; classes do not travel. */
export interface CarriedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | number | undefined;
}

type Message =
  | { readonly kind: 'ask'; readonly id: number; readonly name: string; readonly ask: unknown }
  | { readonly kind: 'tell'; readonly name: string; readonly ask: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: CarriedError };

export interface CallsOptions {
  /** Makes an error of the class it had on the other side. */
  readonly revive: (carried: CarriedError) => Error;
  /** A handler of a `tell` failed, and nobody waits for it. */
  readonly onError: (error: Error) => void;
}

/**
 * Questions and answers over a {@link Port}, in both directions:
 *
 *   call ──ask──> handler ──answer or failure──> the call's promise
 *   tell ──tell─> handler    (nobody waits)
 *
 * Handlers begin in the order of the messages; answers come in the order in which handlers end.
 */
export class Calls<Theirs extends CallTable, Ours extends CallTable> implements Caller<Theirs> {
  readonly #port: Port;
  readonly #handlers: CallHandlers<Ours>;
  readonly #options: CallsOptions;
  readonly #waiting = new Map<number, Deferred<never>>();
  #asked = 0;
  #end: Error | undefined;

  constructor(port: Port, handlers: CallHandlers<Ours>, options: CallsOptions) {
    this.#port = port;
    this.#handlers = handlers;
    this.#options = options;
    port.onMessage((message) => this.#receive(message as Message));
  }

  call<Name extends keyof Theirs & string>(
    name: Name,
    ask: Theirs[Name]['ask'],
    memory?: readonly ArrayBuffer[],
  ): Promise<Theirs[Name]['answer']> {
    if (this.#end) return Promise.reject(this.#end);
    const id = ++this.#asked;
    const done = new Deferred<never>();
    try {
      this.#port.post({ kind: 'ask', id, name, ask } satisfies Message, memory);
      this.#waiting.set(id, done);
    } catch (error) {
      done.reject(error as Error);
    }
    return done.promise;
  }

  tell<Name extends keyof Theirs & string>(name: Name, ask: Theirs[Name]['ask']): void {
    if (!this.#end) this.#port.post({ kind: 'tell', name, ask } satisfies Message);
  }

  /** The other side is gone: whoever waits for it, or asks from now on, gets this error. */
  end(error: Error): void {
    this.#end ??= error;
    for (const done of this.#waiting.values()) done.reject(error);
    this.#waiting.clear();
  }

  #receive(message: Message): void {
    switch (message.kind) {
      case 'ask':
        void this.#answer(message.id, message.name, message.ask);
        break;
      case 'tell':
        this.#hear(message.name, message.ask);
        break;
      case 'answer':
        this.#take(message.id)?.resolve(message.answer as never);
        break;
      case 'failure':
        this.#take(message.id)?.reject(this.#options.revive(message.error));
        break;
    }
  }

  #hear(name: string, ask: unknown): void {
    try {
      void this.#handlers[name]!(ask as never);
    } catch (error) {
      this.#options.onError(error as Error);
    }
  }

  async #answer(id: number, name: string, ask: unknown): Promise<void> {
    try {
      const result = await this.#handlers[name]!(ask as never);
      const [answer, memory] = result instanceof Moved ? [result.answer, result.memory] : [result, undefined];
      this.#reply({ kind: 'answer', id, answer }, memory);
    } catch (error) {
      this.#reply({ kind: 'failure', id, error: carriedError(error) });
    }
  }

  #reply(message: Message, memory?: readonly ArrayBuffer[]): void {
    if (!this.#end) this.#port.post(message, memory);
  }

  #take(id: number): Deferred<never> | undefined {
    const done = this.#waiting.get(id);
    this.#waiting.delete(id);
    return done;
  }
}

export function carriedError(error: unknown): CarriedError {
  if (!(error instanceof Error))
    return { name: 'Error', message: String(error), stack: undefined, code: undefined };
  const own = 'code' in error ? error.code : undefined;
  const code = typeof own === 'string' || typeof own === 'number' ? own : undefined;
  return { name: error.name, message: error.message, stack: error.stack, code };
}

export function plainError({ name, message, stack, code }: CarriedError): Error {
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return code === undefined ? error : Object.assign(error, { code });
}
