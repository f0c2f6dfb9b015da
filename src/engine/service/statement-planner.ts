import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { ParsedStatement } from '../../sql/ast.ts';
import { parseScript } from '../../sql/parser/parse-script.ts';
import { Substitution } from '../../sql/parser/substitution.ts';
import { planStatement } from '../../sql/plan-statement.ts';
import type { Planned, PlanOptions } from '../../sql/planned.ts';
import { schemaNeeds } from '../../sql/planner/schema-needs.ts';
import type { Given } from './definitions.ts';
import { BAD_STATEMENT, KsqlError } from './ksql-error.ts';
import type { Session } from './session.ts';
import type { SqlState } from './sql-state.ts';
import { explainFailure } from './statement-failure.ts';
import { isQuery } from './statement-kinds.ts';
import type { TopicSchemas } from './topic-schemas.ts';

interface Parts {
  readonly state: SqlState;
  readonly schemas: TopicSchemas;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly serverProperties: Readonly<Record<string, string>>;
  readonly nextTransientId: () => string;
}

/** From a text to what is to be done, by the catalog as it is now and the properties in force. */
export class StatementPlanner {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  parse(script: string, session: Session): ParsedStatement[] {
    try {
      return parseScript(script, Substitution.of(session, this.#inherited));
    } catch (error) {
      throw explainFailure(error, script, [], this.#parts.logger);
    }
  }

  /** The text is one SELECT or PRINT. */
  parseQuery(text: string, session: Session): ParsedStatement {
    const statements = this.parse(text, session);
    const [statement] = statements;
    if (statements.length !== 1 || !statement || !isQuery(statement.statement))
      throw new KsqlError(BAD_STATEMENT, 'Exactly one SELECT or PRINT statement is expected here.', { text });
    return statement;
  }

  plan({ statement, text }: ParsedStatement, session: Session): Planned {
    return planStatement({ statement, text }, this.#parts.state, this.#planOptions(session));
  }

  /** Of a statement whose columns may be those of a schema. */
  async planWithSchemas({ statement, text }: ParsedStatement, session: Session): Promise<Planned> {
    const { state } = this.#parts;
    const options = this.#planOptions(session);
    const schemas = await this.#parts.schemas.given(schemaNeeds(statement, state, options));
    return planStatement({ statement, text }, state, { ...options, schemas });
  }

  /** Whether the statement cannot be planned without schemas. */
  needsSchemas({ statement }: ParsedStatement, session: Session): boolean {
    return schemaNeeds(statement, this.#parts.state, this.#planOptions(session)).length > 0;
  }

  /** The same over another catalog. */
  over(state: SqlState): StatementPlanner {
    return new StatementPlanner({ ...this.#parts, state });
  }

  /** A statement as those take it that execute it. */
  given(text: string, session: Session): Given {
    return { text, properties: this.#propertiesOf(session) };
  }

  #planOptions(session: Session): PlanOptions {
    const { state, clock, nextTransientId } = this.#parts;
    return {
      properties: this.#propertiesOf(session),
      nextQueryId: state.nextSequence,
      transientQueryId: nextTransientId(),
      nowMs: clock.nowMs(),
    };
  }

  /** The most specific setting wins. */
  #propertiesOf({ properties }: Session): Record<string, string> {
    return { ...this.#inherited, ...Object.fromEntries(properties) };
  }

  /** In force where neither a request nor SET says otherwise. */
  get #inherited(): Readonly<Record<string, string>> {
    return { ...this.#parts.serverProperties, ...this.#parts.state.systemProperties() };
  }
}
