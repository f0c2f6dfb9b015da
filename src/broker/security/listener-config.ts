import { BROKER_CONFIGS } from '../config/broker-configs.ts';
import { listItems } from '../config/config-table.ts';

/**
 * A broker setting as one listener sees it. The nearest counts:
 *
 *   listener.name.LISTENER.MECHANISM.NAME  >  listener.name.LISTENER.NAME  >  NAME  >  default
 */
export class ListenerConfig {
  readonly #given: ReadonlyMap<string, string>;
  readonly #prefix: string;

  constructor(given: ReadonlyMap<string, string>, listener: string) {
    this.#given = given;
    this.#prefix = `listener.name.${listener.toLowerCase()}.`;
  }

  /** Undefined when neither given nor a default. */
  find(name: string, mechanism?: string): string | undefined {
    return this.given(name, mechanism) ?? BROKER_CONFIGS.get(name)?.default ?? undefined;
  }

  /** Undefined when only a default would say something. */
  given(name: string, mechanism?: string): string | undefined {
    const ofMechanism = mechanism && this.#given.get(`${this.#prefix}${mechanism.toLowerCase()}.${name}`);
    return ofMechanism ?? this.own(name) ?? this.#given.get(name);
  }

  /** Only what is given for this listener. */
  own(name: string): string | undefined {
    return this.#given.get(this.#prefix + name);
  }

  text(name: string, mechanism?: string): string {
    return this.find(name, mechanism) ?? '';
  }

  number(name: string, mechanism?: string): number {
    return Number(this.text(name, mechanism));
  }

  list(name: string): readonly string[] {
    return listItems(this.text(name));
  }
}
