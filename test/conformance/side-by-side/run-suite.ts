import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { kafkaClasspath } from '../../support/foreign.ts';
import { type Comparison, compareStep, NothingToCompare } from './compare.ts';
import { openPair, type Pair } from './pair.ts';
import type { Step } from './script.ts';
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
            const comparison = await comparisonOf(pair, step);
            if (comparison instanceof NothingToCompare) {
              // Such as a client that now and then loses itself in Apache Kafka too.
              t.skip(comparison.message.split('\n')[0]);
              return;
            }
            const verdict = verdictOf(step, comparison);
            if (verdict.note !== undefined) t.diagnostic(verdict.note);
            assert.ok(verdict.passed, verdict.note);
          });
      });
  });
}

async function comparisonOf(pair: Pair, step: Step): Promise<Comparison | NothingToCompare> {
  try {
    return await compareStep(pair, step);
  } catch (error) {
    if (error instanceof NothingToCompare) return error;
    throw error;
  }
}
