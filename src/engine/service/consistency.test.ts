// A pull query answers as soon as its table has everything that could be read when it was asked, and never guesses.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type LocalSql, openLocalSql } from '../../../test/support/local-sql.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { BatchBuilder, sealBatch } from '../../record/batch-builder.ts';
import { plan, statsPerUser } from '../../testing/plan-builders.ts';
import { produce } from '../../testing/topic-content.ts';
import type { Position, Topics } from '../../topics/topics.ts';
import { Consistency } from './consistency.ts';
import type { QueryRegistry } from './query-registry.ts';
import { createSession } from './session.ts';

const SETUP = `
  CREATE STREAM S (K STRING KEY, V INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=3);
  CREATE TABLE T AS SELECT K, COUNT(*) AS N FROM S GROUP BY K;`;
const ALL = 'SELECT K, N FROM T;';
const at = { topic: 's', partition: 0 };

async function open(t: TestContext, fs = new MemoryFileSystem()): Promise<LocalSql> {
  const server = await openLocalSql({ fs });
  t.after(() => server.close());
  return server;
}

async function withTable(t: TestContext): Promise<LocalSql> {
  const server = await open(t);
  await server.run(SETUP);
  return server;
}

const send = (server: LocalSql, partition = 0) =>
  produce(server.topics, 's', partition, [{ key: 'a', value: { V: 1 } }]);

/** A Kafka client's transaction: one record in partition 0. */
async function begin(server: LocalSql, id: string) {
  const { producerId, producerEpoch } = await server.transactions.initProducer(id, 60_000);
  const owner = { transactionalId: id, producerId, producerEpoch };
  await server.transactions.addPartitions(owner, [at], 0);
  const builder = new BatchBuilder();
  builder.append(0, Buffer.from('a'), Buffer.from('{"V":1}'));
  const batch = builder.build();
  sealBatch(batch, { producerId, producerEpoch, baseSequence: 0, transactional: true });
  await server.registry.partitionLog('s', 0)!.append(batch, { origin: 'client' }).durable;
  return (outcome: 'commit' | 'abort') => server.transactions.end(owner, outcome, 0);
}

/** Real time is of no use here: the clock stands still, so whatever waits for a time-out hangs. */
async function count(server: LocalSql): Promise<unknown> {
  return (await server.rows(ALL))[0]?.N;
}

const refused = (server: LocalSql, code: number, message: RegExp) =>
  assert.rejects(server.rows(ALL), (error: Error & { code: number }) => {
    assert.match(error.message, message);
    assert.equal(error.code, code);
    return true;
  });

describe('a pull query', { timeout: 10_000 }, () => {
  it('answers over empty partitions', async (t) => {
    const server = await withTable(t);
    assert.equal(await count(server), undefined);
    await send(server);
    assert.equal(await count(server), 1);
  });

  it('sees what is behind markers, and does not wait for what is open or was aborted', async (t) => {
    const server = await withTable(t);
    await (await begin(server, 'first'))('commit');
    assert.equal(await count(server), 1);
    await (await begin(server, 'second'))('abort');
    assert.equal(await count(server), 1);
    const end = await begin(server, 'idle');
    await send(server);
    await send(server, 1);
    assert.equal(await count(server), 2, 'the record behind the open transaction is not readable yet');
    await end('commit');
    assert.equal(await count(server), 4);
  });

  it('answers after a restart, with markers at the end of the source', async (t) => {
    const fs = new MemoryFileSystem();
    const first = await openLocalSql({ fs });
    await first.run(SETUP);
    await send(first);
    await (await begin(first, 'first'))('abort');
    assert.equal(await count(first), 1);
    await first.close();
    const second = await open(t, fs);
    assert.equal(await count(second), 1);
  });

  it('answers when retention has removed what the query had not read', async (t) => {
    const server = await withTable(t);
    await send(server);
    assert.equal(await count(server), 1);
    await server.run('PAUSE CTAS_T_2;');
    await send(server);
    await server.registry.partitionLog('s', 0)!.deleteRecordsBefore(2);
    await server.run('RESUME CTAS_T_2;');
    assert.equal(await count(server), 1);
    await send(server);
    assert.equal(await count(server), 2);
  });

  it('counts what comes into partitions that were added', async (t) => {
    const server = await withTable(t);
    await send(server);
    assert.equal(await count(server), 1);
    await server.registry.createPartitions([{ name: 's', partitionCount: 4 }], false);
    await send(server, 3);
    const answer = count(server);
    await server.clock.advance(2_000);
    assert.equal(await answer, 2);
  });

  it('lets push queries end where they would miss rows of an added partition', async (t) => {
    const server = await withTable(t);
    const answer = await server.sql.query('SELECT * FROM S EMIT CHANGES;', createSession());
    assert.ok(answer.kind === 'rows');
    const next = assert.rejects(answer.rows.next(), /'s' has other partitions now/);
    await server.registry.createPartitions([{ name: 's', partitionCount: 4 }], false);
    await server.clock.advance(2_000);
    await next;
  });

  it('waits for all queries before its own, also where two of them share one', async (t) => {
    const server = await withTable(t);
    await server.run(`
      CREATE STREAM A AS SELECT * FROM S;
      CREATE STREAM B AS SELECT * FROM A;
      CREATE STREAM C AS SELECT * FROM A;
      CREATE STREAM D AS SELECT * FROM B;
      INSERT INTO D SELECT * FROM C;
      CREATE TABLE LAST AS SELECT K, COUNT(*) AS N FROM D GROUP BY K;`);
    for (let n = 1; n <= 5; n++) {
      await send(server, n % 3);
      const [row] = await server.rows('SELECT N FROM LAST;');
      assert.equal(row?.N, 2 * n);
    }
  });

  it('reads the table of a paused query as it was, and says so when that is not loaded', async (t) => {
    const fs = new MemoryFileSystem();
    const first = await openLocalSql({ fs });
    await first.run(SETUP);
    await send(first);
    assert.equal(await count(first), 1);
    await first.run('PAUSE CTAS_T_2;');
    await send(first);
    assert.equal(await count(first), 1);
    await first.close();
    const second = await open(t, fs);
    await refused(second, 40001, /CTAS_T_2 was paused before the last start.*RESUME/);
    await second.run('RESUME CTAS_T_2;');
    assert.equal(await count(second), 2);
  });
});

describe('a topic deleted under a query', { timeout: 10_000 }, () => {
  const cases: [what: string, topic: string, message: RegExp][] = [
    ['source', 's', /CTAS_T_2 has stopped in ERROR.*Topic 's' does not exist/],
    ['sink', 'T', /CTAS_T_2 has stopped in ERROR.*Topic 'T' does not exist/],
    [
      'state',
      '_confluent-ksql-default_query_CTAS_T_2-Aggregate-changelog',
      /CTAS_T_2 has stopped in ERROR.*state of the query is gone.*Terminate/,
    ],
  ];
  for (const [what, topic, message] of cases)
    it(`puts it into ERROR with the reason (${what})`, async (t) => {
      const server = await withTable(t);
      await send(server);
      assert.equal(await count(server), 1);
      await server.topics.delete(topic);
      await server.clock.advance(3_000);
      await refused(server, 40000, message);
      const [query] = server.sql.persistentQueries();
      assert.equal(query?.running?.state, 'ERROR');
    });

  it('is forgiven once it is there again: PAUSE, RESUME', async (t) => {
    const server = await withTable(t);
    await server.run('CREATE STREAM COPY AS SELECT * FROM S;');
    await server.topics.delete('COPY');
    await server.clock.advance(3_000);
    await assert.rejects(server.rows('SELECT * FROM COPY;'));
    await server.topics.create({ name: 'COPY', partitionCount: 1 });
    await server.run('PAUSE CSAS_COPY_3; RESUME CSAS_COPY_3;');
    await send(server);
    assert.deepEqual(await server.rows('SELECT * FROM COPY;'), [{ K: 'a', V: 1 }]);
  });

  it('is noticed when a write fails, before anybody looked', async (t) => {
    const server = await withTable(t);
    await send(server);
    assert.equal(await count(server), 1);
    await server.topics.delete('T');
    await send(server);
    const answer = refused(server, 40000, /Topic 'T' does not exist/);
    await server.clock.advance(200);
    await answer;
  });
});

describe('pull queries of one turn', () => {
  it('share one look at the ends, which comes after the last of them', async () => {
    let looks = 0;
    let offset = 1;
    const topics: Pick<Topics, 'describe' | 'offsets'> = {
      describe: async () => {
        looks += 1;
        return [{ name: 'USER_GAME', partitionCount: 1 }] as never;
      },
      offsets: async () => ({ logStartOffset: 0, highWatermark: offset, lastStableOffset: offset }),
    };
    const waitedFor: (readonly Position[])[] = [];
    const running = {
      state: 'RUNNING',
      positions: () => [],
      reached: async (positions: readonly Position[]) => waitedFor.push(positions),
    };
    const entry = { plan: plan('Q', 'STATS_PER_USER', statsPerUser()), running, paused: false };
    const queries = { version: 0, find: () => entry, persistent: () => [entry] };
    const consistency = new Consistency(topics as Topics, queries as unknown as QueryRegistry);

    const both = [consistency.settle('Q', 1_000), consistency.settle('Q', 1_000)];
    offset = 2;
    await Promise.all(both);
    assert.equal(looks, 1);
    const end = [{ topic: 'USER_GAME', partition: 0, offset: 2 }];
    assert.deepEqual(waitedFor, [end, end]);

    offset = 3;
    await consistency.settle('Q', 1_000);
    assert.equal(looks, 2);
    assert.equal(waitedFor[2]?.[0]?.offset, 3);
  });
});
