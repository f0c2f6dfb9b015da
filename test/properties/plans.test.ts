// Random pipelines over random rows, in random portions, with power cuts: whatever happened on the way, the results are those
// of all rows at once. MILLRACE_RUNS tries more, MILLRACE_SEED others; a case that fails goes to test/corpus/plans.json.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { openTestMillrace, type PlainRow, type TestMillrace } from '../../src/testing/kit/test-millrace.ts';
import { expectedOf } from './plan-oracle.ts';
import { eventsIn, type Outcome, outcomeOf, runAtOnce, runIncrementally, sorted } from './plan-run.ts';
import { DECLARATIONS, type RandomCase, type RandomPlan, randomCase, statementsOf } from './random-plan.ts';

const numRuns = Number(process.env.MILLRACE_RUNS ?? 20);
const seed = Number(process.env.MILLRACE_SEED ?? 20260101);
const corpus = JSON.parse(readFileSync('test/corpus/plans.json', 'utf8')) as RandomCase[];

async function holds(property: (test: RandomCase) => Promise<void>): Promise<void> {
  const examples = corpus.map((test) => [test] as [RandomCase]);
  await fc.assert(fc.asyncProperty(randomCase, property), {
    ...{ numRuns: numRuns + examples.length, seed, examples },
    // Of making a failed case smaller, too.
    ...{ interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true },
  });
}

/** A table that is asked for as it is read by nobody else: rows without the pseudo columns of keys that repeat. */
function expectedOutcome(plan: RandomPlan, events: Awaited<ReturnType<typeof eventsIn>>): Outcome {
  const { mid, agg, top } = expectedOf(plan, events);
  const plain = (rows: readonly object[]) => rows as readonly PlainRow[];
  return { mid: plain(mid), agg: agg && plain(agg), top: top && plain(top) };
}

/** By the columns' names, so that their order and that of the rows does not matter. */
function comparable({ mid, agg, top }: Outcome): unknown {
  const rows = (some: readonly PlainRow[] | undefined) =>
    some &&
    sorted(some.map((row) => Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))));
  return { mid: rows(mid), agg: rows(agg), top: rows(top) };
}

describe('whatever a pipeline went through', { timeout: 240_000 }, () => {
  it('its results are what a simple computation over all rows gives', () =>
    holds(async (test) => {
      await using m = await openTestMillrace({ seed: test.seed });
      await runIncrementally(test, m);
      const events = await eventsIn(m);
      assert.deepEqual(
        comparable(await outcomeOf(test.plan, m)),
        comparable(expectedOutcome(test.plan, events)),
      );
      assert.deepEqual(
        m.queries().filter(({ state }) => state !== 'RUNNING'),
        [],
      );
    }));

  it('its results are those of a pipeline that finds all rows at once, with state on disk', () =>
    holds(async (test) => {
      await using m = await openTestMillrace({ seed: test.seed });
      await runIncrementally(test, m);
      await using fresh = await openTestMillrace({ spills: true });
      await runAtOnce(test.plan, await eventsIn(m), fresh);
      assert.deepEqual(
        comparable(await outcomeOf(test.plan, m)),
        comparable(await outcomeOf(test.plan, fresh)),
      );
    }));

  it('a table is the fold of what a push query told, and of its topic', () =>
    holds(async (test) => {
      await using m = await openTestMillrace();
      await m.sql([DECLARATIONS, ...statementsOf(test.plan)].join('\n'));
      const tables = [test.plan.group && 'agg', test.plan.onTop && 'top'].filter((name) => name !== null);
      const pushes = await Promise.all(tables.map((name) => m.push(`SELECT * FROM ${name} EMIT CHANGES;`)));
      await runIncrementally({ ...test, crashes: [] }, m);
      for (const [n, name] of tables.entries()) {
        const key =
          name === 'top' && test.plan.onTop === 'regroup' ? ['N'] : ['G', 'WINDOWSTART', 'WINDOWEND'];
        const folded = new Map<string, PlainRow>();
        for (const { row, tombstone } of (await pushes[n]?.takeChanges()) ?? []) {
          const id = JSON.stringify(key.map((column) => row[column]));
          if (tombstone) folded.delete(id);
          else folded.set(id, row);
        }
        const rows = sorted(await m.rows(`SELECT * FROM ${name};`));
        assert.deepEqual(sorted([...folded.values()]), rows, name);
        assert.deepEqual(sorted(await foldOfTopic(m, name)), rows, `the topic of ${name}`);
      }
    }));

  it('ways to be faster change nothing: texts copied, updates merged, sources decoded once for several', () =>
    holds(async (test) => {
      await using plain = await openTestMillrace({ properties: { 'ksql.passed.texts.copied': 'false' } });
      await runIncrementally({ ...test, crashes: [] }, plain);
      await using copied = await openTestMillrace();
      await runIncrementally({ ...test, crashes: [] }, copied);
      await using merged = await openTestMillrace({ properties: { 'cache.max.bytes.buffering': '1000000' } });
      await merged.sql(
        [DECLARATIONS, ...statementsOf(test.plan), ...statementsOf(test.plan, '2')].join('\n'),
      );
      await runIncrementally({ ...test, crashes: [] }, merged);
      const expected = comparable(await outcomeOf(test.plan, plain));
      assert.deepEqual(comparable(await outcomeOf(test.plan, copied)), expected);
      assert.deepEqual(comparable(await outcomeOf(test.plan, merged)), expected);
      assert.deepEqual(comparable(await outcomeOf(test.plan, merged, '2')), expected);
    }));
});

async function foldOfTopic(m: TestMillrace, table: string): Promise<PlainRow[]> {
  const folded = new Map<string, PlainRow>();
  for (const { key, value } of await m.records(table)) {
    const id = JSON.stringify(key);
    if (value === null) folded.delete(id);
    else folded.set(id, { ...key, ...value });
  }
  return [...folded.values()];
}
