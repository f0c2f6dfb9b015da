import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { VERSION } from '../base/version.ts';
import { ClientError } from './client-error.ts';

/** Runs the command; what goes wrong is one line on standard error and exit code 1. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  // Commander's errors are said below in one line; its help for a command that lacks a part is all there is to say.
  let written = '';
  const program = new Command('millrace')
    .description('A durable log for any Kafka client and streaming SQL over it, in one process.')
    .version(VERSION, '-v, --version')
    // Behind a command -v is what the command says.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeErr: (text) => {
        written = text;
      },
    });

  serverFlags(program.command('serve').description('start the server')).action(async (flags) => {
    const { serve } = await import('./serve.ts');
    await serve(flags);
  });
  serverFlags(program.command('demo').description('start the server with the game and its live scoreboard'))
    .option('--bots <count>', 'computer players', nonNegative, 0)
    .action(async (flags) => {
      const { demo } = await import('./demo.ts');
      await demo(flags);
    });
  program
    .command('sql')
    .description('a shell for SQL statements')
    .argument('[url]', 'the server', 'http://127.0.0.1:8088')
    .option('-e, --execute <statements>', 'run these statements and end')
    .option('-f, --file <path>', 'run the statements of a file and end')
    .option('-d, --define <name=value>', 'define a variable; may be repeated', collect)
    .option('--output <format>', 'tabular or json', 'tabular')
    .option('--config-file <path>', 'properties to send along with every statement')
    .option('--query-row-limit <count>', 'a query ends after so many rows', nonNegative)
    .option('--query-timeout <milliseconds>', 'a query ends after so long', nonNegative)
    .option('-u, --user <name[:password]>', 'for servers that ask for one')
    .option('-p, --password <password>', 'where --user gives the name alone')
    .action(async (url: string, flags) => {
      const { sqlCommand } = await import('./sql-command.ts');
      await sqlCommand(url, flags);
    });
  program
    .command('test')
    .description('run SQL tests: files of statements with --@test and ASSERT')
    .argument('<file...>', 'files of tests')
    .option('--only <text>', 'only tests whose names have this in them')
    .action(async (files: string[], flags) => {
      const { testCommand } = await import('./test-command.ts');
      await testCommand(files, flags);
    });
  // Its parts are only read by who wants them: a server starts sooner without.
  if (argv[2] === 'migrations') (await import('./migrations/migrations-command.ts')).addMigrations(program);
  else program.command('migrations').description('bring a server from one version of its SQL to the next');
  if (argv[2] === 'datagen') (await import('./datagen/datagen-command.ts')).addDatagen(program);
  else program.command('datagen').description('fill a topic of any Kafka broker with made-up records');
  if (argv.length <= 2) {
    program.outputHelp();
    return;
  }
  await program.parseAsync(argv as string[]).catch((error: unknown) => {
    if (error instanceof CommanderError && error.code === 'commander.help') {
      process.exitCode = 1;
      process.stderr.write(written);
    } else fail(error);
  });
}

function serverFlags(command: Command): Command {
  return command
    .option('--data <folder>', 'where the data lies (./millrace-data)')
    .option('--kafka <host:port>', 'Kafka listener, or several as NAME://HOST:PORT,... (127.0.0.1:9092)')
    .option('--kafka-users <name:password,...>', 'Kafka users of PLAIN, for SASL listeners')
    .option('--add-scram <name:password,...>', 'Kafka users of SCRAM to have from the first start on')
    .option('--http <host:port>', 'HTTP listener (127.0.0.1:8088)')
    .option('--registry <host:port>', 'schema registry, or off (127.0.0.1:8081)')
    .option('--schema-registry-url <url>', 'a registry elsewhere, instead of one of its own')
    .option('--schema-registry-user <name:password>', 'for that one')
    .option('--connect-url <url>', 'Kafka Connect, for connector statements')
    .option('--connect-user <name:password>', 'for it')
    .option('--connect-timeout-ms <count>', 'how long its answers may take (30000)')
    .option('--sql <file>', 'statements to have in force')
    .option('--functions <module,...>', 'modules that export functions for SQL')
    .option('--config <file>', 'settings, as YAML or a Java properties file')
    .option('--service-id <id>', 'the SQL service id (default_)')
    .option('--users <name:password,...>', 'HTTP users; with any, every request must name one')
    .option('--user-roles <name:role,...>', 'what they may do: reader, writer, developer or admin (admin)')
    .option('--allow-origin <origin>', 'web pages from this origin may use the HTTP interface')
    .option('--allowed-hosts <name,...>', 'names by which the HTTP ports may be asked, besides localhost')
    .option('--allow-insecure', 'listen on other than loopback addresses without authentication')
    .option('--max-connections <count>', 'Kafka connections at a time (20000)')
    .option('--max-http-connections <count>', 'HTTP connections at a time (10000)')
    .option('--max-body-bytes <count>', 'largest HTTP request body (10485760)')
    .option('--body-timeout-ms <count>', 'how long an HTTP request body may take (30000)')
    .option('--max-push-queries <count>', 'push queries at a time (1000)')
    .option('--max-waiting-bytes <count>', 'rows waiting for one slow push reader (1048576)')
    .option('--stall-ms <count>', 'a push reader that takes nothing for so long is cut off (60000)')
    .option('--workers <count>', 'threads for queries, 0: none of their own (the processors less one)')
    .option('--worker-heap-mb <count>', 'heap of each of these threads (as V8 sees fit)')
    .option('--state-memory-bytes <count>', 'state of queries that a thread keeps in memory (half its heap)')
    .option('--log-level <level>', 'debug, info, warn or error (info)')
    .option('--log-format <format>', 'text or json (text)');
}

function nonNegative(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('it must be a whole number.');
  return value;
}

function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

/** Commander's guess at what was meant stands on a second line; a syntax error says there what it expected. */
function oneLine(message: string, error: unknown): string {
  const [first, ...more] = message.split('\n');
  if (error instanceof CommanderError)
    return more.length > 0
      ? `${first} ${more.join(' ')}`
      : `${first!.replace(/\.$/, '')}; --help lists what there is`;
  return first!.endsWith('Syntax Error') && more.length > 0 ? `${first}: ${more[0]}` : first!;
}

function fail(error: unknown): void {
  // Commander has printed help and version itself; its own errors begin with `error: `.
  if (error instanceof CommanderError && error.exitCode === 0) return;
  process.exitCode = 1;
  const { message } = error as Error;
  // The server's own words may have several lines; everything else is one.
  const text = error instanceof ClientError ? message : oneLine(message.replace(/^error: /, ''), error);
  process.stderr.write(`millrace: ${text}\n`);
}
