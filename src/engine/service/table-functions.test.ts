// EXPLODE and CUBE_EXPLODE from statement to rows.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { openLocalSql } from '../../../test/support/local-sql.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { produce } from '../../testing/topic-content.ts';

const TRIPS =
  "CREATE STREAM TRIPS (K STRING KEY, N INT, STOPS ARRAY<STRING>, FARES ARRAY<INT>) WITH (KAFKA_TOPIC='trips', VALUE_FORMAT='JSON');";

async function rowsOf(t: TestContext, query: string): Promise<unknown[][]> {
  const server = await openLocalSql({ fs: new MemoryFileSystem() });
  t.after(() => server.close());
  await server.topics.create({ name: 'trips', partitionCount: 1 });
  await produce(server.topics, 'trips', 0, [
    { key: 'a', value: { N: 1, STOPS: ['x', 'y'], FARES: [5] } },
    { key: 'b', value: { N: 2, STOPS: [], FARES: null } },
    { key: 'c', value: null },
    { key: 'd', value: { N: 3, STOPS: null, FARES: [7, null] } },
  ]);
  await server.run(TRIPS);
  return (await server.rows(query)).map((row) => Object.values(row));
}

describe('table functions', { timeout: 10_000 }, () => {
  const cases: Record<string, readonly [query: string, rows: unknown[][]]> = {
    'make a row of each element': [
      'SELECT K, EXPLODE(STOPS) AS STOP FROM TRIPS;',
      [
        ['a', 'x'],
        ['a', 'y'],
      ],
    ],
    'go on side by side to the end of the longest': [
      'SELECT EXPLODE(STOPS) AS STOP, N, EXPLODE(FARES) AS FARE FROM TRIPS;',
      [
        ['x', 1, 5],
        ['y', 1, null],
        [null, 3, 7],
        [null, 3, null],
      ],
    ],
    'stand inside of expressions, and once however often they are written': [
      "SELECT EXPLODE(STOPS) || '!' AS A, UCASE(EXPLODE(STOPS)) AS B FROM TRIPS;",
      [
        ['x!', 'X'],
        ['y!', 'Y'],
      ],
    ],
    'come behind WHERE and see pseudo columns beside them': [
      'SELECT EXPLODE(FARES) AS FARE, ROWOFFSET AS AT FROM TRIPS WHERE N > 1 EMIT CHANGES LIMIT 2;',
      [
        [7, 3],
        [null, 3],
      ],
    ],
    'stay out of a star': [
      'SELECT *, EXPLODE(FARES) AS FARE FROM TRIPS WHERE N = 1;',
      [['a', 1, ['x', 'y'], [5], 5]],
    ],
    'combine elements and their absence': [
      "SELECT CUBE_EXPLODE(ARRAY[N, 9]) AS C FROM TRIPS WHERE K = 'a';",
      [[[null, null]], [[null, 9]], [[1, null]], [[1, 9]]],
    ],
  };
  for (const [what, [query, rows]] of Object.entries(cases))
    it(what, async (t) => assert.deepEqual(await rowsOf(t, query), rows));

  it('take a new key with them', async (t) => {
    const server = await openLocalSql({ fs: new MemoryFileSystem() });
    t.after(() => server.close());
    await server.run(TRIPS.replace("KAFKA_TOPIC='trips'", "KAFKA_TOPIC='trips', PARTITIONS=1"));
    await server.run('CREATE STREAM BY_N AS SELECT N, K, EXPLODE(STOPS) AS STOP FROM TRIPS PARTITION BY N;');
    await server.run("INSERT INTO TRIPS VALUES ('a', 4, ARRAY['x', 'y'], ARRAY[1]);");
    assert.deepEqual(await server.rows('SELECT N, K, STOP FROM BY_N EMIT CHANGES LIMIT 2;'), [
      { N: 4, K: 'a', STOP: 'x' },
      { N: 4, K: 'a', STOP: 'y' },
    ]);
  });

  it('are refused where one row must stay one', async (t) => {
    const refused: Record<string, RegExp> = {
      'SELECT N, EXPLODE(STOPS) AS S FROM TRIPS GROUP BY N EMIT CHANGES;':
        /line 1:11: EXPLODE makes several rows of one/,
      'SELECT N FROM TRIPS WHERE EXPLODE(FARES) = 1;': /EXPLODE can only be used in SELECT/,
      'SELECT N FROM TRIPS PARTITION BY EXPLODE(FARES) EMIT CHANGES;': /EXPLODE can only be used in SELECT/,
      'SELECT EXPLODE(CUBE_EXPLODE(FARES)) AS C FROM TRIPS;': /EXPLODE cannot take CUBE_EXPLODE/,
      'SELECT TRANSFORM(FARES, f => EXPLODE(FARES)) AS C FROM TRIPS;':
        /EXPLODE cannot be used inside of a lambda/,
      'SELECT EXPLODE(N) AS C FROM TRIPS;': /EXPLODE takes no arguments of \(INTEGER\)/,
    };
    for (const [query, message] of Object.entries(refused))
      await assert.rejects(rowsOf(t, query), message, query);
  });
});
