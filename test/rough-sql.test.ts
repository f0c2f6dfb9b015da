// What a careless or hostile user does to SQL: it costs them an error, and nobody else anything.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { MemoryFileSystem } from '../src/base/memory-fs.ts';
import { createSession } from '../src/engine/service/session.ts';
import { BatchBuilder } from '../src/record/batch-builder.ts';
import { consume } from '../src/testing/topic-content.ts';
import { type LocalSql, openLocalSql } from './support/local-sql.ts';

const SOURCE =
  "CREATE STREAM S (K STRING KEY, V INT, T STRING, A ARRAY<INT>, M MAP<STRING, INT>, R STRUCT<X INT>) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);";

async function withSource(run: (server: LocalSql) => Promise<void>): Promise<void> {
  const server = await openLocalSql({ fs: new MemoryFileSystem() });
  await server.run(SOURCE);
  await run(server);
  await server.close();
}

type Bytes = string | Buffer | null;

function send(server: LocalSql, key: Bytes, value: Bytes): Promise<number> {
  const builder = new BatchBuilder();
  const bytes = (part: Bytes) => (typeof part === 'string' ? Buffer.from(part) : part);
  builder.append(0, bytes(key), bytes(value));
  return server.topics.append({ topic: 's', partition: 0, batch: builder.build() });
}

describe('a statement', { timeout: 20_000 }, () => {
  const many = 10_000;
  const nested: [what: string, expression: string][] = [
    ['parentheses', `${'('.repeat(many)}V${')'.repeat(many)}`],
    ['calls', `${'ABS('.repeat(many)}V${')'.repeat(many)}`],
    ['signs', `${'- '.repeat(many)}V`],
    ['operators', `V${' + 1'.repeat(many)}`],
    ['CASE', `${'CASE WHEN V = 1 THEN 1 ELSE '.repeat(many)} 1 ${'END '.repeat(many)}`],
    ['NOT', `${'NOT '.repeat(many)} (V = 1)`],
  ];
  for (const [what, expression] of nested)
    it(`nested too deep is refused (${what})`, () =>
      withSource(async (server) => {
        await assert.rejects(server.run(`CREATE STREAM D AS SELECT K, ${expression} AS X FROM S;`), {
          code: 40001,
          message: /Nested deeper than|operators in a row/,
        });
      }));

  it('too long for the command topic is refused, leaves nothing behind, and the next one works', () =>
    withSource(async (server) => {
      const conditions = Array.from({ length: many }, (_, n) => `V <> ${n}`).join(' AND ');
      await assert.rejects(server.run(`CREATE STREAM LONG AS SELECT * FROM S WHERE ${conditions};`), {
        code: 40001,
        message: /The statement is too long: with its plan it takes \d+ bytes/,
      });
      assert.deepEqual(await server.topics.describe(['LONG']), []);
      await server.run('CREATE STREAM SHORT AS SELECT * FROM S;');
    }));

  it('that writes more than a record may hold is refused', () =>
    withSource(async (server) => {
      const text = 'x'.repeat(10 * 1024 * 1024);
      await assert.rejects(server.run(`INSERT INTO S (K, T) VALUES ('a', '${text}');`), {
        code: 40001,
        message: /larger than max\.message\.bytes/,
      });
    }));

  it('may be one of a thousand', () =>
    withSource(async (server) => {
      const inserts = Array.from({ length: 1_000 }, (_, n) => `INSERT INTO S (K, V) VALUES ('a', ${n});`);
      await server.run(inserts.join('\n'));
      const values = (await consume(server.topics, 's')).map(({ value }) => JSON.parse(value!).V);
      assert.deepEqual(
        values,
        inserts.map((_, n) => n),
      );
    }));
});

describe('records', { timeout: 20_000 }, () => {
  it('that are garbage are each named in the processing log, and the query goes on', () =>
    withSource(async (server) => {
      await server.run('CREATE TABLE C AS SELECT K, COUNT(*) AS N FROM S GROUP BY K;');
      const garbage: Bytes[] = [
        'not json',
        '{"V":',
        '[1]',
        '5',
        Buffer.from([0xff, 0xfe, 0]),
        '['.repeat(100_000),
        '{"R":'.repeat(100_000),
      ];
      for (const value of garbage) {
        await send(server, 'a', value);
        await send(server, 'a', '{"V":1}');
      }
      assert.deepEqual(await server.rows('SELECT * FROM C;'), [{ K: 'a', N: garbage.length }]);
      await server.clock.advance(5_000);
      const reports = await consume(server.topics, 'default_ksql_processing_log');
      const offsets = reports.map(({ value }) => {
        const { logger, message } = JSON.parse(value!);
        assert.match(logger, /^processing\.CTAS_C_2\./);
        return message.deserializationError.offset;
      });
      assert.deepEqual(
        offsets,
        garbage.map((_, n) => 2 * n),
      );
    }));

  it('may be null wherever they can be', () =>
    withSource(async (server) => {
      await server.run(`
        CREATE STREAM COPY AS SELECT K, V + 1 AS V, UCASE(T) AS T, A[1] AS A, M['x'] AS M, R->X AS X,
          CASE WHEN V > 1 THEN T END AS C FROM S;
        CREATE TABLE SUMS AS SELECT K, COUNT(*) AS N, SUM(V) AS V, MAX(V) AS X, COLLECT_LIST(T) AS L FROM S GROUP BY K;
        CREATE TABLE BY_VALUE AS SELECT V, COUNT(*) AS N FROM S GROUP BY V;
        CREATE STREAM KEYED AS SELECT * FROM S PARTITION BY V;
        CREATE STREAM JOINED AS SELECT S.K, S.V, SUMS.N FROM S LEFT JOIN SUMS ON S.K = SUMS.K;`);
      await send(server, null, null);
      await send(server, 'a', null);
      await send(server, null, '{"V":1}');
      await send(server, 'a', '{}');
      await send(server, 'a', '{"V":null,"T":null,"A":null,"M":null,"R":null}');
      await send(server, 'a', '{"V":2,"A":[null],"M":{"x":null},"R":{"X":null}}');
      const nothing = { T: null, A: null, M: null, X: null, C: null };
      assert.deepEqual(await server.rows('SELECT * FROM COPY;'), [
        { K: null, V: 2, ...nothing },
        { K: 'a', V: null, ...nothing },
        { K: 'a', V: null, ...nothing },
        { K: 'a', V: 3, ...nothing },
      ]);
      assert.deepEqual(await server.rows('SELECT K, N, V, X FROM SUMS;'), [{ K: 'a', N: 3, V: 2, X: 2 }]);
      assert.deepEqual(
        (await server.rows('SELECT * FROM BY_VALUE;')).map(({ V, N }) => [V, N]),
        [
          [1, 1],
          [2, 1],
        ],
      );
      for (const stream of ['KEYED', 'JOINED'])
        assert.equal((await server.rows(`SELECT * FROM ${stream};`)).length, 4, stream);
      for (const { running } of server.sql.persistentQueries()) assert.equal(running?.state, 'RUNNING');
    }));
});

it('two hundred push queries on one table each see every change', { timeout: 20_000 }, () =>
  withSource(async (server) => {
    await server.run('CREATE TABLE C AS SELECT K, COUNT(*) AS N FROM S GROUP BY K;');
    const follow = async () => {
      const answer = await server.sql.query('SELECT N FROM C EMIT CHANGES LIMIT 3;', createSession());
      assert.ok(answer.kind === 'rows');
      return answer.rows;
    };
    const subscribers = await Promise.all(Array.from({ length: 200 }, follow));
    for (let n = 0; n < 3; n++) {
      await send(server, 'a', '{"V":1}');
      await server.rows('SELECT * FROM C;');
    }
    for (const rows of subscribers) {
      const seen: unknown[] = [];
      for (let batch = await rows.next(); batch; batch = await rows.next())
        seen.push(...batch.map(({ values }) => values[0]));
      assert.deepEqual(seen, [1, 2, 3]);
    }
    assert.equal(server.sql.pushQueryCount, 0);
  }),
);
