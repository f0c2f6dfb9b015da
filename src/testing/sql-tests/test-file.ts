import { type ScriptPart, scriptTokens, splitScript } from '../../sql/split-script.ts';

/** A place in a file of tests, and what is the matter there. */
export class SqlTestError extends Error {
  readonly file: string;
  readonly line: number;

  constructor(file: string, line: number, message: string) {
    super(message);
    this.name = 'SqlTestError';
    this.file = file;
    this.line = line;
  }
}

/** What the test is to end in. A class is that of a ksqlDB error, by its Java name. */
export interface ExpectedError {
  readonly line: number;
  readonly className?: string;
  readonly message?: string;
}

export interface SqlTest {
  readonly file: string;
  readonly name: string;
  readonly line: number;
  readonly statements: readonly ScriptPart[];
  readonly expectedError: ExpectedError | undefined;
}

interface Directive {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

const DIRECTIVES = ['test', 'expected.error', 'expected.message'];

/**
 * The tests of a file:
 *
 *   --@test: name                         begins a test, up to the next one
 *   --@expected.error: class              the test ends in an error of this class
 *   --@expected.message: part of a text   the test ends in an error whose message has this in it
 *
 * A file without `--@test` is one test, named as the file. Throws SqlTestError.
 */
export function parseTestFile(file: string, text: string): SqlTest[] {
  const directives = directivesOf(file, text);
  const statements = splitScript(text);
  const starts = directives.filter(({ name }) => name === 'test');
  if (starts.length === 0) starts.push({ name: 'test', value: baseName(file), line: 0 });
  const first = starts[0] as Directive;
  const stray = [...directives, ...statements].find(({ line }) => line < first.line);
  if (stray)
    throw new SqlTestError(file, stray.line, 'this stands before the first test: begin with --@test: NAME');
  const names = new Set<string>();
  return starts.map(({ value: name, line }, index) => {
    if (names.has(name))
      throw new SqlTestError(file, line, `another test of this file is named '${name}', too`);
    names.add(name);
    const end = starts[index + 1]?.line ?? Number.POSITIVE_INFINITY;
    const isMine = (part: { readonly line: number }) => part.line >= line && part.line < end;
    const mine = directives.filter((directive) => directive.name !== 'test' && isMine(directive));
    return {
      file,
      name,
      line,
      statements: statements.filter(isMine),
      expectedError: expectedError(file, mine),
    };
  });
}

function directivesOf(file: string, text: string): Directive[] {
  const found: Directive[] = [];
  let at = 0;
  let line = 1;
  for (const { 0: token, index } of scriptTokens(text)) {
    if (!token.startsWith('--@')) continue;
    line += countLines(text, at, index);
    at = index;
    const [, name = '', value] = /^--@([^:]*)(?::(.*))?$/.exec(token.trimEnd()) ?? [];
    if (!DIRECTIVES.includes(name))
      throw new SqlTestError(
        file,
        line,
        `--@${name} is no directive; there are ${DIRECTIVES.map((d) => `--@${d}`).join(', ')}`,
      );
    if (!value?.trim()) throw new SqlTestError(file, line, `--@${name} says nothing: write --@${name}: ...`);
    found.push({ name, value: value.trim(), line });
  }
  return found;
}

function expectedError(file: string, directives: readonly Directive[]): ExpectedError | undefined {
  const [first] = directives;
  if (!first) return undefined;
  const value = (name: string) => {
    const [one, another] = directives.filter((directive) => directive.name === name);
    if (another) throw new SqlTestError(file, another.line, `--@${name} stands twice in this test`);
    return one?.value;
  };
  const className = value('expected.error');
  const message = value('expected.message');
  return { line: first.line, ...(className && { className }), ...(message && { message }) };
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

function baseName(file: string): string {
  return file.replace(/^.*[/\\]/, '').replace(/\.sql$/i, '');
}
