import { KsqlError } from '../../engine/service/ksql-error.ts';
import type { ParsedStatement, Statement, StatementOf } from '../../sql/ast.ts';
import { parseScript } from '../../sql/parser/parse-script.ts';
import { Substitution } from '../../sql/parser/substitution.ts';
import { placedText, type ScriptPart, splitScript } from '../../sql/split-script.ts';
import { SqlError } from '../../sql/sql-error.ts';
import { parseAssert } from './assert-statement.ts';
import { checkAssert } from './check-assert.ts';
import { isOfClass } from './error-class.ts';
import { PipedServer, QueryStopped } from './piped-server.ts';
import { type SqlTest, SqlTestError } from './test-file.ts';

/** `failures`: what differs, each with its place; none: the test has passed. */
export interface SqlTestResult {
  readonly test: SqlTest;
  readonly failures: readonly TestFailure[];
}

export interface TestFailure {
  readonly file: string;
  readonly line: number;
  /** The first says what is wrong, more show it. */
  readonly lines: readonly string[];
}

/** Reads the file of a RUN SCRIPT, which is named relative to the file it stands in. Gives its path and text. */
export type ReadScript = (
  name: string,
  from: string,
) => Promise<{ readonly path: string; readonly text: string }>;

/** An assertion that does not hold. */
export class AssertionFailed extends Error {
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines[0]);
    this.name = 'AssertionFailed';
    this.lines = lines;
  }
}

/** Something that ended a test, at a statement. */
interface Ending {
  readonly file: string;
  readonly line: number;
  readonly error: Error;
}

/** Runs a test on a server of its own, statement by statement, up to the first error. */
export async function runSqlTest(test: SqlTest, readScript: ReadScript): Promise<SqlTestResult> {
  const server = await PipedServer.open();
  try {
    const ending = await runStatements(test.statements, test.file, { server, readScript, scripts: [] });
    const failure = failureOf(test, ending);
    return { test, failures: failure ? [failure] : [] };
  } finally {
    await server.close();
  }
}

interface Run {
  readonly server: PipedServer;
  readonly readScript: ReadScript;
  /** Those that are being run, to notice one that runs itself. */
  readonly scripts: readonly string[];
}

async function runStatements(
  parts: readonly ScriptPart[],
  file: string,
  run: Run,
): Promise<Ending | undefined> {
  for (const part of parts) {
    try {
      const ending = await runStatement(part, file, run);
      if (ending) return ending;
    } catch (error) {
      return { file, line: part.line, error: error as Error };
    }
  }
  return undefined;
}

async function runStatement(part: ScriptPart, file: string, run: Run): Promise<Ending | undefined> {
  const { server } = run;
  const substitution = Substitution.of(server.session);
  const text = substitution.textOf(part);
  const assertion = parseAssert({ ...part, text });
  if (assertion) {
    const difference = await checkAssert(assertion, text, server);
    if (difference) throw new AssertionFailed(difference);
    return undefined;
  }
  const [parsed] = parseScript(placedText(part), substitution) as [ParsedStatement];
  const { statement } = parsed;
  if (statement.kind === 'runScript') return runScript(statement.file, file, run);
  refuse(statement);
  if (statement.kind === 'createSource') await createTopic(statement, server);
  const topic =
    statement.kind === 'insertValues' ? server.catalog.source(statement.target)?.topic : undefined;
  await server.run(placedText(part));
  if (topic !== undefined) await server.pipe(topic);
  return undefined;
}

async function runScript(name: string, file: string, run: Run): Promise<Ending | undefined> {
  const { path, text } = await run.readScript(name, file);
  if (run.scripts.includes(path)) throw new SqlError(`The script ${name} runs itself`);
  return runStatements(splitScript(text), path, { ...run, scripts: [...run.scripts, path] });
}

function refuse(statement: Statement): void {
  if (statement.kind !== 'query' && statement.kind !== 'print') return;
  const what = statement.kind === 'query' ? 'SELECT' : 'PRINT';
  throw new SqlError(
    `${what} tests nothing here: ASSERT VALUES looks at results`,
    statement.line,
    statement.column,
  );
}

/** Tests do not make topics first: a source that declares its columns has its topic. */
async function createTopic(
  { columns, properties }: StatementOf<'createSource'>,
  server: PipedServer,
): Promise<void> {
  const topic = properties.find(({ name }) => name.toUpperCase() === 'KAFKA_TOPIC')?.value;
  if (columns.length > 0 && topic?.kind === 'string') await server.createTopic(topic.value);
}

function failureOf(
  { file, line, expectedError }: SqlTest,
  ending: Ending | undefined,
): TestFailure | undefined {
  if (!expectedError)
    return ending && { file: ending.file, line: lineOf(ending), lines: linesOf(ending.error) };
  const { className, message } = expectedError;
  const wanted = [className, message && `'${message}'`].filter((part) => part !== undefined).join(' with ');
  if (!ending)
    return { file, line: expectedError.line ?? line, lines: [`no error came, expected ${wanted}`] };
  const { error } = ending;
  const isExpected =
    (className === undefined || isOfClass(error, className)) &&
    (message === undefined || error.message.includes(message));
  if (isExpected) return undefined;
  return {
    file: ending.file,
    line: lineOf(ending),
    lines: ['another error came than expected', `  expected  ${wanted}`, `  actual    ${linesOf(error)[0]}`],
  };
}

/** Of the error itself where it has a place inside its statement. */
function lineOf({ line, error }: Ending): number {
  if (error instanceof SqlTestError) return error.line;
  const [, found] = /^line (\d+):\d+: /.exec(error.message) ?? [];
  return found === undefined ? line : Number(found);
}

function linesOf(error: Error): readonly string[] {
  if (error instanceof AssertionFailed) return error.lines;
  const isOurs = error instanceof KsqlError || error instanceof SqlError || error instanceof QueryStopped;
  const [first = '', ...more] = error.message.split('\n');
  const place = /^line \d+:(\d+): (.*)$/.exec(first);
  const text = place ? `${place[2]} (column ${place[1]})` : first;
  return [isOurs ? text : `${error.name}: ${text}`, ...more.map((line) => `  ${line}`)];
}
