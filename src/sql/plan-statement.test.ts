import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatSchema } from '../data/type-text.ts';
import type { Catalog, Source } from './catalog.ts';
import { parseScript } from './parser/parse-script.ts';
import type { Step } from './plan.ts';
import { planStatement } from './plan-statement.ts';
import type { Planned, PlannedOf } from './planned.ts';

const SETUP = `
  CREATE STREAM orders (id INT KEY, customer STRING, item STRUCT<sku STRING, price DECIMAL(8, 2)>, qty INT)
    WITH (kafka_topic='orders', value_format='JSON');
  CREATE STREAM clicks (page STRING, user STRING) WITH (kafka_topic='clicks', value_format='JSON');
  CREATE TABLE people (name STRING PRIMARY KEY, city STRING, age INT) WITH (kafka_topic='people', value_format='JSON');
  CREATE TABLE cities (city STRING PRIMARY KEY, country STRING) WITH (kafka_topic='cities', value_format='JSON');
  CREATE TABLE totals AS SELECT customer, SUM(qty) AS total FROM orders GROUP BY customer;
  CREATE STREAM pairs (a INT KEY, b STRING KEY, v INT) WITH (kafka_topic='pairs', format='JSON');
  CREATE TABLE pair_counts AS SELECT a, b, COUNT(*) AS n FROM pairs GROUP BY a, b;
`;

function plan(text: string, properties: Record<string, string> = {}): Planned {
  const sources = new Map<string, Source>();
  const catalog: Catalog = { source: (name) => sources.get(name), sources: () => sources.values() };
  for (const statement of parseScript(SETUP)) {
    const planned = planStatement(statement, catalog, { properties: {}, nextQueryId: 1 });
    if (planned.kind === 'createSource' || planned.kind === 'createQuery')
      sources.set(planned.source.name, planned.source);
  }
  return planStatement(parseScript(text)[0]!, catalog, { properties, nextQueryId: 7, nowMs: 5 });
}

function planAs<Kind extends Planned['kind']>(kind: Kind, text: string, properties = {}): PlannedOf<Kind> {
  const planned = plan(text, properties);
  assert.equal(planned.kind, kind);
  return planned as PlannedOf<Kind>;
}

/** The steps from the source to the end by their kinds, and a join's right side in brackets. */
function shape(step: Step): string {
  const name = step.step.replace('V1', '');
  switch (step.step) {
    case 'sourceV1':
      return `${step.source}${step.pseudo.length > 0 ? `+${step.pseudo.join('+')}` : ''}`;
    case 'streamTableJoinV1':
    case 'streamStreamJoinV1':
    case 'tableTableJoinV1':
    case 'foreignKeyJoinV1':
      return `${shape(step.left)} ${step.join}[${shape(step.right)}]`;
    case 'rekeyV1':
      return `${shape(step.input)} ${step.purpose}`;
    default:
      return `${shape(step.input)} ${name}`;
  }
}

function sourceStep(step: Step): Extract<Step, { step: 'sourceV1' }> {
  if (step.step === 'sourceV1') return step;
  return sourceStep('left' in step ? step.left : step.input);
}

test('queries become steps, and their columns the schema of the sink', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'STREAM AS SELECT * FROM orders WHERE qty > 1',
      'ORDERS filter project sink',
      '`ID` INTEGER KEY, `CUSTOMER` STRING, `ITEM` STRUCT<`SKU` STRING, `PRICE` DECIMAL(8, 2)>, `QTY` INTEGER',
    ],
    [
      'STREAM AS SELECT id AS k, item->sku, qty * 2, qty + 1 AS more FROM orders',
      'ORDERS project sink',
      '`K` INTEGER KEY, `SKU` STRING, `KSQL_COL_0` INTEGER, `MORE` INTEGER',
    ],
    [
      'STREAM AS SELECT id, AS_VALUE(id) AS copy FROM orders',
      'ORDERS project sink',
      '`ID` INTEGER KEY, `COPY` INTEGER',
    ],
    [
      'STREAM AS SELECT id, ROWTIME AS t FROM orders',
      'ORDERS+ROWTIME project sink',
      '`ID` INTEGER KEY, `T` BIGINT',
    ],
    [
      'STREAM AS SELECT * FROM clicks PARTITION BY user',
      'CLICKS PARTITION_BY project sink',
      '`USER` STRING KEY, `PAGE` STRING',
    ],
    [
      'STREAM AS SELECT * FROM orders PARTITION BY UCASE(customer)',
      'ORDERS PARTITION_BY project sink',
      '`KSQL_COL_0` STRING KEY, `CUSTOMER` STRING, `ITEM` STRUCT<`SKU` STRING, `PRICE` DECIMAL(8, 2)>, `QTY` INTEGER, `ID` INTEGER',
    ],
    [
      'STREAM AS SELECT id, qty FROM orders PARTITION BY NULL',
      'ORDERS PARTITION_BY project sink',
      '`ID` INTEGER, `QTY` INTEGER',
    ],
    [
      'STREAM AS SELECT id, qty FROM orders PARTITION BY id',
      'ORDERS project sink',
      '`ID` INTEGER KEY, `QTY` INTEGER',
    ],
    [
      'TABLE AS SELECT customer, COUNT(*) FROM orders GROUP BY customer',
      'ORDERS GROUP_BY aggregate project sink',
      '`CUSTOMER` STRING KEY, `KSQL_COL_0` BIGINT',
    ],
    [
      'TABLE AS SELECT id, SUM(qty) AS s FROM orders GROUP BY id HAVING COUNT(*) > 1',
      'ORDERS aggregate filter project sink',
      '`ID` INTEGER KEY, `S` INTEGER',
    ],
    [
      "TABLE AS SELECT 'all' AS k, MAX(qty) + 1 AS m FROM orders GROUP BY 'all'",
      'ORDERS GROUP_BY aggregate project sink',
      '`K` STRING KEY, `M` INTEGER',
    ],
    [
      'TABLE AS SELECT item->sku, AVG(qty) AS a FROM orders GROUP BY item->sku',
      'ORDERS GROUP_BY aggregate project sink',
      '`SKU` STRING KEY, `A` DOUBLE',
    ],
    [
      'TABLE AS SELECT name, age + 1 AS next FROM people WHERE age > 3',
      'PEOPLE filter project sink',
      '`NAME` STRING KEY, `NEXT` INTEGER',
    ],
    [
      'TABLE AS SELECT city, COUNT(*) AS n FROM people GROUP BY city',
      'PEOPLE GROUP_BY aggregate project sink',
      '`CITY` STRING KEY, `N` BIGINT',
    ],
    [
      'STREAM AS SELECT c.user, page, city FROM clicks c LEFT JOIN people p ON c.user = p.name',
      'CLICKS JOIN LEFT[PEOPLE] project sink',
      '`USER` STRING KEY, `PAGE` STRING, `CITY` STRING',
    ],
    [
      'STREAM AS SELECT * FROM clicks c JOIN people p ON p.name = c.user',
      'CLICKS JOIN INNER[PEOPLE] project sink',
      '`C_USER` STRING KEY, `C_PAGE` STRING, `P_NAME` STRING, `P_CITY` STRING, `P_AGE` INTEGER',
    ],
    [
      'STREAM AS SELECT p.city AS at, c.page, country FROM clicks c JOIN people p ON c.user = p.name JOIN cities ci ON p.city = ci.city',
      'CLICKS JOIN INNER[PEOPLE] JOIN INNER[CITIES] project sink',
      '`AT` STRING KEY, `PAGE` STRING, `COUNTRY` STRING',
    ],
    [
      'TABLE AS SELECT c.user, COUNT(*) AS n, MAX(age) AS age FROM clicks c JOIN people p ON c.user = p.name GROUP BY c.user',
      'CLICKS JOIN INNER[PEOPLE] aggregate project sink',
      '`USER` STRING KEY, `N` BIGINT, `AGE` INTEGER',
    ],
    [
      'TABLE AS SELECT p.city, COUNT(*) AS n FROM clicks c JOIN people p ON c.user = p.name GROUP BY p.city',
      'CLICKS JOIN INNER[PEOPLE] GROUP_BY aggregate project sink',
      '`CITY` STRING KEY, `N` BIGINT',
    ],
    [
      'STREAM AS SELECT c.user, c.ROWTIME AS t FROM clicks c JOIN people p ON c.user = p.name',
      'CLICKS+ROWTIME project JOIN INNER[PEOPLE] project sink',
      '`USER` STRING KEY, `T` BIGINT',
    ],
  ];
  for (const [text, steps, schema] of cases) {
    const { plan: made } = planAs('createQuery', `CREATE ${text.replace(/^(STREAM|TABLE)/, '$1 out')};`);
    assert.equal(shape(made.sink), steps, text);
    assert.equal(formatSchema(made.sink.schema), schema, text);
    assert.deepEqual(JSON.parse(JSON.stringify(made)), made, 'a plan is plain JSON');
  }
});

test('a source reads only what is used', () => {
  const cases: readonly (readonly [string, readonly number[]])[] = [
    ['CREATE STREAM o AS SELECT id, qty FROM orders', [0, 3]],
    ['CREATE STREAM o AS SELECT id, qty FROM orders WHERE item->sku IS NULL', [0, 2, 3]],
    ['CREATE TABLE o AS SELECT customer, COUNT(*) AS n FROM orders GROUP BY customer', [1]],
    ['CREATE TABLE o AS SELECT id, COUNT(*) AS n FROM orders GROUP BY id', [0]],
    ['CREATE TABLE o AS SELECT name, age FROM people', [0, 2]],
  ];
  for (const [text, used] of cases) {
    assert.deepEqual(sourceStep(planAs('createQuery', text).plan.sink).used, used, text);
  }
});

test('a sink takes name, topic, formats and properties from where they are given', () => {
  const made = planAs(
    'createQuery',
    "CREATE TABLE out WITH (kafka_topic='t', partitions=3, value_format='DELIMITED', value_delimiter='TAB') AS SELECT customer, COUNT(*) AS n FROM orders GROUP BY customer;",
    { 'ksql.streams.auto.offset.reset': 'earliest' },
  );
  assert.equal(made.plan.queryId, 'CTAS_OUT_7');
  assert.equal(made.source.createdByQuery, 'CTAS_OUT_7');
  assert.deepEqual([made.source.topic, made.partitions, made.partitionsFrom], ['t', 3, 'orders']);
  assert.deepEqual(
    [made.source.keyFormat, made.source.valueFormat],
    [{ name: 'KAFKA' }, { name: 'DELIMITED', delimiter: '\t' }],
  );
  assert.deepEqual(made.plan.properties, { 'auto.offset.reset': 'earliest' });
  const plain = planAs('createQuery', 'CREATE STREAM out AS SELECT * FROM pairs');
  assert.deepEqual(
    [plain.source.topic, plain.source.keyFormat.name, plain.plan.queryId],
    ['OUT', 'JSON', 'CSAS_OUT_7'],
  );
});

test('a stream that gives its key up has no key format', () => {
  const { source } = planAs(
    'createQuery',
    'CREATE STREAM out AS SELECT id, qty FROM orders PARTITION BY NULL',
  );
  assert.equal(source.keyFormat.name, 'NONE');
  const text = "CREATE STREAM out WITH (key_format='JSON') AS SELECT id, qty FROM orders PARTITION BY NULL";
  assert.throws(() => plan(text), /KEY_FORMAT has nothing to write/);
});

test('->* selects every field of a struct', () => {
  const { source } = planAs('createQuery', 'CREATE STREAM out AS SELECT id, item->* FROM orders');
  assert.equal(formatSchema(source.schema), '`ID` INTEGER KEY, `SKU` STRING, `PRICE` DECIMAL(8, 2)');
  assert.throws(
    () => plan('CREATE STREAM out AS SELECT id, qty->* FROM orders'),
    /needs a STRUCT but QTY is INTEGER/,
  );
});

test('INSERT VALUES computes the row in the order of the schema', () => {
  const row = planAs(
    'insertValues',
    "INSERT INTO orders (item, qty, ROWTIME, id) VALUES (STRUCT(price := 2, sku := 'a'), 1 + 2, 99, 5)",
  );
  assert.deepEqual(row.row, [5, null, ['a', 200n], 3]);
  assert.equal(row.timestampMs, 99);
  assert.deepEqual(planAs('insertValues', "INSERT INTO clicks VALUES ('x', NULL)").row, ['x', null]);
});

test('pull queries look keys up where the predicate fixes them', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["SELECT * FROM totals WHERE customer = 'a'", [['a']]],
    ["SELECT * FROM totals WHERE 'a' = customer AND total > 1", [['a']]],
    ["SELECT * FROM totals WHERE customer IN ('a', 'b', 'a')", [['a'], ['b']]],
    ["SELECT * FROM totals WHERE customer = 'a' OR total > 1", undefined],
    ["SELECT * FROM totals WHERE customer > 'a'", undefined],
    ['SELECT * FROM totals', undefined],
    [
      "SELECT * FROM pair_counts WHERE a IN (1, 2) AND b = 'x'",
      [
        [1, 'x'],
        [2, 'x'],
      ],
    ],
    ['SELECT * FROM pair_counts WHERE a = 1', undefined],
  ];
  for (const [text, keys] of cases) assert.deepEqual(planAs('pull', text).keys, keys, text);
  const { shape: pulled } = planAs('pull', 'SELECT total, ROWTIME AS t, customer FROM totals LIMIT 2');
  assert.deepEqual(
    pulled.columns.map(({ name, key }) => [name, key]),
    [
      ['TOTAL', false],
      ['T', false],
      ['CUSTOMER', true],
    ],
  );
  assert.deepEqual(
    pulled.projection.map((e) => e.kind === 'column' && e.index),
    [1, 2, 0],
  );
  assert.equal(pulled.limit, 2);
});

test('push queries keep the key beside the columns in their order', () => {
  const push = planAs('push', 'SELECT total, customer FROM totals EMIT CHANGES LIMIT 5');
  assert.equal(
    formatSchema(push.plan.root.schema),
    '`CUSTOMER` STRING KEY, `TOTAL` INTEGER, `CUSTOMER` STRING',
  );
  assert.deepEqual(
    push.columns.map(({ name, keyIndex }) => [name, keyIndex]),
    [
      ['TOTAL', undefined],
      ['CUSTOMER', 0],
    ],
  );
  assert.equal(push.limit, 5);
  assert.equal(plan('SELECT page FROM clicks').kind, 'streamPull');
});

test('INSERT INTO ... SELECT must bring the columns of its target', () => {
  assert.equal(
    planAs('insertQuery', 'INSERT INTO clicks SELECT UCASE(page) AS page, user FROM clicks').plan.queryId,
    'INSERTQUERY_7',
  );
  assert.throws(
    () => plan('INSERT INTO clicks SELECT user, page FROM clicks'),
    /The query's columns do not fit CLICKS\./,
  );
});

test('what cannot be is refused with place, reason and remedy', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['SELECT * FROM order EMIT CHANGES', /line 1:15: ORDER does not exist\. Did you mean 'ORDERS'\?/],
    [
      'CREATE STREAM o AS SELECT id, qyt FROM orders',
      /line 1:31: There is no column QYT for SELECT\. Did you mean 'QTY'\?/,
    ],
    ['CREATE STREAM o AS SELECT id, x.qty FROM orders', /No source of this query is called X\./],
    [
      'CREATE STREAM o AS SELECT qty FROM orders',
      /Rows of `O` would have no key: SELECT leaves out the key column/,
    ],
    [
      'CREATE STREAM o AS SELECT id, id AS again, qty FROM orders',
      /SELECT takes key column `ID` twice, as ID and AGAIN\. Take it/,
    ],
    [
      'CREATE STREAM o AS SELECT id FROM orders',
      /SELECT takes the key alone, so rows would have no value\. Select/,
    ],
    [
      'CREATE TABLE o AS SELECT COUNT(*) AS n FROM orders GROUP BY qty',
      /Rows of `O` would have no key: SELECT leaves out the grouping/,
    ],
    [
      'CREATE TABLE o AS SELECT qty, id, COUNT(*) FROM orders GROUP BY qty',
      /line 1:31: SELECT uses what differs within a group: ID\. Group by it as/,
    ],
    [
      'CREATE TABLE o AS SELECT qty, COUNT(*) FROM orders GROUP BY qty, orders.qty',
      /GROUP BY names ORDERS\.QTY twice\./,
    ],
    [
      'CREATE TABLE o AS SELECT qty, SUM(COUNT(*)) FROM orders GROUP BY qty',
      /SUM cannot take COUNT: both make one value of a group\. Let one/,
    ],
    [
      'CREATE TABLE o AS SELECT city, MAX(age) FROM people GROUP BY city',
      /The aggregation function MAX cannot take a row back, which a/,
    ],
    [
      'CREATE TABLE o AS SELECT a, b, COUNT(*) AS a FROM pairs GROUP BY a, b',
      /Two columns would be called `A`\. Give one another name with AS\./,
    ],
    [
      'CREATE STREAM o AS SELECT customer, COUNT(*) FROM orders GROUP BY customer',
      /The query makes a TABLE: write CREATE TABLE \.\.\. AS SELECT\./,
    ],
    [
      'CREATE TABLE o AS SELECT * FROM orders',
      /The query makes a STREAM: write CREATE STREAM \.\.\. AS SELECT\./,
    ],
    [
      'CREATE STREAM o AS SELECT id, COUNT(*) FROM orders',
      /COUNT aggregates, so the query must say what it groups by: add/,
    ],
    [
      'CREATE STREAM o AS SELECT * FROM orders WHERE qty',
      /WHERE needs a condition that is true or false; this one is/,
    ],
    ['CREATE STREAM o AS SELECT * FROM orders HAVING qty > 1', /HAVING needs GROUP BY/],
    ['CREATE STREAM o AS SELECT * FROM clicks c JOIN people p ON c.user = p.city', /primary key/],
    [
      'CREATE STREAM o AS SELECT * FROM orders c JOIN people p ON c.qty = p.name',
      /C\.QTY = P\.NAME compares INTEGER with STRING, whose keys are/,
    ],
    [
      'CREATE STREAM o AS SELECT * FROM clicks c JOIN people p ON c.user = p.name AND c.page = p.city',
      /A join compares one pair: \(C\.USER = P\.NAME\) AND \(C\.PAGE =/,
    ],
    [
      'CREATE STREAM o AS SELECT p.city, country FROM people p JOIN cities c ON p.name = c.city',
      /Rows of `O` would have no key: SELECT leaves out the join/,
    ],
    [
      'CREATE STREAM o AS SELECT p.name, country FROM people p JOIN cities c ON p.name = c.city',
      /The query makes a TABLE: write CREATE TABLE \.\.\. AS SELECT\./,
    ],
    [
      'CREATE STREAM orders AS SELECT * FROM clicks',
      /There is a stream ORDERS already\. DROP it first, or give the/,
    ],
    [
      "CREATE STREAM s (a INT) WITH (kafka_topic='t', value_fromat='JSON')",
      /WITH has no property VALUE_FROMAT here\. Did you mean/,
    ],
    [
      "CREATE STREAM s (a INT) WITH (kafka_topic='t')",
      /The statement does not say how values are written: WITH/,
    ],
    [
      "CREATE STREAM s (a INT) WITH (kafka_topic='t', value_format='JSN')",
      /VALUE_FORMAT names no format: JSN\. Did you mean 'JSON'\?/,
    ],
    [
      "CREATE STREAM s (a INT KEY, b INT KEY) WITH (kafka_topic='t', value_format='JSON')",
      /The key format KAFKA cannot write these columns: `A` INTEGER/,
    ],
    [
      "CREATE STREAM s (a MAP<STRING, INT> KEY) WITH (kafka_topic='t', format='JSON')",
      /Key column A is MAP<STRING, INTEGER>\. A MAP has no order, so/,
    ],
    ["CREATE TABLE s (a INT) WITH (kafka_topic='t', format='JSON')", /PRIMARY KEY/],
    [
      "CREATE STREAM s (a INT, A INT) WITH (kafka_topic='t', format='JSON')",
      /line 1:25: Two columns are called A\. Rename one\./,
    ],
    ["CREATE STREAM s (rowtime INT) WITH (kafka_topic='t', format='JSON')", /a name that every row has/],
    ['INSERT INTO orders (id) VALUES (1, 2)', /VALUES has 2 values for 1 columns/],
    ['INSERT INTO orders (idd) VALUES (1)', /line 1:21: ORDERS has no column IDD\. Did you mean 'ID'\?/],
    ["INSERT INTO orders (id) VALUES ('x')", /'x' is no INTEGER/],
    ['INSERT INTO orders (id) VALUES (qty)', /'QTY' is a column name/],
    [
      'INSERT INTO orders (id) VALUES (1 / 0)',
      /The value for column ID cannot be computed: division by zero/,
    ],
    ["INSERT INTO people (city) VALUES ('x')", /give a value for NAME/],
    ['SELECT * FROM people', /No rows of table PEOPLE are kept/],
    ['SELECT COUNT(*) FROM totals', /A pull query cannot have aggregate functions/],
    ['DROP TABLE orders', /ORDERS is a STREAM/],
    ['DROP STREAM nothing', /NOTHING does not exist/],
  ];
  for (const [text, expected] of cases) assert.throws(() => plan(text), expected, text);
});

test('a key that is not selected is missed, or gone where that is set', () => {
  const text = 'CREATE STREAM names AS SELECT customer, qty FROM orders;';
  assert.throws(() => plan(text), /Rows of `NAMES` would have no key: SELECT leaves out the key column ID\./);
  const { source, plan: made } = planAs('createQuery', text, { 'ksql.new.query.planner.enabled': 'true' });
  assert.equal(formatSchema(source.schema), '`CUSTOMER` STRING, `QTY` INTEGER');
  assert.equal(source.keyFormat.name, 'NONE');
  assert.equal(shape(made.sink), 'ORDERS PARTITION_BY project sink');
});

test('WITH says how a topic is made, in numbers or texts, and -1 is what it is in Kafka', () => {
  const made = (withs: string) =>
    planAs(
      'createSource',
      `CREATE STREAM s (k INT KEY, v INT) WITH (kafka_topic='t', format='JSON', ${withs});`,
    );
  assert.deepEqual(pick(made("partitions='3', replicas='1', retention_ms='60000'")), [3, 1, 60_000]);
  assert.deepEqual(pick(made('PARTITIONS=3, REPLICAS=-1, RETENTION_MS=-1')), [3, undefined, -1]);
  const refused: Readonly<Record<string, RegExp>> = {
    'retention_ms=-2': /RETENTION_MS must be a number of milliseconds, or -1 for ever, got -2/,
    "retention_ms='1 day'": /RETENTION_MS must be a number/,
    'partitions=0': /PARTITIONS must be a whole number from 1 on/,
    'partitions=-1': /PARTITIONS must be a whole number from 1 on, got -1/,
    'partitions=2, PARTITIONS=3': /PARTITIONS is given twice/,
  };
  for (const [withs, message] of Object.entries(refused)) assert.throws(() => made(withs), message, withs);
  const table = (query: string) => plan(`CREATE TABLE t WITH (retention_ms=5) AS ${query};`);
  assert.throws(
    () => table('SELECT id, COUNT(*) AS n FROM orders GROUP BY id'),
    /RETENTION_MS is for streams and windows/,
  );
  table('SELECT id, COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 DAY) GROUP BY id');
});

function pick(planned: PlannedOf<'createSource'>): unknown[] {
  return [planned.topicPartitions, planned.replicas, planned.retentionMs];
}

test('a TIMESTAMP column is named as in SQL, in either quotes', () => {
  const timestampOf = (name: string) =>
    planAs(
      'createSource',
      `CREATE STREAM s ("At" BIGINT, at BIGINT, "a""b" BIGINT) WITH (kafka_topic='t', value_format='JSON', timestamp='${name}');`,
    ).source.timestamp?.column;
  assert.equal(timestampOf('at'), 'AT');
  assert.equal(timestampOf('`At`'), 'At');
  assert.equal(timestampOf('"At"'), 'At');
  assert.equal(timestampOf('"a""b"'), 'a"b');
});

test('a TIMESTAMP_FORMAT is a pattern, and for texts alone', () => {
  const refused: Readonly<Record<string, RegExp>> = {
    "timestamp='s', timestamp_format='yyyy-ff'":
      /TIMESTAMP_FORMAT is no pattern of dates and times: .*letter f/,
    "timestamp='s', timestamp_format='yyyy{'": /is no pattern of dates and times/,
    "timestamp='n', timestamp_format='yyyy'": /TIMESTAMP_FORMAT says how a STRING is read, and N is BIGINT/,
    "timestamp='t', timestamp_format='yyyy'": /and T is TIMESTAMP: leave it out/,
    "timestamp_format='yyyy'": /TIMESTAMP_FORMAT needs TIMESTAMP/,
  };
  for (const [withs, message] of Object.entries(refused))
    assert.throws(
      () =>
        plan(
          `CREATE STREAM x (s STRING, n BIGINT, t TIMESTAMP) WITH (kafka_topic='t', value_format='JSON', ${withs});`,
        ),
      message,
      withs,
    );
});
