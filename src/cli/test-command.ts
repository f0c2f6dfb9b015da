import { dirname, relative, resolve } from 'node:path';
import {
  type ReadScript,
  runSqlTest,
  type SqlTestResult,
  type TestFailure,
} from '../testing/sql-tests/run-test.ts';
import { parseTestFile, type SqlTest, SqlTestError } from '../testing/sql-tests/test-file.ts';
import { readText } from './config-file.ts';

export interface TestFlags {
  readonly only?: string;
}

/** `millrace test`: a line a test, then the counts. The exit code is 1 unless all tests passed. */
export async function testCommand(files: readonly string[], flags: TestFlags): Promise<void> {
  const counts = { passed: 0, failed: 0 };
  for (const file of files) {
    print(file);
    for (const result of await runFile(file, flags.only)) {
      counts[result.failures.length === 0 ? 'passed' : 'failed']++;
      for (const line of resultLines(result)) print(line);
    }
  }
  print(`${counts.passed} passed, ${counts.failed} failed`);
  if (counts.passed + counts.failed === 0) print('no test was run');
  if (counts.failed > 0 || counts.passed === 0) process.exitCode = 1;
}

/** A file that cannot be read as tests is one failed test of its own, so that the other files still run. */
async function runFile(file: string, only: string | undefined): Promise<SqlTestResult[]> {
  let tests: SqlTest[];
  const text = readText(file);
  try {
    tests = parseTestFile(file, text);
  } catch (error) {
    if (!(error instanceof SqlTestError)) throw error;
    const test = { file, name: 'the file', line: error.line, statements: [], expectedError: undefined };
    return [{ test, failures: [{ file, line: error.line, lines: [error.message] }] }];
  }
  const results: SqlTestResult[] = [];
  for (const test of tests)
    if (only === undefined || test.name.includes(only)) results.push(await runSqlTest(test, readScript));
  return results;
}

const readScript: ReadScript = async (name, from) => {
  const path = relative('.', resolve(dirname(from), name));
  return { path, text: readText(path) };
};

function resultLines({ test, failures }: SqlTestResult): string[] {
  if (failures.length === 0) return [`  ok      ${test.name}`];
  return [`  FAILED  ${test.name}`, ...failures.flatMap(failureLines)];
}

function failureLines({ file, line, lines: [first, ...more] }: TestFailure): string[] {
  return [`          ${file}:${line}: ${first}`, ...more.map((text) => `          ${text}`)];
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
