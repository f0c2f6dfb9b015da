import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Catalog, Source } from '../catalog.ts';
import { parseScript } from '../parser/parse-script.ts';
import { planStatement } from '../plan-statement.ts';
import type { Planned } from '../planned.ts';

const SETUP = `
  CREATE STREAM bids (item STRING KEY, cents INT, offer DECIMAL(3, 1), rate DOUBLE)
    WITH (kafka_topic='bids', value_format='JSON');
  CREATE STREAM ledger (item STRING KEY, amount DECIMAL(5, 2)) WITH (kafka_topic='ledger', value_format='JSON');`;

function plan(text: string): Planned {
  const sources = new Map<string, Source>();
  const catalog: Catalog = { source: (name) => sources.get(name), sources: () => sources.values() };
  const options = { properties: {}, nextQueryId: 1 };
  for (const statement of parseScript(SETUP)) {
    const created = planStatement(statement, catalog, options);
    if (created.kind === 'createSource') sources.set(created.source.name, created.source);
  }
  return planStatement(parseScript(text)[0]!, catalog, options);
}

test('what a query may put into the columns of a stream', () => {
  for (const amount of ['cents', 'offer', '7', '2.5', 'CAST(rate AS DECIMAL(5, 2))'])
    assert.equal(plan(`INSERT INTO ledger SELECT item, ${amount} AS amount FROM bids;`).kind, 'insertQuery');
  for (const columns of [
    'rate AS amount',
    'item AS amount',
    '1.234 AS amount',
    '1 AS total',
    '1 AS amount, 2 AS b',
  ])
    assert.throws(
      () => plan(`INSERT INTO ledger SELECT item, ${columns} FROM bids;`),
      /do not fit LEDGER|takes key column/,
    );
});

test('a query may be given its id', () => {
  const insert = (withs: string) =>
    plan(`INSERT INTO ledger WITH (${withs}) SELECT item, cents AS amount FROM bids;`);
  const planned = insert("query_id='by_hand_2'");
  assert.equal(planned.kind === 'insertQuery' && planned.plan.queryId, 'BY_HAND_2');
  const refused: Readonly<Record<string, RegExp>> = {
    "QUERY_ID='a b'": /QUERY_ID must have letters, digits and _ alone, got 'a b'/,
    "QUERY_ID=''": /must have letters/,
    "QUERY_ID='csas_x_1'": /QUERY_ID begins with CSAS_, as ids do that the server chooses/,
    'QUERY_ID=5': /takes QUERY_ID = 'name' and nothing else/,
    "QUERY_ID='a', PARTITIONS=1": /takes QUERY_ID = 'name' and nothing else/,
    "KAFKA_TOPIC='a'": /takes QUERY_ID = 'name' and nothing else/,
  };
  for (const [withs, message] of Object.entries(refused)) assert.throws(() => insert(withs), message, withs);
});
