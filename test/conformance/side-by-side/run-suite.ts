import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { kafkaClasspath } from '../../support/foreign.ts';
import { compareStep } from './compare.ts';
import { openPair, type Pair } from './pair.ts';
import type { Suite } from './suites.ts';
import { verdictOf } from './verdict.ts';

const skip = kafkaClasspath() ? false : 'Apache Kafka jars or Java are missing (scripts/fetch-rivals.sh)';

/** Declares a test for each step of a suite, in order. */
export function runSuite({ title, scripts, options = {} }: Suite): void {
  describe(title, { skip }, () => {
    let pair: Pair;
    before(async () => {
      pair = await openPair(options);
    });
    after(() => pair?.close());
    for (const script of scripts)
      describe(script.name, () => {
        for (const step of script.steps)
          it(step.name, { skip: step.program?.missing ?? false }, async (t) => {
            const verdict = verdictOf(step, await compareStep(pair, step));
            if (verdict.note !== undefined) t.diagnostic(verdict.note);
            assert.ok(verdict.passed, verdict.note);
          });
      });
  });
}
