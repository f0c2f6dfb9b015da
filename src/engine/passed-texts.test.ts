// Texts that a query only hands on are copied from record to record as they stand; nobody must be able to tell.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Row } from '../data/schema.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import type { Step } from '../sql/plan.ts';
import { caughtUp, createTopics, engineOn } from '../testing/engine-runs.ts';
import { MemoryTopics } from '../testing/memory-topics.ts';
import {
  BOOLEAN,
  call,
  column,
  columns,
  filter,
  INTEGER,
  literal,
  plan,
  STRING,
  source,
} from '../testing/plan-builders.ts';
import { readCommitted } from './read-committed.ts';

const names = source('NAMES', 'STREAM', {
  key: [],
  value: columns(['A', STRING], ['N', INTEGER], ['B', STRING]),
});

/** SELECT * FROM NAMES WHERE N > 0: A and B pass, N is looked at. */
const positive: Step = filter(names, call('>', BOOLEAN, column(names, 1), literal(0, INTEGER)));
/** Looks at A, so that only B passes. */
const named: Step = filter(names, call('IS NOT NULL', BOOLEAN, column(names, 0)));

interface Result {
  readonly written: (string | undefined)[];
  readonly told: (Row | null)[];
}

async function run(
  root: Step,
  texts: readonly string[],
  isWatched: boolean,
  properties: Record<string, string> = {},
): Promise<Result> {
  const topics = new MemoryTopics();
  await createTopics(topics, { NAMES: 1, OUT: 1 });
  const builder = new BatchBuilder();
  for (const text of texts) builder.append(1, null, Buffer.from(text));
  await topics.append({ topic: 'NAMES', partition: 0, batch: builder.build() });
  const engine = engineOn(topics);
  const query = await engine.start(plan('Q', 'OUT', root, properties));
  const told: (Row | null)[] = [];
  if (isWatched) query.subscribe((changes) => told.push(...changes.map(({ row }) => row)));
  await caughtUp(topics, query);
  await engine.stop();
  const { lastStableOffset } = await topics.offsets({ topic: 'OUT', partition: 0 });
  const written: (string | undefined)[] = [];
  await readCommitted(topics, { topic: 'OUT', partition: 0 }, 0, lastStableOffset, (cursor) => {
    written.push(cursor.value()?.toString());
  });
  return { written, told };
}

describe('a text that a query hands on', () => {
  const cases: [text: string, written: string][] = [
    ['{"A":"plain","N":1,"B":""}', '{"A":"plain","N":1,"B":""}'],
    ['{ "b" : "x" , "n" : 1 }', '{"A":null,"N":1,"B":"x"}'],
    ['{"A":null,"N":1,"B":"\\u0041\\n\\""}', '{"A":null,"N":1,"B":"A\\n\\""}'],
    ['{"A":"Zoë","N":1,"B":"日本"}', '{"A":"Zoë","N":1,"B":"日本"}'],
    ['{"A":"before","N":1,"B":"\\u0062"}', '{"A":"before","N":1,"B":"b"}'],
    ['{"A":"first","N":1,"B":"b","A":"last"}', '{"A":"last","N":1,"B":"b"}'],
    ['{"A":true,"N":1,"B":2.50}', '{"A":"true","N":1,"B":"2.50"}'],
    ['{"A":"\u007f/","N":1,"B":"a/b"}', '{"A":"\u007f/","N":1,"B":"a/b"}'],
    [`{"A":"${'long'.repeat(50)}","N":1,"B":"b"}`, `{"A":"${'long'.repeat(50)}","N":1,"B":"b"}`],
  ];
  for (const [text, expected] of cases)
    it(`is written as it would be made anew: ${text.slice(0, 40)}`, async () => {
      for (const isWatched of [false, true])
        assert.deepEqual((await run(positive, [text], isWatched)).written, [expected]);
    });

  it('is the same whether it is copied or not, and whether rows are watched, whatever it is', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.array(fc.integer(), { maxLength: 2 }),
    );
    const record = fc.record({ A: value, N: fc.integer({ min: 0, max: 3 }), B: value }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 20 }), async (records) => {
        const texts = records.map((one) => JSON.stringify(one));
        for (const root of [positive, named]) {
          const alone = await run(root, texts, false);
          const watched = await run(root, texts, true);
          const anew = await run(root, texts, false, { 'ksql.passed.texts.copied': 'false' });
          assert.deepEqual(alone.written, anew.written);
          assert.deepEqual(alone.written, watched.written);
          const rows = watched.told.map((row) => JSON.stringify({ A: row?.[0], N: row?.[1], B: row?.[2] }));
          assert.deepEqual(watched.written, rows);
        }
      }),
      { numRuns: 60 },
    );
  });
});
