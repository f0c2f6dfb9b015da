import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Catalog, Source } from '../catalog.ts';
import { parseScript } from '../parser/parse-script.ts';
import { planStatement } from '../plan-statement.ts';
import type { Planned } from '../planned.ts';

const [SETUP] = parseScript(`
  CREATE STREAM trips (van INT KEY, seat INT KEY, town STRING, day DATE, km INT)
    WITH (kafka_topic='trips', format='JSON');`);

function plan(query: string): Planned {
  const sources = new Map<string, Source>();
  const catalog: Catalog = { source: (name) => sources.get(name), sources: () => sources.values() };
  const options = { properties: {}, nextQueryId: 1 };
  const created = planStatement(SETUP!, catalog, options);
  if (created.kind === 'createSource') sources.set('TRIPS', created.source);
  const text = query.startsWith('SELECT') ? `${query};` : `CREATE ${query};`;
  return planStatement(parseScript(text)[0]!, catalog, options);
}

test('what is shown of a group is made of its key and its aggregates', () => {
  for (const query of [
    'TABLE t AS SELECT town, COUNT(*) FROM trips GROUP BY town',
    'TABLE t AS SELECT UCASE(town) AS up, LEN(UCASE(town)), SUM(km) + 1 FROM trips GROUP BY UCASE(town)',
    'TABLE t AS SELECT day, DATEADD(DAYS, 1, day) AS next, COUNT(*) FROM trips GROUP BY day',
  ])
    plan(query);
  const cases: readonly (readonly [query: string, message: RegExp])[] = [
    [
      'TABLE t AS SELECT town, km, LCASE(town), day, COUNT(*) FROM trips GROUP BY town',
      /SELECT uses what differs within a group: KM, DAY\./,
    ],
    [
      'TABLE t AS SELECT SUBSTRING(town, 1, 2), COUNT(*) FROM trips GROUP BY SUBSTRING(town, 1, 3)',
      /differs within a group: SUBSTRING\(TOWN, 1, 2\)\./,
    ],
    [
      'TABLE t AS SELECT town, COUNT(*) FROM trips GROUP BY town HAVING km > 1',
      /HAVING uses what differs within a group: KM\./,
    ],
    ['TABLE t AS SELECT town, SUM(COUNT(*)) FROM trips GROUP BY town', /SUM cannot take COUNT/],
    ['TABLE t AS SELECT nowhere, COUNT(*) FROM trips GROUP BY town', /no column NOWHERE for/],
  ];
  for (const [query, message] of cases) assert.throws(() => plan(query), message, query);
});

test('a projection without all of the key names all of it', () => {
  assert.throws(
    () => plan('STREAM s AS SELECT van, km FROM trips'),
    /Rows of `S` would have no key: SELECT leaves out the key columns VAN and/,
  );
  assert.throws(
    () => plan('STREAM s AS SELECT km FROM trips PARTITION BY town, day'),
    /leaves out the partitioning expressions TOWN and DAY/,
  );
});

test('a format that does not exist is reported before missing columns', () => {
  const cases: Readonly<Record<string, RegExp>> = {
    "VALUE_FORMAT='CSV'": /VALUE_FORMAT names no format: CSV\. There are KAFKA, JSON/,
    "FORMAT='JSON', VALUE_FORMAT='JSON'":
      /FORMAT is for keys and values, so VALUE_FORMAT cannot stand beside it/,
    "VALUE_FORMAT='JSON'": /No columns are given/,
  };
  for (const [formats, message] of Object.entries(cases))
    assert.throws(() => plan(`STREAM x WITH (kafka_topic='x', ${formats})`), message, formats);
});

test('aggregates without GROUP BY are of all rows, where they are only read', () => {
  const planned = plan('SELECT COUNT(*) AS n, MAX(km) FROM trips EMIT CHANGES');
  assert.equal(planned.kind, 'push');
  assert.deepEqual(
    planned.columns.map(({ name, key }) => [name, key]),
    [
      ['N', false],
      ['KSQL_COL_0', false],
    ],
  );
  assert.throws(
    () => plan('TABLE t AS SELECT COUNT(*) AS n FROM trips'),
    /COUNT aggregates, so the query must say what it groups by: add GROUP BY\./,
  );
});
