import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { it } from 'node:test';
import { type Case, loadCases } from './expand.ts';
import { fallen, passedByFile, readPassList } from './pass-list.ts';
import type { Result } from './report.ts';
import { type Outcome, runCase } from './run-case.ts';
import { runRestCase } from './run-rest-case.ts';

const root = process.env.MILLRACE_KSQL_CASES ?? resolve(import.meta.dirname, '../../../../shared/ksql-cases');
const skip = existsSync(root) ? false : `no case files in ${root} (MILLRACE_KSQL_CASES names their folder)`;

const SUITES: [folder: string, run: (test: Case) => Promise<Outcome>][] = [
  ['query-validation-tests', runCase],
  ['rest-query-validation-tests', runRestCase],
];

for (const [folder, run] of SUITES) {
  // The list is raised by `npm run test:ksql -- --keep`.
  it(`of each file of ${folder} as many cases pass as ever did`, { skip, timeout: 240_000 }, async (t) => {
    const results: Result[] = [];
    for (const test of loadCases(join(root, folder))) results.push({ test, outcome: await run(test) });
    const passed = passedByFile(results);
    const kept = readPassList()[folder] ?? {};
    const sum = (counts: Readonly<Record<string, number>>) =>
      Object.values(counts).reduce((a, b) => a + b, 0);
    t.diagnostic(`${sum(passed)} of ${results.length} passed; ${sum(kept)} are in the list`);
    assert.ok(sum(kept) > 0);
    assert.deepEqual(fallen(kept, passed), []);
  });
}
