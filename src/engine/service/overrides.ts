import { BAD_REQUEST, KsqlError } from './ksql-error.ts';
import { propertyName, type Session } from './session.ts';

/** The properties that the server's settings keep requests and SET from changing: `ksql.properties.overrides.denylist`. */
export class Overrides {
  readonly #denied: ReadonlySet<string>;

  constructor(serverProperties: Readonly<Record<string, string>>) {
    const names = (serverProperties['ksql.properties.overrides.denylist'] ?? '').split(',');
    this.#denied = new Set(names.map((name) => propertyName(name.trim())).filter(Boolean));
  }

  check({ properties }: Session): void {
    if (this.#denied.size > 0) for (const name of properties.keys()) this.checkName(name);
  }

  checkName(name: string): void {
    if (this.#denied.has(propertyName(name)))
      throw new KsqlError(BAD_REQUEST, `The server's settings forbid to set '${name}'.`);
  }
}
