// What a plan says that its joins keep of their rows is what the compiled joins do keep.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Catalog, Source } from '../sql/catalog.ts';
import { joinReads } from '../sql/join-reads.ts';
import { parseScript } from '../sql/parser/parse-script.ts';
import type { SinkStep } from '../sql/plan.ts';
import { planStatement } from '../sql/plan-statement.ts';
import { idleTopology } from './compiled-source.ts';
import { JoinChangelog } from './store/join-changelog.ts';

const SETUP = `
  CREATE STREAM orders (id INT KEY, item STRING, qty INT, tags ARRAY<STRING>)
    WITH (kafka_topic='orders', value_format='JSON');
  CREATE STREAM parcels (no STRING KEY, order_id INT, item STRING, kg DOUBLE)
    WITH (kafka_topic='parcels', value_format='JSON');
  CREATE STREAM refunds (id INT KEY, cents BIGINT, why STRUCT<code INT, text STRING>)
    WITH (kafka_topic='refunds', value_format='JSON');
  CREATE TABLE items (item STRING PRIMARY KEY, cents INT) WITH (kafka_topic='items', value_format='JSON');
`;

const sources = new Map<string, Source>();
const catalog: Catalog = { source: (name) => sources.get(name), sources: () => sources.values() };
const plan = (text: string) => {
  const [statement] = parseScript(text);
  return planStatement(statement!, catalog, { properties: {}, nextQueryId: 1 });
};
for (const { text } of parseScript(SETUP)) {
  const planned = plan(text);
  if (planned.kind === 'createSource') sources.set(planned.source.name, planned.source);
}

function sinkOf(text: string): SinkStep {
  const planned = plan(text);
  assert.ok(planned.kind === 'createQuery');
  return planned.plan.sink;
}

const names = (columns: readonly { readonly name: string }[]) => columns.map(({ name }) => name).sort();

/** In the compiled query, and by its plan: of each join's sides. */
function kept(text: string): [compiled: string[][], planned: string[][]] {
  const sink = sinkOf(text);
  const changelogs = idleTopology(sink, {}).states.map(({ changelog }) => changelog);
  return [
    changelogs.filter((one) => one instanceof JoinChangelog).map(({ columns }) => names(columns)),
    joinReads(sink).flatMap(({ left, right }) => [names(left), names(right)]),
  ];
}

const JOIN = 'orders o JOIN parcels p WITHIN 1 HOUR ON o.id = p.order_id';

describe('a join of streams keeps what is read behind it', () => {
  const cases: Readonly<Record<string, string[][]>> = {
    [`STREAM x AS SELECT o.id, o.qty FROM ${JOIN}`]: [['C0_QTY'], []],
    [`STREAM x AS SELECT o.id, p.kg FROM ${JOIN} WHERE o.item = p.item`]: [['C0_ITEM'], ['C0_ITEM', 'C0_KG']],
    [`STREAM x AS SELECT * FROM ${JOIN}`]: [
      ['C0_ITEM', 'C0_QTY', 'C0_TAGS'],
      ['C0_ITEM', 'C0_KG', 'C0_NO', 'C1_ORDER_ID'],
    ],
    [`STREAM x AS SELECT o.id, p.kg FROM ${JOIN} PARTITION BY o.id`]: [[], ['C0_KG']],
    [`STREAM x AS SELECT o.id, EXPLODE(o.tags) AS tag FROM ${JOIN}`]: [['C0_TAGS'], []],
    [`TABLE x AS SELECT o.item, SUM(p.kg) AS s FROM ${JOIN} GROUP BY o.item HAVING MAX(o.qty) > 1`]: [
      ['C0_ITEM', 'C0_QTY'],
      ['C0_KG'],
    ],
    [`TABLE x AS SELECT p.no, COUNT(*) AS n FROM ${JOIN} WINDOW TUMBLING (SIZE 1 DAY) GROUP BY p.no`]: [
      [],
      ['C0_NO'],
    ],
    'STREAM x AS SELECT ROWKEY AS id, o.ROWTIME AS t, r.why->code FROM orders o FULL OUTER JOIN refunds r WITHIN 1 HOUR ON o.id = r.id':
      [['C0_ROWTIME'], ['C0_WHY']],
    [`STREAM x AS SELECT o.id, p.kg, r.cents FROM ${JOIN} JOIN refunds r WITHIN 1 DAY ON o.id = r.id`]: [
      ['C0_KG'],
      ['C0_CENTS'],
      [],
      ['C0_KG'],
    ],
    [`STREAM x AS SELECT o.item, p.kg, i.cents FROM ${JOIN} JOIN items i ON o.item = i.item`]: [
      ['C0_ITEM'],
      ['C0_KG'],
    ],
  };
  for (const [text, expected] of Object.entries(cases))
    it(text, () => {
      const [compiled, planned] = kept(`CREATE ${text};`);
      assert.ok(compiled.length >= 2);
      assert.deepEqual(planned, compiled);
      assert.deepEqual(planned, expected);
    });
});
