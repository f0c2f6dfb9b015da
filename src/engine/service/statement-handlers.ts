import type { Clock } from '../../base/clock.ts';
import type { SchemaRegistry } from '../../serde/schema-registry.ts';
import type { Planned, PlannedOf } from '../../sql/planned.ts';
import type { Topics } from '../../topics/topics.ts';
import { assertSchema, assertTopic } from './assertions.ts';
import type { Connectors } from './connectors.ts';
import { define } from './define.ts';
import type { Definitions, Given } from './definitions.ts';
import type { Entity } from './entities.ts';
import { BAD_STATEMENT, KsqlError } from './ksql-error.ts';
import type { Listings } from './listings.ts';
import type { Overrides } from './overrides.ts';
import type { QueryRegistry } from './query-registry.ts';
import { checkInsertsEnabled, type RecordWriter } from './record-writer.ts';
import type { Session } from './session.ts';
import { changeSession } from './session-changes.ts';

interface Parts {
  readonly definitions: Definitions;
  readonly listings: Listings;
  readonly connectors: Connectors;
  readonly queries: QueryRegistry;
  readonly writer: RecordWriter;
  readonly overrides: Overrides;
  readonly topics: Topics;
  readonly schemaRegistry: SchemaRegistry | undefined;
  readonly clock: Clock;
  readonly serverProperties: Readonly<Record<string, string>>;
}

/** Who executes a planned statement: a table for those that define, and one for the others that are no queries. */
export class StatementHandlers {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** One at a time, as `Definitions` demands. */
  async define(planned: Planned, given: Given): Promise<Entity | undefined> {
    if (planned.kind === 'terminate' || planned.kind === 'pause' || planned.kind === 'resume')
      return this.#changeQueries(planned, given);
    const defined = define(this.#parts.definitions, planned, given);
    if (defined) return defined;
    throw new Error(`${planned.kind} is no definition`);
  }

  async execute(planned: Planned, given: Given, session: Session): Promise<Entity | undefined> {
    const {
      listings,
      connectors,
      queries,
      writer,
      overrides,
      topics,
      schemaRegistry,
      clock,
      serverProperties,
    } = this.#parts;
    const { text } = given;
    if (changeSession(planned, session, overrides)) return undefined;
    switch (planned.kind) {
      case 'insertValues':
        checkInsertsEnabled(serverProperties);
        await writer.write(planned.target, planned.row, planned.timestampMs);
        return undefined;
      case 'list':
        return listings.list(planned, text, session);
      case 'createConnector':
      case 'dropConnector':
      case 'describeConnector':
      case 'listConnectors':
      case 'listConnectorPlugins':
        return connectors.run(planned, text, session.access);
      case 'describe':
        return listings.describe(planned, text, session.access);
      case 'describeAll':
        return listings.describeAll(planned, text, session.access);
      case 'describeFunction':
        return listings.describeFunction(planned, text);
      case 'assertTopic':
        return assertTopic(planned, text, topics, clock);
      case 'assertSchema':
        return assertSchema(planned, text, schemaRegistry, clock);
      case 'explain':
        return listings.explainQuery(queries.idOf(planned.queryId), text, session.access);
      case 'explainStatement':
        return listings.explainStatement(planned, text);
      default:
        throw new Error(`${planned.kind} needs another way of running`);
    }
  }

  async #changeQueries(
    { kind, queryId: written }: PlannedOf<'terminate' | 'pause' | 'resume'>,
    given: Given,
  ): Promise<Entity | undefined> {
    const { definitions, queries } = this.#parts;
    if (written === 'ALL') {
      let last: Entity | undefined;
      for (const { plan } of [...queries.persistent()]) {
        // What keeps a source table's rows lasts as long as the table.
        if (kind === 'terminate' && plan.sink.keepsOnly) continue;
        last = await definitions.changeQuery(kind, plan.queryId, given);
      }
      return last;
    }
    const queryId = queries.idOf(written);
    if (queries.find(queryId)) return definitions.changeQuery(kind, queryId, given);
    const push = kind === 'terminate' ? queries.findPush(queryId) : undefined;
    if (!push)
      throw new KsqlError(BAD_STATEMENT, `There is no query ${queryId}. SHOW QUERIES lists the known ones.`);
    push.close();
    return {
      '@type': 'terminate_query',
      statementText: given.text,
      warnings: [],
      queryId,
      wasTerminated: true,
    };
  }
}
