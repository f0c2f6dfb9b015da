import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatSchema } from '../../data/type-text.ts';
import type { Catalog, Source } from '../catalog.ts';
import { parseScript } from '../parser/parse-script.ts';
import type { Step, StreamStreamJoinStep } from '../plan.ts';
import { planStatement } from '../plan-statement.ts';
import type { PlannedOf } from '../planned.ts';

const SETUP = `
  CREATE STREAM orders (id INT KEY, item STRING, qty INT) WITH (kafka_topic='orders', value_format='JSON');
  CREATE STREAM parcels (no STRING KEY, order_id INT, item STRING)
    WITH (kafka_topic='parcels', key_format='DELIMITED', value_format='JSON');
  CREATE STREAM refunds (id INT KEY, cents BIGINT) WITH (kafka_topic='refunds', value_format='JSON');
  CREATE STREAM notes (rowkey STRING KEY, text STRING) WITH (kafka_topic='notes', value_format='JSON');
  CREATE STREAM marks (id INT KEY, mark INT) WITH (kafka_topic='marks', value_format='KAFKA');
  CREATE STREAM deep (id INT KEY, m MAP<STRING, INT>) WITH (kafka_topic='deep', value_format='JSON');
  CREATE STREAM deeper (id INT KEY, m MAP<STRING, INT>) WITH (kafka_topic='deeper', value_format='JSON');
  CREATE TABLE items (item STRING PRIMARY KEY, cents INT) WITH (kafka_topic='items', value_format='JSON');
  CREATE STREAM hours (id INT KEY, n INT)
    WITH (kafka_topic='hours', value_format='JSON', window_type='TUMBLING', window_size='1 HOUR');
  CREATE STREAM days (id INT KEY, n INT)
    WITH (kafka_topic='days', value_format='JSON', window_type='HOPPING', window_size='1 DAY');
  CREATE STREAM visits (id INT KEY, n INT) WITH (kafka_topic='visits', value_format='JSON', window_type='SESSION');
`;

const sources = new Map<string, Source>();
const catalog: Catalog = { source: (name) => sources.get(name), sources: () => sources.values() };
for (const statement of parseScript(SETUP)) {
  const planned = planStatement(statement, catalog, { properties: {}, nextQueryId: 1 });
  if (planned.kind === 'createSource') sources.set(planned.source.name, planned.source);
}

function plan(select: string): PlannedOf<'createQuery'> {
  const text = `CREATE STREAM o AS SELECT ${select};`;
  return planStatement(parseScript(text)[0]!, catalog, {
    properties: {},
    nextQueryId: 7,
  }) as PlannedOf<'createQuery'>;
}

/** The steps down to the leftmost join of streams. */
function joinOf(step: Step): StreamStreamJoinStep {
  if (step.step === 'streamStreamJoinV1') return step;
  assert.ok('input' in step, 'a join of streams');
  return joinOf(step.input);
}

function shape(step: Step): string {
  switch (step.step) {
    case 'sourceV1':
      return step.source;
    case 'rekeyV1':
      return `${shape(step.input)}>${step.schema.key[0]?.name}`;
    case 'sinkV1':
    case 'projectV1':
      return shape(step.input);
    default:
      return 'left' in step
        ? `(${shape(step.left)} ${step.join} ${shape(step.right)})`
        : `${shape(step.input)} ${step.step}`;
  }
}

const DAY_MS = 86_400_000;

describe('WITHIN', () => {
  it('says how far apart rows may be, and GRACE PERIOD that those without a partner wait', () => {
    const cases: [string, number, number, number, boolean][] = [
      ['WITHIN 1 HOUR', 3_600_000, 3_600_000, DAY_MS - 7_200_000, false],
      ['WITHIN (2 SECONDS, 1 MINUTE)', 2_000, 60_000, DAY_MS - 4_000, false],
      ['WITHIN 20 HOURS', 72_000_000, 72_000_000, 0, false],
      ['WITHIN (0 SECONDS, 5 MILLISECONDS) GRACE PERIOD 1 MINUTE', 0, 5, 60_000, true],
    ];
    for (const [within, ...expected] of cases) {
      const { sink } = plan(`o.id, cents FROM orders o LEFT JOIN refunds r ${within} ON o.id = r.id`).plan;
      const { beforeMs, afterMs, graceMs, waits } = joinOf(sink);
      assert.deepEqual([beforeMs, afterMs, graceMs, waits], expected, within);
    }
  });
});

describe('the key of a join of streams', () => {
  it('is what both compare, for which a side is given another key where it has one', () => {
    const cases: readonly (readonly [select: string, shape: string, schema: string])[] = [
      [
        '* FROM orders o JOIN refunds r WITHIN 1 HOUR ON o.id = r.id',
        '(ORDERS INNER REFUNDS)',
        '`O_ID` INTEGER KEY, `O_ITEM` STRING, `O_QTY` INTEGER, `R_ID` INTEGER, `R_CENTS` BIGINT',
      ],
      [
        'r.id, qty, cents FROM orders o RIGHT JOIN refunds r WITHIN 1 HOUR ON r.id = o.id',
        '(ORDERS RIGHT REFUNDS)',
        '`R_ID` INTEGER KEY, `QTY` INTEGER, `CENTS` BIGINT',
      ],
      [
        'o.id, no FROM orders o LEFT JOIN parcels p WITHIN 1 HOUR ON o.id = p.order_id',
        '(ORDERS LEFT PARCELS>ORDER_ID)',
        '`ID` INTEGER KEY, `NO` STRING',
      ],
      [
        'p.item, id, no FROM orders o JOIN parcels p WITHIN 1 HOUR ON o.item = p.item',
        '(ORDERS>ITEM INNER PARCELS>ITEM)',
        '`P_ITEM` STRING KEY, `ID` INTEGER, `NO` STRING',
      ],
      [
        'ROWKEY AS k, o.id, r.id FROM orders o FULL JOIN refunds r WITHIN 1 HOUR ON o.id = r.id',
        '(ORDERS FULL REFUNDS)',
        '`K` INTEGER KEY, `O_ID` INTEGER, `R_ID` INTEGER',
      ],
      [
        '* FROM orders o JOIN refunds r WITHIN 1 HOUR ON ABS(o.id) = ABS(r.id)',
        '(ORDERS>ROWKEY INNER REFUNDS>ROWKEY)',
        '`ROWKEY` INTEGER KEY, `O_ID` INTEGER, `O_ITEM` STRING, `O_QTY` INTEGER, `R_ID` INTEGER, `R_CENTS` BIGINT',
      ],
      [
        'ROWKEY_1, n.rowkey AS note FROM notes n FULL JOIN parcels p WITHIN 1 HOUR ON n.rowkey = p.no',
        '(NOTES FULL PARCELS)',
        '`ROWKEY_1` STRING KEY, `NOTE` STRING',
      ],
      [
        'h.id, h.n, d.n FROM hours h JOIN days d WITHIN 1 HOUR ON h.id = d.id',
        '(HOURS INNER DAYS)',
        '`H_ID` INTEGER KEY, `H_N` INTEGER, `D_N` INTEGER',
      ],
    ];
    for (const [select, steps, schema] of cases) {
      const planned = plan(select);
      assert.equal(shape(planned.plan.sink), steps, select);
      assert.equal(formatSchema(planned.source.schema), schema, select);
    }
  });

  it('goes on through a chain, as far as it is the key of every row', () => {
    const chain = (types: readonly [string, string], first: string, second: string) =>
      `${first} FROM orders o ${types[0]} JOIN refunds r WITHIN 1 HOUR ON o.id = r.id
       ${types[1]} JOIN parcels p WITHIN 1 HOUR ON ${second}`;
    const cases: readonly (readonly [select: string, shape: string])[] = [
      [chain(['', ''], 'r.id, no', 'o.id = p.order_id'), '((ORDERS INNER REFUNDS) INNER PARCELS>ORDER_ID)'],
      [
        chain(['LEFT', 'LEFT'], 'o.id, no', 'r.id = p.order_id'),
        '((ORDERS LEFT REFUNDS) LEFT PARCELS>ORDER_ID)',
      ],
      [
        chain(['FULL', ''], 'o.id, no', 'o.id = p.order_id'),
        '((ORDERS FULL REFUNDS)>ID INNER PARCELS>ORDER_ID)',
      ],
      [
        chain(['FULL', 'FULL'], 'ROWKEY, no', 'o.id = p.order_id'),
        '((ORDERS FULL REFUNDS)>ID FULL PARCELS>ORDER_ID)',
      ],
      [
        `o.id, cents FROM orders o JOIN refunds r WITHIN 1 HOUR ON o.id = ABS(r.id)
         JOIN parcels p WITHIN 1 HOUR ON ABS(r.id) = ABS(p.order_id)`,
        '((ORDERS INNER REFUNDS>ROWKEY) INNER PARCELS>ROWKEY)',
      ],
      [
        `o.item, r.id AS id, i.cents FROM orders o JOIN refunds r WITHIN 1 HOUR ON o.id = r.id
         LEFT JOIN items i ON o.item = i.item`,
        '((ORDERS INNER REFUNDS)>ITEM LEFT ITEMS)',
      ],
    ];
    for (const [select, steps] of cases) assert.equal(shape(plan(select).plan.sink), steps, select);
  });

  it('is written in the format of the side that keeps its key, else of the left one', () => {
    const cases: readonly (readonly [select: string, format: string])[] = [
      ['o.id, no FROM orders o JOIN parcels p WITHIN 1 HOUR ON o.id = p.order_id', 'KAFKA'],
      ['p.no, id FROM orders o JOIN parcels p WITHIN 1 HOUR ON o.item = p.no', 'DELIMITED'],
      ['p.item, id FROM orders o JOIN parcels p WITHIN 1 HOUR ON o.item = p.item', 'KAFKA'],
    ];
    for (const [select, name] of cases) assert.deepEqual(joinOf(plan(select).plan.sink).keyFormat, { name });
  });
});

describe('a join of streams that cannot be', () => {
  it('is refused, with place and reason', () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['o.id FROM orders o JOIN refunds r ON o.id = r.id', /needs WITHIN/],
      [
        'o.id, cents FROM orders o JOIN refunds r WITHIN 1 HOUR ON o.id = r.cents',
        /compares INTEGER with BIGINT.* Use CAST\(\.\.\. AS BIGINT\)/,
      ],
      [
        'o.id, no FROM orders o JOIN parcels p WITHIN 1 HOUR ON o.id = p.no',
        /compares INTEGER with STRING, whose keys are never equal\.$/,
      ],
      [
        'a.id FROM orders a JOIN orders b WITHIN 1 HOUR ON a.id = b.id',
        /ORDERS cannot be joined with itself/,
      ],
      [
        `a.id FROM orders a JOIN refunds r WITHIN 1 HOUR ON a.id = r.id
         JOIN refunds s WITHIN 1 HOUR ON a.id = s.id`,
        /REFUNDS cannot be joined with itself/,
      ],
      [
        'a.id FROM orders a JOIN refunds a WITHIN 1 HOUR ON a.id = a.id',
        /Two sources of the join are called A/,
      ],
      [
        'o.id, mark FROM orders o JOIN marks m WITHIN 1 HOUR ON o.id = m.id',
        /Values of MARKS are in the KAFKA format/,
      ],
      ['a.m, b.id FROM deep a JOIN deeper b WITHIN 1 HOUR ON a.m = b.m', /Key column M is MAP/],
      [
        'o.id, n FROM orders o JOIN hours h WITHIN 1 HOUR ON o.id = h.id',
        /O is not windowed, H is TUMBLING windowed/,
      ],
      [
        'v.id, h.n FROM visits v JOIN hours h WITHIN 1 HOUR ON v.id = h.id',
        /V is SESSION windowed, H is TUMBLING windowed/,
      ],
      [
        'h.n, d.n AS m FROM hours h JOIN days d WITHIN 1 HOUR ON h.n = d.n',
        /stays in the partitions of its key/,
      ],
      [
        'o.id FROM orders o FULL JOIN refunds r WITHIN 1 HOUR ON o.id = r.id',
        /leaves out the join expression ROWKEY\. Write SELECT ROWKEY, \.\.\.\nROWKEY is the key of the join/,
      ],
      [
        'ABS(o.id) AS k, cents FROM orders o JOIN refunds r WITHIN 1 HOUR ON ABS(o.id) = ABS(r.id)',
        /leaves out the join expression ROWKEY/,
      ],
      ['qty FROM orders o JOIN refunds r WITHIN 1 HOUR ON o.id = r.id', /join expressions O\.ID or R\.ID/],
      [
        'o.id, no FROM orders o FULL JOIN refunds r WITHIN 1 HOUR ON o.id = r.id JOIN parcels p WITHIN 1 HOUR ON rowkey = p.order_id',
        /no column ROWKEY on either side/,
      ],
    ];
    for (const [select, expected] of cases) assert.throws(() => plan(select), expected, select);
  });
});
