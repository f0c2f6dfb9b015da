import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Row } from '../../data/schema.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';
import { BatchBuilder } from '../../record/batch-builder.ts';
import { RecordCursor } from '../../record/record-cursor.ts';
import { SYSTEM_EFFECTS } from '../../sql/compile.ts';
import type { Expression } from '../../sql/expression.ts';
import type { FilterStep, ProjectStep, SourceStep, Step, StreamTableJoinStep } from '../../sql/plan.ts';
import {
  BOOLEAN,
  call,
  column,
  columns,
  GAME,
  INTEGER,
  literal,
  rekey,
  STRING,
  source,
} from '../../testing/plan-builders.ts';
import { Recorder } from '../operators/recorder.ts';
import { SourceDecoder } from '../operators/source.ts';
import type { RowCode } from './row-code.ts';
import { compileSource } from './source-code.ts';
import { filterCode, joinCode, outputCode, projectCode, rekeyCode } from './stream-steps.ts';

type TextRecord = readonly [key: string | null, value: string | null];

const players = source('PLAYERS', 'STREAM', {
  key: columns(['ID', STRING]),
  value: columns(['USER', STRING], ['GAME', GAME], ['N', INTEGER]),
});

interface Seen {
  readonly rows: (Row | null)[];
  readonly keys: Row[];
  readonly skipped: string[];
  readonly errors: string[];
}

/** What comes out below `build`'s steps when the source reads the records. */
function run(
  step: SourceStep,
  build: (next: RowCode, onError: (error: Error) => void) => RowCode,
  keyWidth: number,
  records: readonly TextRecord[],
): Seen {
  const recorder = new Recorder();
  const seen: Seen = { rows: [], keys: [], skipped: [], errors: [] };
  const onError = (error: Error) => seen.errors.push(error.message);
  const consume = compileSource(
    step,
    build(outputCode(recorder, keyWidth), onError),
    SYSTEM_EFFECTS,
    (_, partition, offset, error) => seen.skipped.push(`${partition}-${offset} ${error.message}`),
  );
  const builder = new BatchBuilder();
  for (const [key, value] of records)
    builder.append(5, key === null ? null : Buffer.from(key), value === null ? null : Buffer.from(value));
  const cursor = new RecordCursor();
  cursor.reset(builder.build(), 0);
  while (cursor.next()) consume(cursor, 3);
  seen.rows.push(...recorder.changes.map(({ row }) => row));
  seen.keys.push(...recorder.changes.map(({ key }) => key.slice(0, keyWidth)));
  return seen;
}

const itself = (next: RowCode) => next;
const field = (step: Step, index: number, name: string): Expression =>
  call('->', INTEGER, column(step, index), literal(name, STRING));

describe('a compiled source', () => {
  it('decodes key and value, and skips what does not fit', () => {
    const seen = run(players, itself, 1, [
      ['a', '{"user":"bob","GAME":{"SCORE":7,"LEVEL":2},"N":1,"more":[{}]}'],
      [null, '{"USER":"\\u0061","GAME":null}'],
      ['c', '{"N":"x"}'],
      ['d', 'null'],
      ['e', null],
    ]);
    assert.deepEqual(seen.rows, [['a', 'bob', [7, null, 2], 1], [null, 'a', null, null], null, null]);
    assert.deepEqual(seen.keys, [['a'], [null], ['d'], ['e']]);
    assert.equal(seen.skipped.length, 1);
    assert.match(seen.skipped[0] ?? '', /^3-2 N: /);
  });

  it('reads a field alone, and beside its struct, in whatever way the record can be read', () => {
    const inner = { ...players, schema: players.schema };
    const select = (...expressions: Expression[]): ProjectStep => ({
      step: 'projectV1',
      id: 'Project',
      relation: 'STREAM',
      schema: players.schema,
      input: inner,
      columns: expressions,
    });
    const texts = [
      '{"GAME":{"SCORE":7,"LIVES":1,"LEVEL":2}}',
      '{"game": {"x":[1],"score":"7","LIVES":1,"level":2.9}}',
      '{"GAME":null}',
      '{}',
      '{"GAME":{}}',
      '{"GAME":{"SCORE":1,"SCORE":7,"LEVEL":2}}',
    ];
    const records = texts.map((text): TextRecord => [null, text]);
    const alone = select(field(players, 2, 'SCORE'), field(players, 2, 'LEVEL'));
    const expected = [
      [7, 2],
      [7, 2],
      [null, null],
      [null, null],
      [null, null],
      [7, 2],
    ];
    assert.deepEqual(run(inner, (next, e) => projectCode(alone, e, next), 1, records).rows, expected);
    const beside = select(field(players, 2, 'SCORE'), column(players, 2), field(players, 2, 'LEVEL'));
    const rows = run(inner, (next, e) => projectCode(beside, e, next), 1, records).rows as Row[];
    assert.deepEqual(
      rows.map(([score, , level]) => [score, level]),
      expected,
    );
    for (const [score, game] of rows) assert.equal((game as SqlValue[] | null)?.[0] ?? null, score);
  });

  it('reads what the decoder of tables reads', () => {
    const types: readonly SqlType[] = [
      STRING,
      INTEGER,
      { kind: 'BIGINT' },
      { kind: 'DOUBLE' },
      BOOLEAN,
      GAME,
    ];
    const schema = { key: [], value: columns(...types.map((type, at) => [`C${at}`, type] as const)) };
    const stream = source('S', 'STREAM', schema);
    const decoder = new SourceDecoder(stream);
    const text = fc.oneof(
      fc.json({ maxDepth: 2 }),
      fc
        .dictionary(fc.constantFrom('C0', 'c1', 'C2', 'C3', 'C4', 'C5', 'X'), fc.jsonValue({ maxDepth: 2 }))
        .map((v) => JSON.stringify(v)),
      fc
        .record({
          C0: fc.string(),
          C1: fc.integer(),
          C2: fc.maxSafeInteger(),
          C3: fc.double(),
          C4: fc.boolean(),
          C5: fc.record({ SCORE: fc.integer(), LEVEL: fc.option(fc.nat()) }),
        })
        .map((v) => JSON.stringify(v)),
    );
    fc.assert(
      fc.property(text, (json) => {
        const builder = new BatchBuilder();
        builder.append(5, null, Buffer.from(json));
        const cursor = new RecordCursor();
        cursor.reset(builder.build(), 0);
        cursor.next();
        let expected: Row | null | string;
        try {
          expected = decoder.decode(cursor, 0).row;
        } catch (error) {
          expected = (error as Error).message;
        }
        const { rows, skipped } = run(stream, itself, 0, [[null, json]]);
        assert.deepEqual(rows.length > 0 ? rows[0] : skipped[0]?.replace('3-0 ', ''), expected);
      }),
    );
  });
});

describe('compiled steps', () => {
  const isBig = (input: Step): FilterStep => ({
    step: 'filterV1',
    id: 'Filter',
    relation: 'STREAM',
    schema: input.schema,
    input,
    predicate: call('>', BOOLEAN, column(input, 3), literal(10, INTEGER)),
  });

  it('WHERE keeps what matches', () => {
    const records: TextRecord[] = [
      ['a', '{"N":5}'],
      ['b', '{"N":50}'],
      ['c', '{}'],
      ['d', null],
    ];
    const seen = run(players, (next, e) => filterCode(isBig(players), e, next), 1, records);
    assert.deepEqual(seen.keys, [['b']]);
  });

  it('an error makes its own column null and is reported', () => {
    const divided = call('/', INTEGER, literal(1, INTEGER), column(players, 3));
    const project: ProjectStep = {
      step: 'projectV1',
      id: 'Project',
      relation: 'STREAM',
      schema: players.schema,
      input: players,
      columns: [column(players, 0), divided, column(players, 1)],
    };
    const seen = run(players, (next, e) => projectCode(project, e, next), 1, [
      ['a', '{"N":0,"USER":"x"}'],
      ['b', '{"N":1,"USER":"y"}'],
    ]);
    assert.deepEqual(seen.rows, [
      ['a', null, 'x'],
      ['b', 1, 'y'],
    ]);
    assert.deepEqual(seen.errors, ['division by zero']);
  });

  const rekeyed = (
    purpose: 'GROUP_BY' | 'JOIN' | 'PARTITION_BY',
    index: number,
    records: readonly TextRecord[],
  ) => {
    const step = rekey(players, purpose, [column(players, index)], ['K']);
    const { keys, rows, errors } = run(players, (next, e) => rekeyCode(step, e, next), 1, records);
    return { keys: keys.map(([key]) => key), rows, errors: errors.length };
  };

  it('a new key stands before the columns there were', () => {
    assert.deepEqual(
      rekeyed('JOIN', 1, [
        ['k', '{"USER":"v"}'],
        ['k', '{}'],
      ]),
      {
        keys: ['v', null],
        rows: [
          ['v', 'k', 'v', null, null],
          [null, 'k', null, null, null],
        ],
        errors: 0,
      },
    );
  });

  it('GROUP BY leaves out null keys', () => {
    const { keys } = rekeyed('GROUP_BY', 1, [
      ['k', '{"USER":"v"}'],
      ['k', '{}'],
      ['k', null],
    ]);
    assert.deepEqual(keys, ['v']);
  });

  it('PARTITION BY keeps records without a value, if need be without their key', () => {
    assert.deepEqual(rekeyed('PARTITION_BY', 0, [['k', null]]), { keys: ['k'], rows: [null], errors: 0 });
    assert.deepEqual(rekeyed('PARTITION_BY', 1, [['k', null]]), { keys: [null], rows: [null], errors: 1 });
  });

  const table = new Map([['k', { row: ['k', 'right'], timestampMs: 99 }]]);
  const right = source('T', 'TABLE', { key: columns(['K', STRING]), value: columns(['R', STRING]) });
  const left = source('L', 'STREAM', { key: columns(['K', STRING]), value: columns(['V', STRING]) });
  const joins: ['INNER' | 'LEFT', TextRecord, Row | undefined][] = [
    ['INNER', ['k', '{"V":"1"}'], ['k', 'k', '1', 'k', 'right']],
    ['INNER', ['x', '{"V":"1"}'], undefined],
    ['INNER', [null, '{"V":"1"}'], undefined],
    ['LEFT', ['x', '{"V":"1"}'], ['x', 'x', '1', null, null]],
    ['LEFT', [null, '{"V":"1"}'], [null, null, '1', null, null]],
    ['LEFT', ['k', null], undefined],
  ];
  for (const [join, record, expected] of joins)
    it(`${join} join of ${JSON.stringify(record)}`, () => {
      const step = { step: 'streamTableJoinV1', id: 'Join', left, right, join } as StreamTableJoinStep;
      const lookup = { get: (key: unknown) => table.get(key as string) };
      const seen = run(left, (next) => joinCode(step, lookup, next), 1, [record]);
      assert.deepEqual(seen.rows, expected ? [expected] : []);
    });
});
