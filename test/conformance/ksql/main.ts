// Runs the cases of ksqlDB's own functional tests, where they are at hand, against the SQL front end and the
// engine:   npm run test:ksql [part of a file name] [--verbose] [--keep]
// `--keep` raises the list of what passes (passed.json) to what passes now.
// The cases are a yardstick under a licence of their own: nothing of them enters this repository.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadCases } from './expand.ts';
import { raisePassList } from './pass-list.ts';
import { failureLines, type Result, reportText } from './report.ts';
import { runCase } from './run-case.ts';
import { runRestCase } from './run-rest-case.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    verbose: { type: 'boolean', short: 'v', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const root = process.env.MILLRACE_KSQL_CASES ?? resolve(import.meta.dirname, '../../../../shared/ksql-cases');
const suites = [
  ['Query suite', 'query-validation-tests', runCase],
  ['REST suite', 'rest-query-validation-tests', runRestCase],
] as const;

if (!existsSync(root)) {
  process.stdout.write(`no case files in ${root}: set MILLRACE_KSQL_CASES to run them\n`);
} else {
  for (const [name, folder, run] of suites) {
    const results: Result[] = [];
    for (const test of loadCases(join(root, folder), positionals[0]))
      results.push({ test, outcome: await run(test) });
    if (results.length === 0) continue;
    if (values.verbose) for (const line of failureLines(results)) process.stdout.write(`${line}\n`);
    process.stdout.write(`${name}\n${reportText(results)}\n\n`);
    if (values.keep) raisePassList(folder, results);
  }
}
