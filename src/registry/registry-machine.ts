import type { Call, Outcome, StateMachine } from '../topics/state-machine.ts';
import type { Decision } from './decision.ts';
import type { Entry } from './entry.ts';
import { RegistryState } from './registry-state.ts';

/** Decides over what is remembered; what it throws is the answer. */
export type Decide = (state: RegistryState) => Decision<unknown>;

export type RegistryCalls = {
  readonly decide: {
    readonly request: Decide;
    readonly reply: { readonly value: unknown } | { readonly error: unknown };
  };
};

/** The registry as a state machine over `_schemas`: one call after another decides, reads among them. */
export class RegistryMachine implements StateMachine<RegistryCalls, Entry> {
  readonly #state = new RegistryState();

  handle({ token, request }: Call<RegistryCalls>): Outcome<RegistryCalls, Entry> {
    try {
      const { entries, reply } = request(this.#state);
      return { entries, replies: [{ token, reply: { value: reply } }], wakeAtMs: undefined };
    } catch (error) {
      return { entries: [], replies: [{ token, reply: { error } }], wakeAtMs: undefined };
    }
  }

  wake(): Outcome<RegistryCalls, Entry> {
    return { entries: [], replies: [], wakeAtMs: undefined };
  }

  replay(entry: Entry): void {
    this.#state.replay(entry);
  }
}
