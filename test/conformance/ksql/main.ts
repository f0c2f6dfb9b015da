// Runs the query cases of ksqlDB's own functional tests, where they are at hand, against the SQL front end and the
// engine:   npm run test:ksql [part of a file name] [--verbose]
// The cases are a yardstick under a licence of their own: nothing of them enters this repository.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadCases } from './expand.ts';
import { failureLines, type Result, reportText } from './report.ts';
import { runCase } from './run-case.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { verbose: { type: 'boolean', short: 'v', default: false } },
});
const root = process.env.MILLRACE_KSQL_CASES ?? resolve(import.meta.dirname, '../../../../shared/ksql-cases');
const folder = join(root, 'query-validation-tests');

if (!existsSync(folder)) {
  process.stdout.write(`no case files in ${root}: set MILLRACE_KSQL_CASES to run them\n`);
} else {
  const results: Result[] = [];
  for (const test of loadCases(folder, positionals[0])) results.push({ test, outcome: await runCase(test) });
  if (values.verbose) for (const line of failureLines(results)) process.stdout.write(`${line}\n`);
  process.stdout.write(`${reportText(results)}\n`);
}
