import { type Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../../base/clock.ts';
import { SqlClient } from '../sql-client.ts';
import { CONFIG_FILE, MigrationFiles } from './migration-files.ts';
import { MigrationMetadata } from './migration-metadata.ts';
import { Migrations, type Wanted } from './migrations.ts';

interface ProjectFlags {
  readonly configFile: string;
}

interface ApplyFlags extends ProjectFlags, Omit<Wanted, 'version'> {
  readonly version?: number;
  readonly dryRun?: boolean;
  readonly define?: readonly string[];
}

/** `millrace migrations ...`: the commands of ksql-migrations, over its files and its metadata. */
export function addMigrations(program: Command): void {
  const migrations = program
    .command('migrations')
    .description('bring a server from one version of its SQL to the next');
  migrations
    .command('new-project')
    .description('make a folder for migrations')
    .argument('<folder>')
    .argument('[url]', 'the server', 'http://127.0.0.1:8088')
    .action((folder: string, url: string) => {
      MigrationFiles.create(folder, url);
      process.stdout.write(`A project for migrations of ${url} is in ${folder}.\n`);
    });
  project(
    migrations,
    'initialize-metadata',
    'make the stream and the table that keep what was applied',
  ).action(async (flags: ProjectFlags) => {
    await open(flags).metadata.initialize();
    process.stdout.write('The server keeps migrations from now on.\n');
  });
  project(migrations, 'create', 'add an empty script')
    .argument('<description>')
    .option('-v, --version <number>', 'its version, by default the next', wholeNumber)
    .action((description: string, flags: ProjectFlags & { readonly version?: number }) => {
      const path = MigrationFiles.open(flags.configFile).add(description, flags.version);
      process.stdout.write(`${path}\n`);
    });
  project(migrations, 'apply', 'apply scripts that were not applied yet')
    .option('-n, --next', 'the next one')
    .option('-a, --all', 'all of them')
    .option('-u, --until <number>', 'all up to this version', wholeNumber)
    .option('-v, --version <number>', 'this one', wholeNumber)
    .option('--dry-run', 'show what would be applied')
    .option('-d, --define <name=value>', 'a variable; may be repeated', (value, earlier: string[] = []) => [
      ...earlier,
      value,
    ])
    .action(async ({ dryRun, define, ...flags }: ApplyFlags) => {
      const variables = new Map((define ?? []).map(definition));
      await open(flags).migrations.apply(flags, { isDryRun: dryRun === true, variables });
    });
  project(migrations, 'info', 'show all versions').action((flags: ProjectFlags) =>
    open(flags).migrations.info(),
  );
  project(migrations, 'validate', 'check that what was applied has not changed').action(
    async (flags: ProjectFlags) => {
      await open(flags).migrations.validate();
      process.stdout.write('What was applied is as it was.\n');
    },
  );
  project(migrations, 'destroy-metadata', 'forget what was applied').action(async (flags: ProjectFlags) => {
    await open(flags).metadata.destroy();
    process.stdout.write('The server keeps no migrations any more.\n');
  });
}

function project(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option('-c, --config-file <path>', "the project's properties file", CONFIG_FILE);
}

function open({ configFile }: ProjectFlags): {
  readonly migrations: Migrations;
  readonly metadata: MigrationMetadata;
} {
  const files = MigrationFiles.open(configFile);
  const { properties } = files;
  const user = properties['ksql.auth.basic.username'];
  const credentials =
    user === undefined ? undefined : `${user}:${properties['ksql.auth.basic.password'] ?? ''}`;
  const client = new SqlClient(properties['ksql.server.url'] ?? 'http://127.0.0.1:8088', credentials);
  const metadata = new MigrationMetadata(client, properties);
  const write = (text: string) => void process.stdout.write(text);
  return { metadata, migrations: new Migrations({ files, metadata, client, clock: systemClock, write }) };
}

function definition(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError(`a variable is given as NAME=VALUE, not '${text}'`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('it must be a whole number above 0.');
  return value;
}
