import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Catalog, Source } from '../catalog.ts';
import { parseScript } from '../parser/parse-script.ts';
import { planStatement } from '../plan-statement.ts';
import type { Planned, PlannedOf } from '../planned.ts';
import { SqlError } from '../sql-error.ts';

const SETUP = `
  CREATE STREAM notes (id STRING KEY, text STRING, isShort BOOLEAN, at BIGINT)
    WITH (kafka_topic='notes', value_format='JSON');
  CREATE TABLE counts WITH (key_format='JSON') AS SELECT isShort, COUNT(*) AS n FROM notes GROUP BY isShort;
`;

function plan(text: string): Planned {
  const sources = new Map<string, Source>();
  const catalog: Catalog = { source: (name) => sources.get(name), sources: () => sources.values() };
  const options = { properties: {}, nextQueryId: 1, nowMs: 5_000 };
  for (const statement of parseScript(SETUP)) {
    const planned = planStatement(statement, catalog, options);
    if (planned.kind === 'createSource' || planned.kind === 'createQuery')
      sources.set(planned.source.name, planned.source);
  }
  return planStatement(parseScript(text)[0]!, catalog, options);
}

describe('INSERT VALUES', () => {
  it('computes its row, in the order of the columns', () => {
    const text = `INSERT INTO notes (at, text, rowtime, id)
      VALUES (UNIX_TIMESTAMP(), REGEXP_EXTRACT('(a.)+', 'banana'), 1000 + 1, 'x' || 'y');`;
    const { row, timestampMs } = plan(text) as PlannedOf<'insertValues'>;
    assert.deepEqual([row, timestampMs], [['xy', 'anan', null, 5_000], 1_001]);
  });

  const letters = (count: number) => 'a'.repeat(count);
  const endless: [what: string, value: string][] = [
    ['looks around', `REGEXP_EXTRACT('(?=(?:a+)+$)a', '${letters(60)}c')`],
    ['refers back', `REGEXP_EXTRACT('(a+)+\\1c', '${letters(60)}')`],
    ['repeats often', `REGEXP_EXTRACT('${'a*'.repeat(12)}b', '${letters(400)}')`],
    ['is long', `CAST('${letters(200_000)}' LIKE '%${letters(50_000)}b' AS STRING)`],
  ];
  for (const [what, value] of endless)
    it(`gives up a pattern that ${what}`, () => {
      assert.throws(
        () => plan(`INSERT INTO notes (id, text) VALUES ('x', ${value});`),
        (error) => error instanceof SqlError && /more than 100 ms/.test(error.message) && error.line === 1,
      );
      assert.equal(plan("INSERT INTO notes (id) VALUES ('x');").kind, 'insertValues');
    });

  it('gives up such a pattern in the key of a pull query too', () => {
    const where = `isShort = ('${letters(200_000)}' LIKE '%${letters(50_000)}b')`;
    assert.throws(
      () => plan(`SELECT * FROM counts WHERE ${where};`),
      (error) => error instanceof SqlError && /more than 100 ms/.test(error.message),
    );
  });

  it('wants a time from 0 on', () => {
    for (const time of ['-1', 'NULL'])
      assert.throws(() => plan(`INSERT INTO notes (rowtime, id) VALUES (${time}, 'x');`), /ROWTIME must be/);
  });
});
