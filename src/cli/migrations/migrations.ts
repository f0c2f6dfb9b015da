import type { Clock } from '../../base/clock.ts';
import { Variables } from '../../sql/variables.ts';
import { ClientError } from '../client-error.ts';
import { Display } from '../display.ts';
import { firstLine, runStatements, statementsOf } from '../run-script.ts';
import type { SqlClient } from '../sql-client.ts';
import { StatementRunner } from '../statement-runner.ts';
import { textTable } from '../text-table.ts';
import type { Migration, MigrationFiles } from './migration-files.ts';
import type { AppliedMigration, MigrationMetadata } from './migration-metadata.ts';

/** Which of those that are not applied yet; exactly one of the four is given. */
export interface Wanted {
  readonly next?: boolean | undefined;
  readonly all?: boolean | undefined;
  readonly until?: number | undefined;
  readonly version?: number | undefined;
}

/**
 * Brings a server from version to version by the scripts of a project. A version is applied once, in order; what was
 * applied must not change. A script that fails stays in ERROR and may be mended and tried again.
 */
export class Migrations {
  readonly #files: MigrationFiles;
  readonly #metadata: MigrationMetadata;
  readonly #client: SqlClient;
  readonly #clock: Clock;
  readonly #write: (text: string) => void;

  constructor(parts: {
    readonly files: MigrationFiles;
    readonly metadata: MigrationMetadata;
    readonly client: SqlClient;
    readonly clock: Clock;
    readonly write: (text: string) => void;
  }) {
    this.#files = parts.files;
    this.#metadata = parts.metadata;
    this.#client = parts.client;
    this.#clock = parts.clock;
    this.#write = parts.write;
  }

  async apply(
    wanted: Wanted,
    { isDryRun, variables }: { readonly isDryRun: boolean; readonly variables: ReadonlyMap<string, string> },
  ): Promise<void> {
    await this.validate();
    const applied = await this.#metadata.applied();
    const due = this.#due(wanted, applied);
    if (due.length === 0) this.#write('Nothing to migrate: every version that is asked for is applied.\n');
    let previous = lastMigrated(applied);
    for (const migration of due) {
      this.#write(
        `${isDryRun ? 'Would apply' : 'Applying'} version ${migration.version}: ${migration.name}\n`,
      );
      if (isDryRun) this.#write(`${migration.text.trim()}\n`);
      else await this.#applyOne(migration, previous, variables);
      previous = migration.version;
    }
  }

  /** A table of all versions, on disk and applied. */
  async info(): Promise<void> {
    const applied = await this.#metadata.applied();
    const current = await this.#metadata.current();
    const rows = this.#files.all().map(({ version, name }) => {
      const there = applied.get(version);
      const { startedOn, completedOn, previous, errorReason } = there ?? {};
      return [
        version,
        name,
        there?.state ?? 'PENDING',
        previous ?? '',
        startedOn ?? '',
        completedOn ?? '',
        errorReason ?? '',
      ];
    });
    const header = [
      'Version',
      'Name',
      'State',
      'Previous Version',
      'Started On',
      'Completed On',
      'Error Reason',
    ];
    this.#write(`Current migration version: ${current ?? 'NONE'}\n${textTable(header, rows)}\n`);
  }

  /** Rejects when a script was changed or is gone after it was applied. */
  async validate(): Promise<void> {
    const files = new Map(this.#files.all().map((migration) => [migration.version, migration]));
    for (const { version, state, checksum } of (await this.#metadata.applied()).values()) {
      if (state !== 'MIGRATED') continue;
      const file = files.get(version);
      if (!file) throw new ClientError(`Version ${version} was applied, but its script is gone.`);
      if (file.checksum !== checksum)
        throw new ClientError(`Version ${version} was changed after it was applied: ${file.path}`);
    }
  }

  #due(wanted: Wanted, applied: ReadonlyMap<number, AppliedMigration>): Migration[] {
    const last = lastMigrated(applied) ?? 0;
    const pending = this.#files.all().filter(({ version }) => version > last);
    if (wanted.next) return pending.slice(0, 1);
    if (wanted.all) return pending;
    const target = wanted.until ?? wanted.version;
    if (target === undefined) throw new ClientError('One of --next, --all, --until and --version is needed.');
    if (target <= last)
      throw new ClientError(`Version ${target} is not after ${last}, which was applied last.`);
    const chosen = pending.filter(({ version }) =>
      wanted.until === undefined ? version === target : version <= target,
    );
    if (!chosen.some(({ version }) => version === target))
      throw new ClientError(`There is no script of version ${target}.`);
    return chosen;
  }

  async #applyOne(
    migration: Migration,
    previous: number | undefined,
    variables: ReadonlyMap<string, string>,
  ): Promise<void> {
    const startedOn = this.#now();
    await this.#metadata.tell(migration, 'RUNNING', { startedOn, previous });
    try {
      await this.#run(migration, variables);
    } catch (error) {
      const { message } = error as Error;
      const facts = { startedOn, completedOn: this.#now(), previous, errorReason: message };
      await this.#metadata.tell(migration, 'ERROR', facts);
      throw new ClientError(`Version ${migration.version} failed: ${message}`);
    }
    await this.#metadata.tell(migration, 'MIGRATED', { startedOn, completedOn: this.#now(), previous });
  }

  async #run({ text, path }: Migration, variables: ReadonlyMap<string, string>): Promise<void> {
    const statements = statementsOf({ text, name: path });
    const query = statements.find((statement) =>
      /^(SELECT|PRINT|SHOW|LIST|DESCRIBE|EXPLAIN)\b/i.test(statement.text),
    );
    if (query !== undefined)
      throw new ClientError(
        `${path}:${query.line}: a migration changes things, and this does not: ${firstLine(query.text)}`,
      );
    const session = { properties: new Map<string, string>(), variables: new Variables(variables) };
    const runner = new StatementRunner(this.#client, session, new Display('tabular', this.#write));
    await runStatements(statements, path, (statement) => runner.run(statement));
  }

  #now(): string {
    return new Date(this.#clock.nowMs()).toISOString();
  }
}

function lastMigrated(applied: ReadonlyMap<number, AppliedMigration>): number | undefined {
  const versions = [...applied.values()]
    .filter(({ state }) => state === 'MIGRATED')
    .map(({ version }) => version);
  return versions.length > 0 ? Math.max(...versions) : undefined;
}
