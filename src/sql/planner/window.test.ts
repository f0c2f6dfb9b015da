import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatSchema } from '../../data/type-text.ts';
import type { Catalog, Source } from '../catalog.ts';
import { parseScript } from '../parser/parse-script.ts';
import type { SourceStep, Step, WindowedAggregateStep } from '../plan.ts';
import { planStatement } from '../plan-statement.ts';
import type { Planned, PlannedOf } from '../planned.ts';

const SETUP = `
  CREATE STREAM orders (id INT KEY, city STRING, qty INT) WITH (kafka_topic='orders', value_format='JSON');
  CREATE TABLE people (name STRING PRIMARY KEY, age INT) WITH (kafka_topic='people', value_format='JSON');
  CREATE TABLE hourly AS SELECT city, SUM(qty) AS total FROM orders WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY city;
  CREATE STREAM hours (city STRING KEY, total INT)
    WITH (kafka_topic='HOURLY', value_format='JSON', window_type='Tumbling', window_size='1 hour');
  CREATE STREAM visits (city STRING KEY, n INT) WITH (kafka_topic='visits', value_format='JSON', window_type='session');
`;

function plan(text: string, properties: Record<string, string> = {}): Planned {
  const sources = new Map<string, Source>();
  const catalog: Catalog = { source: (name) => sources.get(name), sources: () => sources.values() };
  for (const statement of parseScript(SETUP)) {
    const planned = planStatement(statement, catalog, { properties: {}, nextQueryId: 1 });
    if (planned.kind === 'createSource' || planned.kind === 'createQuery')
      sources.set(planned.source.name, planned.source);
  }
  return planStatement(parseScript(text)[0]!, catalog, { properties, nextQueryId: 7 });
}

function planAs<Kind extends Planned['kind']>(kind: Kind, text: string): PlannedOf<Kind> {
  const planned = plan(text);
  assert.equal(planned.kind, kind);
  return planned as PlannedOf<Kind>;
}

function find<Name extends Step['step']>(root: Step, name: Name): Extract<Step, { step: Name }> {
  let step: Step = root;
  while (step.step !== name) {
    assert.ok('input' in step, `${name} in the plan`);
    step = step.input;
  }
  return step as Extract<Step, { step: Name }>;
}

function windowed(window: string, emit = ''): WindowedAggregateStep {
  const text = `CREATE TABLE o AS SELECT city, COUNT(*) AS n FROM orders WINDOW ${window} GROUP BY city ${emit};`;
  return find(planAs('createQuery', text).plan.sink, 'windowedAggregateV1');
}

const DAY_MS = 86_400_000;

describe('a WINDOW clause', () => {
  it('becomes a window, its grace and its retention', () => {
    const tumbling = { type: 'TUMBLING', sizeMs: 30_000, advanceMs: 30_000 };
    const cases: [string, string, WindowedAggregateStep['window'], graceMs: number, retentionMs: number][] = [
      ['TUMBLING (SIZE 30 SECONDS)', '', tumbling as never, DAY_MS - 30_000, DAY_MS],
      ['TUMBLING (SIZE 30 SECONDS)', 'EMIT FINAL', tumbling as never, 0, 30_000],
      ['tumbling (size 30 second, grace period 1 minute)', '', tumbling as never, 60_000, 90_000],
      [
        'TUMBLING (SIZE 30 SECONDS, RETENTION 2 DAYS)',
        'EMIT CHANGES',
        tumbling as never,
        DAY_MS - 30_000,
        2 * DAY_MS,
      ],
      [
        'HOPPING (SIZE 2 DAYS, ADVANCE BY 1 HOUR)',
        '',
        { type: 'HOPPING', sizeMs: 2 * DAY_MS, advanceMs: 3_600_000 },
        0,
        2 * DAY_MS,
      ],
      [
        'HOPPING (SIZE 10 MILLISECONDS, ADVANCE BY 3 MILLISECONDS, RETENTION 1 HOUR, GRACE PERIOD 5 MILLISECONDS)',
        'EMIT FINAL',
        { type: 'HOPPING', sizeMs: 10, advanceMs: 3 },
        5,
        3_600_000,
      ],
      ['SESSION (1 MINUTE)', '', { type: 'SESSION', gapMs: 60_000 }, DAY_MS - 60_000, DAY_MS],
      ['SESSION (1 MINUTE, GRACE PERIOD 0 SECONDS)', '', { type: 'SESSION', gapMs: 60_000 }, 0, 60_000],
    ];
    for (const [text, emit, window, graceMs, retentionMs] of cases) {
      const step = windowed(text, emit);
      assert.deepEqual([step.window, step.graceMs, step.retentionMs], [window, graceMs, retentionMs], text);
      assert.equal(step.emit, emit === 'EMIT FINAL' ? 'FINAL' : 'CHANGES');
    }
  });

  it('gives the keys of steps its bounds, and the catalog its kind', () => {
    const { plan: made, source } = planAs(
      'createQuery',
      'CREATE TABLE o AS SELECT city, WINDOWSTART / 2 AS half, SUM(qty) AS s FROM orders WINDOW SESSION (5 SECONDS) GROUP BY city HAVING orders.WINDOWEND > 7;',
    );
    assert.equal(
      formatSchema(made.sink.schema),
      '`CITY` STRING KEY, `WINDOWSTART` BIGINT KEY, `WINDOWEND` BIGINT KEY, `HALF` BIGINT, `S` INTEGER',
    );
    assert.equal(formatSchema(source.schema), '`CITY` STRING KEY, `HALF` BIGINT, `S` INTEGER');
    const window = { type: 'SESSION', retentionMs: DAY_MS };
    assert.deepEqual([made.sink.window, source.window], [window, window]);
    assert.deepEqual(JSON.parse(JSON.stringify(made)), made, 'a plan is plain JSON');
    const { columns } = find(made.sink, 'projectV1');
    assert.deepEqual(
      columns.map((e) => (e.kind === 'column' ? e.index : e.kind)),
      [0, 1, 2, 'call', 3],
    );
  });

  it('keeps the topic as long as RETENTION says, unless WITH says otherwise', () => {
    const of = (withs: string, window: string) =>
      planAs(
        'createQuery',
        `CREATE TABLE o ${withs} AS SELECT city, COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 HOUR${window}) GROUP BY city;`,
      ).retentionMs;
    assert.equal(of('', ''), undefined);
    assert.equal(of('', ', RETENTION 3 DAYS'), 3 * DAY_MS);
    assert.equal(of('WITH (RETENTION_MS=5)', ', RETENTION 3 DAYS'), 5);
  });

  it('names the format in which keys are compared and spread, one that can hold them', () => {
    const of = (key: string) =>
      find(
        planAs(
          'createQuery',
          `CREATE TABLE o WITH (FORMAT='JSON') AS SELECT ${key}, COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY ${key};`,
        ).plan.sink,
        'windowedAggregateV1',
      ).keyFormat.name;
    assert.deepEqual([of('city'), of('id'), of('city, id')], ['KAFKA', 'KAFKA', 'JSON']);
  });

  it('is refused where it has no meaning, with place and reason', () => {
    const counted = (window: string, rest = 'GROUP BY city') =>
      `CREATE TABLE o AS SELECT city, COUNT(*) AS n FROM orders ${window} ${rest};`;
    const cases: [string, RegExp][] = [
      [
        'CREATE STREAM o AS SELECT * FROM orders WINDOW TUMBLING (SIZE 1 HOUR);',
        /line 1:48: A WINDOW is for groups: add GROUP BY, or drop WINDOW\./,
      ],
      [
        'CREATE TABLE o AS SELECT age, COUNT(*) AS n FROM people WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY age;',
        /A table has one row a key, not events in time, so it cannot be/,
      ],
      [
        counted('', 'GROUP BY city EMIT FINAL'),
        /EMIT FINAL waits for the end of windows, and this query has/,
      ],
      [counted('WINDOW HOPPING (SIZE 1 HOUR)'), /HOPPING needs ADVANCE BY/],
      [
        counted('WINDOW TUMBLING (SIZE 0 SECONDS)'),
        /line 1:\d+: The size of a window must be longer than nothing/,
      ],
      [
        counted('WINDOW HOPPING (SIZE 1 HOUR, ADVANCE BY 2 HOURS)'),
        /would leave gaps between windows of 3600000 ms/,
      ],
      [counted('WINDOW HOPPING (SIZE 1 HOUR, ADVANCE BY 0 HOURS)'), /ADVANCE BY must be longer than nothing/],
      [counted('WINDOW SESSION (0 SECONDS)'), /gap of a session/],
      [
        counted('WINDOW TUMBLING (SIZE 1 HOUR, RETENTION 1 HOUR, GRACE PERIOD 1 SECOND)'),
        /line 1:\d+: RETENTION must be no smaller.*3600000 ms is less than 3601000 ms/,
      ],
      [counted('WINDOW TUMBLING (SIZE 9007199254740 HOURS)'), /longer than time is counted here/],
      [
        counted('WINDOW TUMBLING (SIZE 1 HOUR)', 'WHERE WINDOWSTART > 1 GROUP BY city'),
        /There is no column WINDOWSTART for WHERE\./,
      ],
      [
        counted('WINDOW TUMBLING (SIZE 1 HOUR)', 'GROUP BY city, WINDOWSTART'),
        /WINDOWSTART belongs to a window/,
      ],
      [
        counted('WINDOW TUMBLING (SIZE 1 HOUR)', 'GROUP BY city HAVING MIN(WINDOWEND) > 1'),
        /WINDOWEND belongs to a window/,
      ],
      [
        'CREATE TABLE o AS SELECT city, WINDOWSTART, COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY city;',
        /`WINDOWSTART` is a name that every row has/,
      ],
      [
        'CREATE TABLE o AS SELECT city, WINDOWSTART AS s, COUNT(*) AS n FROM orders GROUP BY city;',
        /no column WINDOWSTART for SELECT/,
      ],
      [
        'SELECT city, COUNT(*) FROM orders WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY city;',
        /A pull query cannot have a WINDOW clause/,
      ],
    ];
    for (const [text, expected] of cases) assert.throws(() => plan(text), expected, text);
    assert.throws(
      () =>
        plan(counted('WINDOW SESSION (1 HOUR)', 'GROUP BY city EMIT FINAL'), {
          'ksql.streams.ksql.suppress.enabled': 'false',
        }),
      /ksql\.suppress\.enabled/,
    );
  });
});

describe('a windowed source', () => {
  it('reads the bounds with its key', () => {
    const { plan: made, source } = planAs(
      'createQuery',
      "CREATE STREAM o AS SELECT city, WINDOWEND AS e, total FROM hours WHERE WINDOWSTART >= '2020-02-02';",
    );
    const read: SourceStep = find(made.sink, 'sourceV1');
    assert.deepEqual([read.window, read.used], [{ type: 'TUMBLING', sizeMs: 3_600_000 }, [0, 3]]);
    assert.deepEqual(source.window, read.window);
    assert.equal(formatSchema(source.schema), '`CITY` STRING KEY, `E` BIGINT, `TOTAL` INTEGER');
  });

  it('shows the bounds to readers, and a star writes them with the key only', () => {
    const all = planAs('push', 'SELECT * FROM visits EMIT CHANGES;');
    assert.deepEqual(
      all.columns.map(({ name, keyIndex }) => [name, keyIndex]),
      [
        ['CITY', 0],
        ['WINDOWSTART', 1],
        ['WINDOWEND', 2],
        ['N', undefined],
      ],
    );
    const { source } = planAs('createQuery', 'CREATE STREAM o AS SELECT * FROM visits;');
    assert.equal(formatSchema(source.schema), '`CITY` STRING KEY, `N` INTEGER');
    assert.deepEqual(source.window, { type: 'SESSION' });
  });

  it('loses its window when it is given another key, also its own without the window', () => {
    for (const key of ['city', 'n']) {
      const { source, plan: made } = planAs(
        'createQuery',
        `CREATE TABLE o AS SELECT ${key}, COUNT(*) AS c FROM visits GROUP BY ${key};`,
      );
      assert.equal(source.window, undefined);
      assert.equal(find(made.sink, 'rekeyV1').schema.key.length, 1);
    }
  });

  it('is read by key, whatever the window', () => {
    const { keys, shape } = planAs(
      'pull',
      "SELECT * FROM hourly WHERE city = 'x' AND WINDOWSTART BETWEEN '2020-01-01' AND 5;",
    );
    assert.deepEqual([keys, shape.isWindowed], [[['x']], true]);
    assert.deepEqual(
      shape.columns.map(({ name, key }) => [name, key]),
      [
        ['CITY', true],
        ['WINDOWSTART', true],
        ['WINDOWEND', true],
        ['TOTAL', false],
      ],
    );
    assert.equal(planAs('pull', "SELECT * FROM hourly WHERE city > 'x';").shape.hasKeyRange, false);
  });

  it('is refused when its properties do not fit, or where its window cannot go along', () => {
    const made = (withs: string, columns = 'k INT KEY, v INT') =>
      `CREATE STREAM s (${columns}) WITH (kafka_topic='t', value_format='JSON', ${withs});`;
    const cases: [string, RegExp][] = [
      [made("window_type='tumbling'"), /WINDOW_TYPE is TUMBLING, .* add their length/],
      [made("window_type='session', window_size='1 second'"), /WINDOW_SIZE is not for sessions/],
      [made("window_size='1 second'"), /WINDOW_SIZE needs WINDOW_TYPE/],
      [made("window_type='sliding'"), /must be TUMBLING, HOPPING or SESSION, got SLIDING/],
      [
        made("window_type='hopping', window_size='soon'"),
        /must be a length of time like '10 SECONDS', got 'soon'/,
      ],
      [made("window_type='session'", 'v INT'), /WINDOW_TYPE is for keys, and no column is one/],
      [
        "CREATE STREAM o WITH (window_type='session') AS SELECT * FROM visits;",
        /WITH has no property WINDOW_TYPE here\./,
      ],
      [
        "INSERT INTO visits (city, n) VALUES ('x', 1);",
        /The stream VISITS has windows: a row of it is what a window's/,
      ],
      [
        'INSERT INTO hours SELECT city, n AS total FROM visits;',
        /Keys of HOURS are TUMBLING windowed \(3600000 ms\), those of the/,
      ],
      [
        'CREATE STREAM o AS SELECT * FROM visits v JOIN people p ON v.city = p.name;',
        /Keys with different windows are never equal: V is SESSION/,
      ],
    ];
    for (const [text, expected] of cases) assert.throws(() => plan(text), expected, text);
  });
});
