import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Catalog, Source } from '../catalog.ts';
import { parseScript } from '../parser/parse-script.ts';
import { planStatement } from '../plan-statement.ts';
import type { Planned, PlannedOf } from '../planned.ts';

const SETUP = `
  CREATE STREAM waves (port STRING KEY, cm INT) WITH (kafka_topic='waves', value_format='JSON');
  CREATE TABLE highest AS SELECT port, MAX(cm) AS cm FROM waves GROUP BY port;
  CREATE TABLE by_cm AS SELECT cm, COUNT(*) AS n FROM waves GROUP BY cm;
  CREATE STREAM big AS SELECT * FROM waves WHERE cm > 100;
`;

function plan(text: string, properties: Record<string, string> = {}): Planned {
  const sources = new Map<string, Source>();
  const catalog: Catalog = { source: (name) => sources.get(name), sources: () => sources.values() };
  const options = { properties, nextQueryId: 1 };
  for (const statement of parseScript(SETUP)) {
    const planned = planStatement(statement, catalog, options);
    if (planned.kind === 'createSource' || planned.kind === 'createQuery')
      sources.set(planned.source.name, planned.source);
  }
  return planStatement(parseScript(text)[0]!, catalog, options);
}

describe('a pull query', () => {
  const reads: [where: string, keys: unknown, hasKeyRange: boolean][] = [
    ["port = 'Cork'", [['Cork']], false],
    ["port IN ('Cork', 'Cork', 'Brest') AND cm > 3", [['Cork'], ['Brest']], false],
    ["port = 'Co' || 'rk'", [['Cork']], false],
    ['port = CAST(1 / 0 AS STRING)', undefined, false],
    ["port >= 'Cork'", undefined, true],
    ["'Cork' > port AND cm > 3", undefined, true],
    ["port > 'a' AND port < 'b'", undefined, false],
    ["port >= 'Cork' OR cm > 3", undefined, false],
    ['cm > 3', undefined, false],
  ];
  for (const [where, keys, hasKeyRange] of reads)
    it(`knows its keys: ${where}`, () => {
      const pull = plan(`SELECT * FROM highest WHERE ${where};`) as PlannedOf<'pull'>;
      assert.deepEqual([pull.keys, pull.shape.hasKeyRange], [keys, hasKeyRange]);
    });

  const said: [where: string, saysMore: boolean][] = [
    ["port = 'Cork'", false],
    ["port IN ('Cork', 'Brest')", false],
    ["port = 'Cork' AND cm > 3", true],
    ["port = 'Cork' AND port = 'Brest'", true],
    ["port >= 'Cork'", true],
  ];
  for (const [where, saysMore] of said)
    it(`keeps its predicate only where that says more than its keys: ${where}`, () => {
      const { shape } = plan(`SELECT * FROM highest WHERE ${where};`) as PlannedOf<'pull'>;
      assert.equal(shape.predicate !== undefined, saysMore);
    });

  it('has no key range where the order of values is not that of their bytes', () => {
    assert.equal((plan('SELECT * FROM by_cm WHERE cm > 3;') as PlannedOf<'pull'>).shape.hasKeyRange, false);
  });

  const refused: [text: string, message: RegExp][] = [
    [
      "SELECT * FROM highest WHERE port IN ('a', NULL);",
      /No row has NULL in its primary key, so PORT = NULL finds none/,
    ],
    [
      'SELECT port, ROWOFFSET FROM waves;',
      /A pull query has no ROWOFFSET for its SELECT: stored rows do not keep/,
    ],
    [
      'SELECT port FROM highest WHERE ROWPARTITION = 1;',
      /A pull query has no ROWPARTITION for its WHERE: stored rows do not keep/,
    ],
  ];
  for (const [text, message] of refused)
    it(`is refused: ${text}`, () => assert.throws(() => plan(text), message));
});

describe('a push query over what a query writes', () => {
  const v2 = { 'ksql.query.push.v2.enabled': 'true' };
  const cases: [text: string, properties: Record<string, string>, isScalable: boolean][] = [
    ['SELECT * FROM big EMIT CHANGES;', v2, true],
    ['SELECT * FROM big EMIT CHANGES;', {}, false],
    ['SELECT * FROM big EMIT CHANGES;', { ...v2, 'auto.offset.reset': 'earliest' }, false],
    ['SELECT port, ROWOFFSET FROM big EMIT CHANGES;', v2, false],
    ['SELECT port, COUNT(*) FROM big GROUP BY port EMIT CHANGES;', v2, false],
    ['SELECT * FROM waves EMIT CHANGES;', v2, false],
  ];
  for (const [text, properties, isScalable] of cases)
    it(`${isScalable ? 'is' : 'is not'} scalable: ${text} ${JSON.stringify(properties)}`, () => {
      const { queryId } = (plan(text, properties) as PlannedOf<'push'>).plan;
      assert.equal(queryId.startsWith('SCALABLE_PUSH_QUERY_'), isScalable);
    });
});
