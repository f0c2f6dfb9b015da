import type { ParsedStatement } from '../../sql/ast.ts';
import type { PlannedOf } from '../../sql/planned.ts';
import { SqlError } from '../../sql/sql-error.ts';
import { maySee, type SqlAccess } from './access.ts';
import {
  type ConnectCluster,
  ConnectError,
  type ConnectorInfo,
  type ConnectorStatus,
  type ListedConnector,
} from './connect-cluster.ts';
import type { Entity, SourceDescription, Warning } from './entities.ts';
import { BAD_STATEMENT, KsqlError, NOT_FOUND } from './ksql-error.ts';

/** The streams and tables over these topics, as the asker may see them. */
type SourcesOver = (topics: readonly string[], access: SqlAccess) => Promise<SourceDescription[]>;

/**
 * Connector statements. Connectors are Kafka Connect's: they run and are kept there, so nothing of them is in the
 * command topic, and one that was made by other means is listed like any other.
 */
export class Connectors {
  readonly #connect: ConnectCluster | undefined;
  readonly #sourcesOver: SourcesOver;

  constructor(parts: {
    readonly connect: ConnectCluster | undefined;
    readonly sourcesOver: SourcesOver;
  }) {
    this.#connect = parts.connect;
    this.#sourcesOver = parts.sourcesOver;
  }

  async run(
    planned: PlannedOf<
      'createConnector' | 'dropConnector' | 'describeConnector' | 'listConnectors' | 'listConnectorPlugins'
    >,
    statementText: string,
    access: SqlAccess,
  ): Promise<Entity> {
    switch (planned.kind) {
      case 'createConnector':
        return this.#create(planned, statementText);
      case 'dropConnector':
        return this.#drop(planned, statementText);
      case 'describeConnector':
        return this.#describe(planned.name, statementText, access);
      case 'listConnectors':
        return this.#list(planned, statementText);
      case 'listConnectorPlugins':
        return this.#plugins(statementText);
    }
  }

  async #list({ direction }: PlannedOf<'listConnectors'>, statementText: string): Promise<Entity> {
    const connectors = (await this.#cluster.list())
      .map(summaryOf)
      .filter(({ type }) => direction === undefined || type === direction.toLowerCase());
    return { '@type': 'connector_list', statementText, warnings: [], connectors };
  }

  async #plugins(statementText: string): Promise<Entity> {
    const found = await this.#cluster.plugins();
    const connectorsPlugins = found.map(({ class: className, type, version }) => ({
      className,
      type,
      version,
    }));
    return { '@type': 'connector_plugins_list', statementText, warnings: [], connectorsPlugins };
  }

  async #create(planned: PlannedOf<'createConnector'>, statementText: string): Promise<Entity> {
    const { name, config } = planned;
    const existing = await this.#existing(planned, statementText);
    if (existing) return existing;
    const faults = await this.#cluster.validate({ name, ...config });
    if (faults.length > 0)
      throw new ConnectError(`Kafka Connect cannot make ${name} of this:\n${faults.join('\n')}`, 400);
    try {
      const info = await this.#cluster.create(name, config);
      return { '@type': 'connector_info', statementText, warnings: otherDirection(info, planned), info };
    } catch (error) {
      // Somebody else may have been faster.
      const isConflict = error instanceof ConnectError && error.status === 409;
      const faster = isConflict && (await this.#existing(planned, statementText));
      if (faster) return faster;
      throw error;
    }
  }

  /** The answer where there is a connector of the name already. */
  async #existing(
    { name, ifNotExists }: PlannedOf<'createConnector'>,
    statementText: string,
  ): Promise<Entity | undefined> {
    if ((await this.#cluster.info(name)) === undefined) return undefined;
    const message = `There is a connector ${name} already`;
    if (ifNotExists)
      return { '@type': 'warning_entity', statementText, warnings: [], message: `${message}.` };
    throw new ConnectError(`${message}: DROP CONNECTOR removes it, IF NOT EXISTS leaves it alone.`, 409);
  }

  async #drop({ name, ifExists }: PlannedOf<'dropConnector'>, statementText: string): Promise<Entity> {
    if (await this.#cluster.drop(name))
      return { '@type': 'drop_connector', statementText, warnings: [], connectorName: name };
    if (!ifExists) throw noConnector(name);
    const message = `There is no connector ${name}, so none was dropped.`;
    return { '@type': 'warning_entity', statementText, warnings: [], message };
  }

  async #describe(name: string, statementText: string, access: SqlAccess): Promise<Entity> {
    const info = await this.#cluster.info(name);
    if (!info) throw noConnector(name);
    const [status, topics] = await Promise.all([this.#cluster.status(name), this.#cluster.topics(name)]);
    const shown = (topics ?? []).filter((topic) => maySee([topic], access)).toSorted();
    return {
      '@type': 'connector_description',
      statementText,
      warnings: topics ? [] : [{ message: 'Kafka Connect does not track topics: topic.tracking.enable.' }],
      connectorClass: classOf(info) ?? '',
      status: status ?? unassigned(info),
      sources: await this.#sourcesOver(shown, access),
      topics: shown,
    };
  }

  get #cluster(): ConnectCluster {
    if (this.#connect) return this.#connect;
    throw new KsqlError(
      BAD_STATEMENT,
      'This server knows of no Kafka Connect, which is what runs connectors. Start one with this server as its Kafka, and set connectUrl (--connect-url, ksql.connect.url) to its address, such as http://127.0.0.1:8083.',
    );
  }
}

/**
 * Of the statements that a server is started with: Kafka Connect may be waiting for this server's Kafka, so a start must
 * not wait for Kafka Connect. ksqlDB takes connector statements in its interactive mode alone.
 */
export function refuseAtStart({ statement: { kind, line, column } }: ParsedStatement): void {
  if (kind !== 'createConnector' && kind !== 'dropConnector') return;
  throw new SqlError(
    'Connectors are neither made nor dropped by the statements that a server is started with: send these when it runs.',
    line,
    column,
  );
}

function noConnector(name: string): KsqlError {
  return new KsqlError(NOT_FOUND, `There is no connector ${name}. SHOW CONNECTORS lists what there is.`);
}

function classOf(info: ConnectorInfo | undefined): string | null {
  return info?.config['connector.class'] ?? null;
}

/** ksqlDB, too, makes what the class says and not what the statement says. */
function otherDirection({ type }: ConnectorInfo, planned: PlannedOf<'createConnector'>): Warning[] {
  const said = planned.direction.toLowerCase();
  if (type === 'unknown' || type === said) return [];
  return [{ message: `${planned.name} is a ${type}, as its class is, and no ${said}.` }];
}

function summaryOf({ name, info, status }: ListedConnector) {
  return {
    name,
    type: info?.type ?? status?.type ?? ('unknown' as const),
    className: classOf(info),
    state: status ? stateText(status) : null,
  };
}

/** As ksqlDB sums it up: a connector that runs may have tasks that do not. */
function stateText({ connector: { state }, tasks }: ConnectorStatus): string {
  if (state !== 'RUNNING') return state;
  const running = tasks.filter((task) => task.state === 'RUNNING').length;
  const word = tasks.length > 0 && running === 0 ? 'WARNING' : state;
  return `${word} (${running}/${tasks.length} tasks RUNNING)`;
}

/** Made a moment ago. */
function unassigned({ name, type }: ConnectorInfo): ConnectorStatus {
  return { name, connector: { state: 'UNASSIGNED', worker_id: '' }, tasks: [], type };
}
