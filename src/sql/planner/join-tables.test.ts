import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatSchema } from '../../data/type-text.ts';
import type { Catalog, Source } from '../catalog.ts';
import { parseScript } from '../parser/parse-script.ts';
import type { Step } from '../plan.ts';
import { planStatement } from '../plan-statement.ts';

const SETUP = `
  CREATE TABLE people (name STRING PRIMARY KEY, city STRING, home STRUCT<zip INT>) WITH (KAFKA_TOPIC='people', VALUE_FORMAT='JSON');
  CREATE TABLE cities (city STRING PRIMARY KEY, country STRING) WITH (KAFKA_TOPIC='cities', VALUE_FORMAT='JSON');
  CREATE TABLE zips (zip INT PRIMARY KEY, area STRING) WITH (KAFKA_TOPIC='zips', VALUE_FORMAT='JSON');
  CREATE TABLE flags (name STRING PRIMARY KEY, flag STRING) WITH (KAFKA_TOPIC='flags', VALUE_FORMAT='JSON');
  CREATE TABLE rooms (house STRING PRIMARY KEY, room INT PRIMARY KEY, city STRING) WITH (KAFKA_TOPIC='rooms', FORMAT='JSON');
  CREATE TABLE daily (name STRING PRIMARY KEY, n INT)
    WITH (KAFKA_TOPIC='daily', VALUE_FORMAT='JSON', WINDOW_TYPE='TUMBLING', WINDOW_SIZE='1 DAY');
  CREATE TABLE hopped (name STRING PRIMARY KEY, m INT)
    WITH (KAFKA_TOPIC='hopped', VALUE_FORMAT='JSON', WINDOW_TYPE='HOPPING', WINDOW_SIZE='1 DAY');
  CREATE TABLE hourly (name STRING PRIMARY KEY, n INT)
    WITH (KAFKA_TOPIC='hourly', VALUE_FORMAT='JSON', WINDOW_TYPE='TUMBLING', WINDOW_SIZE='1 HOUR');
  CREATE STREAM visits (name STRING KEY, at STRING) WITH (KAFKA_TOPIC='visits', VALUE_FORMAT='JSON');`;

function plan(query: string, relation = 'TABLE') {
  const sources = new Map<string, Source>();
  const catalog: Catalog = { source: (name) => sources.get(name), sources: () => sources.values() };
  const options = { properties: {}, nextQueryId: 1 };
  for (const statement of parseScript(SETUP)) {
    const created = planStatement(statement, catalog, options);
    if (created.kind === 'createSource') sources.set(created.source.name, created.source);
  }
  const planned = planStatement(
    parseScript(`CREATE ${relation} o AS SELECT ${query};`)[0]!,
    catalog,
    options,
  );
  assert.equal(planned.kind, 'createQuery');
  return planned;
}

/** Joins as they nest; `=` on primary keys, `->` along a foreign key, `<-` for a stream's lookup. */
function shape(step: Step): string {
  switch (step.step) {
    case 'sourceV1':
      return step.source;
    case 'tableTableJoinV1':
      return `(${shape(step.left)} ${step.join}= ${shape(step.right)})`;
    case 'foreignKeyJoinV1':
      return `(${shape(step.left)} ${step.join}-> ${shape(step.right)})`;
    case 'streamTableJoinV1':
      return `(${shape(step.left)} ${step.join}<- ${shape(step.right)})`;
    default:
      return 'input' in step ? shape(step.input) : step.step;
  }
}

describe('joins of tables', () => {
  const plans: readonly (readonly [string, string, string])[] = [
    [
      'p.name, flag FROM people p JOIN flags f ON p.name = f.name',
      '(PEOPLE INNER= FLAGS)',
      '`P_NAME` STRING KEY, `FLAG` STRING',
    ],
    [
      'f.name AS who, city FROM people p RIGHT JOIN flags f ON f.name = p.name',
      '(PEOPLE RIGHT= FLAGS)',
      '`WHO` STRING KEY, `CITY` STRING',
    ],
    [
      '* FROM flags f FULL JOIN cities c ON f.name = c.city',
      '(FLAGS FULL= CITIES)',
      '`ROWKEY` STRING KEY, `F_NAME` STRING, `F_FLAG` STRING, `C_CITY` STRING, `C_COUNTRY` STRING',
    ],
    [
      'name, country FROM people p JOIN cities c ON p.city = c.city',
      '(PEOPLE INNER-> CITIES)',
      '`NAME` STRING KEY, `COUNTRY` STRING',
    ],
    [
      'name, area FROM people p LEFT JOIN zips z ON zip = home->zip + 1',
      '(PEOPLE LEFT-> ZIPS)',
      '`NAME` STRING KEY, `AREA` STRING',
    ],
    // A part of a key is a foreign key, and the result keeps the whole one.
    [
      'house, room, country FROM rooms r JOIN cities c ON r.house = c.city',
      '(ROOMS INNER-> CITIES)',
      '`HOUSE` STRING KEY, `ROOM` INTEGER KEY, `COUNTRY` STRING',
    ],
    [
      'p.name, country, flag FROM people p JOIN cities c ON p.city = c.city LEFT JOIN flags f ON p.name = f.name',
      '((PEOPLE INNER-> CITIES) LEFT= FLAGS)',
      '`P_NAME` STRING KEY, `COUNTRY` STRING, `FLAG` STRING',
    ],
    // The key of any table so far is the key of the chain, also after a FULL join.
    [
      'c.city, flag FROM people p FULL JOIN flags f ON p.name = f.name JOIN cities c ON f.name = c.city',
      '((PEOPLE FULL= FLAGS) INNER= CITIES)',
      '`C_CITY` STRING KEY, `FLAG` STRING',
    ],
    [
      'd.name, n, m FROM daily d JOIN hopped h ON d.name = h.name',
      '(DAILY INNER= HOPPED)',
      '`D_NAME` STRING KEY, `N` INTEGER, `M` INTEGER',
    ],
    [
      'flag, COUNT(*) AS n FROM people p JOIN flags f ON p.name = f.name GROUP BY flag',
      '(PEOPLE INNER= FLAGS)',
      '`FLAG` STRING KEY, `N` BIGINT',
    ],
  ];
  for (const [query, joins, schema] of plans)
    it(query, () => {
      const { plan: made, source } = plan(query);
      assert.deepEqual([shape(made.sink), formatSchema(source.schema)], [joins, schema]);
    });

  it('are mixed with lookups of a stream from the left', () => {
    const query =
      'v.name, flag, p.city FROM visits v JOIN people p ON v.name = p.name LEFT JOIN flags f ON v.name = f.name';
    assert.equal(shape(plan(query, 'STREAM').plan.sink), '((VISITS INNER<- PEOPLE) LEFT<- FLAGS)');
  });

  it('name the order of left rows by the format of their key', () => {
    const join = (query: string) => {
      const { input } = plan(query).plan.sink;
      return 'input' in input && input.input.step === 'foreignKeyJoinV1' ? input.input.keyFormat : undefined;
    };
    assert.deepEqual(join('name, country FROM people p JOIN cities c ON p.city = c.city'), {
      name: 'KAFKA',
    });
    assert.deepEqual(
      join('house, room, country FROM rooms r JOIN cities c ON r.city = c.city'),
      plan('* FROM rooms').plan.sink.keyFormat,
    );
  });

  const errors: Record<string, RegExp> = {
    '* FROM people p JOIN cities c ON c.country = p.name':
      /line 1:69: C\.COUNTRY = P\.NAME cannot join these: the right side of = must be the/,
    '* FROM people p JOIN rooms r ON p.name = r.house':
      /P\.NAME = R\.HOUSE cannot join these: the right side of = must be the/,
    '* FROM people p JOIN zips z ON p.city = z.zip':
      /P\.CITY = Z\.ZIP compares STRING with INTEGER, whose keys are never equal\./,
    '* FROM people p RIGHT JOIN cities c ON p.city = c.city':
      /RIGHT cannot join on a foreign key \(P\.CITY = C\.CITY\)\. Use INNER or LEFT,/,
    '* FROM people p FULL JOIN cities c ON p.city = c.city':
      /FULL cannot join on a foreign key \(P\.CITY = C\.CITY\)\. Use INNER or LEFT, or/,
    'p.name, flag FROM people p JOIN flags f ON p.name = f.name JOIN cities c ON p.city = c.city':
      /P\.CITY = C\.CITY cannot join these: a foreign key can only be followed in/,
    'p.name, flag FROM people p JOIN cities c ON p.city = c.city JOIN flags f ON c.city = f.name':
      /foreign key can only be followed in the first join/,
    '* FROM people p JOIN flags f WITHIN 1 HOUR ON p.name = f.name':
      /WITHIN is only for joins of two streams/,
    'city FROM people p JOIN flags f ON p.name = f.name':
      /Rows of `O` would have no key: SELECT leaves out the join expressions/,
    'p.name, flag FROM people p FULL JOIN flags f ON p.name = f.name':
      /Rows of `O` would have no key: SELECT leaves out the join expression/,
    'room, country FROM rooms r JOIN cities c ON r.city = c.city':
      /Rows of `O` would have no key: SELECT leaves out the primary key of the/,
    '* FROM daily d JOIN flags f ON d.name = f.name':
      /Keys with different windows are never equal: D is TUMBLING windowed/,
    '* FROM daily d JOIN hourly h ON d.name = h.name': /different sizes/,
    '* FROM daily d JOIN hopped h ON n = h.name':
      /N = H\.NAME compares INTEGER with STRING, whose keys are never equal\./,
    '* FROM people p JOIN visits v ON p.name = v.name':
      /A table cannot be joined with a stream on its right\. Start from the/,
    '* FROM people p JOIN people q ON p.name = q.name':
      /PEOPLE cannot be joined with itself\. Make a second stream or table of it/,
  };
  for (const [query, message] of Object.entries(errors))
    it(`refuse ${query}`, () => {
      assert.throws(() => plan(query), message);
    });
});
