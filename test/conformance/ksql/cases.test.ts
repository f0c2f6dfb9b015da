import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { it } from 'node:test';
import { type Case, loadCases } from './expand.ts';
import { type Outcome, runCase } from './run-case.ts';
import { runRestCase } from './run-rest-case.ts';

const root = process.env.MILLRACE_KSQL_CASES ?? resolve(import.meta.dirname, '../../../../shared/ksql-cases');
const skip = existsSync(root) ? false : `no case files in ${root} (MILLRACE_KSQL_CASES names their folder)`;

/** Passed so far; may only rise. What is skipped waits for a feature that `scope.ts` names. */
const SUITES: [folder: string, run: (test: Case) => Promise<Outcome>, passedBefore: number][] = [
  ['query-validation-tests', runCase, 802],
  ['rest-query-validation-tests', runRestCase, 190],
];

for (const [folder, run, passedBefore] of SUITES) {
  it(`no case of ${folder} that passed before fails now`, { skip, timeout: 240_000 }, async (t) => {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const test of loadCases(join(root, folder))) counts[(await run(test)).kind]++;
    t.diagnostic(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    assert.ok(counts.passed >= passedBefore, `${counts.passed} passed, ${passedBefore} did before`);
  });
}
