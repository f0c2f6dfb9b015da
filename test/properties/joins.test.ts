// Random joins over random rows, with power cuts: the result is the join of what the topics hold at the end.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { openTestMillrace, type PlainRow, type TestMillrace } from '../../src/testing/kit/test-millrace.ts';
import { runStory, sorted } from './plan-run.ts';

const numRuns = Number(process.env.MILLRACE_RUNS ?? 15);
const seed = Number(process.env.MILLRACE_SEED ?? 20260202);

const KINDS = ['INNER', 'LEFT', 'RIGHT', 'FULL'] as const;
type Kind = (typeof KINDS)[number];

/** Of a row: whose it is, its key, and a value; null deletes. */
interface Write {
  readonly side: 'L' | 'R';
  readonly key: string;
  readonly value: number | null;
  /** Of the left side of a foreign key: what it names. */
  readonly names: string | null;
}

interface JoinCase {
  readonly kind: Kind;
  readonly writes: readonly Write[];
  readonly chunks: readonly number[];
  readonly crashes: readonly number[];
  readonly seed: number;
}

const name = fc.constantFrom('p', 'q', 'r');

function joinCase(kinds: readonly Kind[], value: fc.Arbitrary<number | null>): fc.Arbitrary<JoinCase> {
  const write = fc.record({
    side: fc.constantFrom('L' as const, 'R' as const),
    key: name,
    value,
    names: fc.option(name, { freq: 5 }),
  });
  return fc.record({
    kind: fc.constantFrom(...kinds),
    writes: fc.array(write, { minLength: 1, maxLength: 24, size: 'max' }),
    chunks: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
    crashes: fc.array(fc.integer({ min: 1, max: 250 }), { maxLength: 3, size: 'max' }),
    seed: fc.nat(1_000),
  });
}

async function holds(
  cases: fc.Arbitrary<JoinCase>,
  property: (test: JoinCase) => Promise<void>,
): Promise<void> {
  await fc.assert(fc.asyncProperty(cases, property), {
    ...{ numRuns, seed, interruptAfterTimeLimit: 100_000, markInterruptAsFailure: true },
  });
}

const START_MS = 1_000_000;
/** Of which the n-th row has the time. */
const timeOf = (n: number) => START_MS + n * 1_000;

async function run(
  m: TestMillrace,
  test: JoinCase,
  statements: readonly string[],
  write: (w: Write, n: number) => Promise<void>,
) {
  const writes = test.writes.map((row, n) => () => write(row, n));
  await runStory({ ...test, statements, writes }, m);
}

const table = (name: string, columns: string) =>
  `CREATE TABLE IF NOT EXISTS ${name} (id VARCHAR PRIMARY KEY, ${columns}) WITH (KAFKA_TOPIC='${name}', VALUE_FORMAT='JSON', PARTITIONS=2);`;

function tableWriter(m: TestMillrace, columns: (write: Write) => Record<string, string | number | null>) {
  return async (write: Write, n: number) => {
    const target = write.side === 'L' ? 'l' : 'r';
    if (write.value === null) await m.at(timeOf(n)).delete(target, { id: write.key });
    else await m.at(timeOf(n)).insert(target, { id: write.key, ...columns(write) });
  };
}

/** `undefined` stands for a side that is missing. */
function tableJoin(
  kind: Kind,
  left: readonly PlainRow[],
  right: readonly PlainRow[],
  on: (row: PlainRow) => unknown,
): [left: PlainRow | undefined, right: PlainRow | undefined][] {
  const matchOf = (row: PlainRow) => right.find(({ ID }) => ID === on(row));
  const pairs = left.map((row): [PlainRow, PlainRow | undefined] => [row, matchOf(row)]);
  const kept = kind === 'LEFT' || kind === 'FULL' ? pairs : pairs.filter(([, match]) => match);
  const alone = right.filter((row) => !left.some((other) => on(other) === row.ID));
  return kind === 'RIGHT' || kind === 'FULL'
    ? [...kept, ...alone.map((row): [undefined, PlainRow] => [undefined, row])]
    : kept;
}

describe('whatever a join went through', { timeout: 240_000 }, () => {
  it('of tables: it is the join of their rows', () =>
    holds(joinCase(KINDS, fc.option(fc.integer({ min: 0, max: 5 }), { freq: 4 })), async (test) => {
      const key = { INNER: 'l.id', LEFT: 'l.id', RIGHT: 'r.id', FULL: 'ROWKEY' }[test.kind];
      const query = `CREATE TABLE IF NOT EXISTS j AS SELECT ${key} AS id, a, b FROM l ${test.kind} JOIN r ON l.id = r.id;`;
      await using m = await openTestMillrace({ seed: test.seed });
      const write = tableWriter(m, ({ side, value }) => ({ [side === 'L' ? 'a' : 'b']: value }));
      await run(m, test, [table('l', 'a INT'), table('r', 'b INT'), query], write);
      const pairs = tableJoin(test.kind, await m.rows('l'), await m.rows('r'), ({ ID }) => ID);
      const expected = pairs.map(([l, r]) => ({ ID: (l ?? r)?.ID, A: l?.A ?? null, B: r?.B ?? null }));
      assert.deepEqual(sorted(await m.rows('SELECT id, a, b FROM j;')), sorted(expected));
    }));

  it('by a foreign key: it is the join of their rows', () =>
    holds(
      joinCase(['INNER', 'LEFT'], fc.option(fc.integer({ min: 0, max: 5 }), { freq: 4 })),
      async (test) => {
        const query = `CREATE TABLE IF NOT EXISTS j AS SELECT l.id AS id, a, b FROM l ${test.kind} JOIN r ON l.f = r.id;`;
        await using m = await openTestMillrace({ seed: test.seed });
        const write = tableWriter(m, ({ side, value, names }) =>
          side === 'L' ? { a: value, f: names } : { b: value },
        );
        await run(m, test, [table('l', 'a INT, f VARCHAR'), table('r', 'b INT'), query], write);
        const pairs = tableJoin(test.kind, await m.rows('l'), await m.rows('r'), ({ F }) => F);
        const expected = pairs.map(([l, r]) => ({ ID: l?.ID, A: l?.A ?? null, B: r?.B ?? null }));
        assert.deepEqual(sorted(await m.rows('SELECT id, a, b FROM j;')), sorted(expected));
      },
    ));

  it('of streams: it is every pair within its time, and what met nobody', () =>
    holds(joinCase(KINDS, fc.integer({ min: 0, max: 5 })), async (test) => {
      const stream = (name: string, column: string) =>
        `CREATE STREAM IF NOT EXISTS ${name} (id VARCHAR KEY, ${column} INT) WITH (KAFKA_TOPIC='${name}', VALUE_FORMAT='JSON', PARTITIONS=1);`;
      const key = { INNER: 'l.id', LEFT: 'l.id', RIGHT: 'r.id', FULL: 'ROWKEY' }[test.kind];
      const query = `CREATE STREAM IF NOT EXISTS j AS SELECT ${key} AS id, a, b FROM l ${test.kind} JOIN r
        WITHIN 3 SECONDS GRACE PERIOD 1 MINUTE ON l.id = r.id;`;
      await using m = await openTestMillrace({ seed: test.seed });
      await run(m, test, [stream('l', 'a'), stream('r', 'b'), query], async ({ side, key: id, value }, n) => {
        await m
          .at(timeOf(n))
          .insert(side === 'L' ? 'l' : 'r', side === 'L' ? { id, a: value } : { id, b: value });
      });
      const [left, right] = [await m.records('l'), await m.records('r')];
      // Long after all of them, so that nobody waits any more.
      await m.at(timeOf(1_000)).insert('l', { id: 'last', a: 0 });
      await m.at(timeOf(1_001)).insert('r', { id: 'other', b: 0 });
      const meet = (l: (typeof left)[number], r: (typeof left)[number]) =>
        l.key?.ID === r.key?.ID && Math.abs(l.timestampMs - r.timestampMs) <= 3_000;
      const pairs = left.flatMap((l) =>
        right.filter((r) => meet(l, r)).map((r) => ({ ID: l.key?.ID, A: l.value?.A, B: r.value?.B })),
      );
      const aloneLeft = left
        .filter((l) => !right.some((r) => meet(l, r)))
        .map((l) => ({ ID: l.key?.ID, A: l.value?.A, B: null }));
      const aloneRight = right
        .filter((r) => !left.some((l) => meet(l, r)))
        .map((r) => ({ ID: r.key?.ID, A: null, B: r.value?.B }));
      const expected = [
        ...pairs,
        ...(test.kind === 'LEFT' || test.kind === 'FULL' ? aloneLeft : []),
        ...(test.kind === 'RIGHT' || test.kind === 'FULL' ? aloneRight : []),
      ];
      const found = await m.rows<PlainRow>("SELECT id, a, b FROM j WHERE id NOT IN ('last', 'other');");
      assert.deepEqual(sorted(found), sorted(expected));
    }));
});
