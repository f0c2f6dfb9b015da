import { Variables } from '../../sql/variables.ts';
import { ClientError } from '../client-error.ts';
import type { SqlClient } from '../sql-client.ts';
import type { Migration } from './migration-files.ts';

export type MigrationState = 'RUNNING' | 'MIGRATED' | 'ERROR';

/** What the server knows of one version. */
export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly state: MigrationState;
  readonly checksum: string;
  readonly startedOn: string;
  readonly completedOn: string;
  readonly previous: number | undefined;
  readonly errorReason: string;
}

const COLUMNS = [
  'VERSION',
  'NAME',
  'STATE',
  'CHECKSUM',
  'STARTED_ON',
  'COMPLETED_ON',
  'PREVIOUS',
  'ERROR_REASON',
] as const;
/** Key of the row that says which version was applied last. */
const CURRENT = 'CURRENT';
const NONE = '<none>';
const NO_VALUES = { properties: new Map<string, string>(), variables: new Variables() };

/**
 * Which migrations a server has: a stream of what happened and a table of the last of it for each version, named as
 * ksql-migrations does, so that either tool goes on where the other has ended.
 */
export class MigrationMetadata {
  readonly #client: SqlClient;
  readonly #stream: string;
  readonly #table: string;
  readonly #properties: Readonly<Record<string, string>>;

  constructor(client: SqlClient, properties: Readonly<Record<string, string>>) {
    this.#client = client;
    this.#properties = properties;
    this.#stream = properties['ksql.migrations.stream.name'] ?? 'MIGRATION_EVENTS';
    this.#table = properties['ksql.migrations.table.name'] ?? 'MIGRATION_SCHEMA_VERSIONS';
  }

  async initialize(): Promise<void> {
    const streamTopic =
      this.#properties['ksql.migrations.stream.topic.name'] ?? `default_ksql_${this.#stream}`;
    const tableTopic = this.#properties['ksql.migrations.table.topic.name'] ?? `default_ksql_${this.#table}`;
    const replicas = this.#properties['ksql.migrations.topic.replicas'] ?? '1';
    const latest = COLUMNS.map((column) => `LATEST_BY_OFFSET(${column}) AS ${column}`).join(', ');
    await this.#execute(
      `CREATE STREAM ${this.#stream} (VERSION_KEY STRING KEY, ${COLUMNS.map((c) => `${c} STRING`).join(', ')})
         WITH (KAFKA_TOPIC='${streamTopic}', VALUE_FORMAT='JSON', PARTITIONS=1, REPLICAS=${replicas});
       CREATE TABLE ${this.#table} WITH (KAFKA_TOPIC='${tableTopic}')
         AS SELECT VERSION_KEY, ${latest} FROM ${this.#stream} GROUP BY VERSION_KEY;`,
    );
  }

  async destroy(): Promise<void> {
    await this.#execute(`DROP TABLE ${this.#table} DELETE TOPIC; DROP STREAM ${this.#stream} DELETE TOPIC;`);
  }

  /** The version applied last; undefined before the first. */
  async current(): Promise<number | undefined> {
    const [row] = await this.#rows(`WHERE VERSION_KEY = '${CURRENT}'`);
    return row && versionOf(row.VERSION);
  }

  async applied(): Promise<Map<number, AppliedMigration>> {
    const rows = await this.#rows('');
    const found = rows.filter(({ VERSION_KEY }) => VERSION_KEY !== CURRENT).map(appliedOf);
    return new Map(found.map((migration) => [migration.version, migration]));
  }

  /** Of a version that it becomes the current one too. */
  async tell(
    { version, name, checksum }: Migration,
    state: MigrationState,
    facts: {
      readonly startedOn: string;
      readonly completedOn?: string;
      readonly previous: number | undefined;
      readonly errorReason?: string;
    },
  ): Promise<void> {
    const values = [
      String(version),
      name,
      state,
      checksum,
      facts.startedOn,
      facts.completedOn ?? '',
      facts.previous === undefined ? NONE : String(facts.previous),
      facts.errorReason ?? NONE,
    ];
    const insert = (key: string) =>
      `INSERT INTO ${this.#stream} (VERSION_KEY, ${COLUMNS.join(', ')}) VALUES (${[key, ...values].map(quoted).join(', ')});`;
    await this.#execute(`${insert(CURRENT)}\n${insert(String(version))}`);
  }

  async #execute(script: string): Promise<void> {
    await this.#client.execute(script, NO_VALUES);
  }

  async #rows(where: string): Promise<Record<string, string>[]> {
    const text = `SELECT VERSION_KEY, ${COLUMNS.join(', ')} FROM ${this.#table} ${where};`;
    const rows: Record<string, string>[] = [];
    try {
      for await (const line of this.#client.query(text, NO_VALUES)) {
        const values: unknown = JSON.parse(line);
        if (Array.isArray(values))
          rows.push(
            Object.fromEntries(['VERSION_KEY', ...COLUMNS].map((c, i) => [c, String(values[i] ?? '')])),
          );
      }
    } catch (error) {
      const { message } = error as Error;
      if (!message.includes(this.#table)) throw error;
      throw new ClientError(
        `The server has no ${this.#table} yet: run initialize-metadata first. (${message})`,
      );
    }
    return rows;
  }
}

function appliedOf(row: Record<string, string>): AppliedMigration {
  return {
    version: Number(row.VERSION),
    name: row.NAME ?? '',
    state: row.STATE as MigrationState,
    checksum: row.CHECKSUM ?? '',
    startedOn: row.STARTED_ON ?? '',
    completedOn: row.COMPLETED_ON ?? '',
    previous: versionOf(row.PREVIOUS),
    errorReason: row.ERROR_REASON === NONE ? '' : (row.ERROR_REASON ?? ''),
  };
}

function versionOf(text: string | undefined): number | undefined {
  return text === undefined || text === NONE || text === '' ? undefined : Number(text);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
