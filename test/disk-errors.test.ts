// A disk that is full or fails: nobody is told that something is kept which is not, the others go on, and after a
// restart everything that was acknowledged is there.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Logger } from '../src/base/logger.ts';
import { MemoryFileSystem } from '../src/base/memory-fs.ts';
import { SeededRandom } from '../src/base/seeded-random.ts';
import { clientBatch } from '../src/log/log-fixture.ts';
import { openLocalSql } from './support/local-sql.ts';
import { checkAfter, liveThrough } from './support/system-life.ts';
import { startWireServer } from './support/wire-server.ts';

const SAMPLES = 10;

function recorder(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const note = (message: string, fields?: object) => lines.push(`${message} ${JSON.stringify(fields)}`);
  const logger: Logger = { debug: () => {}, info: () => {}, warn: note, error: note, child: () => logger };
  return { logger, lines };
}

describe('a server whose disk fails once', { timeout: 60_000 }, () => {
  const cases: [operation: 'write' | 'sync', code: string, keep: 'synced' | 'random' | 'all'][] = [
    ['write', 'ENOSPC', 'all'],
    ['write', 'EIO', 'synced'],
    ['sync', 'EIO', 'synced'],
    ['sync', 'ENOSPC', 'random'],
  ];
  for (const [operation, code, keep] of cases)
    it(`answers with an error or not at all affected, and keeps its promises: ${code} on ${operation}`, async () => {
      const random = new SeededRandom(code.length);
      for (let n = 0; n < SAMPLES; n++) {
        const at = 3 + n * 10 + Math.floor(random.next() * 10);
        const fs = new MemoryFileSystem();
        const { logger, lines } = recorder();
        const { promised, error, path } = await liveThrough(fs, { operation, at, code }, logger);
        const where = `${code} at ${operation} ${at}, of ${path}`;
        assert.ok(promised.ended || error, where);
        assert.ok([error?.message, ...lines].join().includes(path), `${where}: neither told nor logged`);
        await checkAfter(fs.crash({ keep, random: new SeededRandom(at) }), promised).catch(
          (cause: unknown) => {
            throw new Error(`${where}: ${cause}`, { cause });
          },
        );
      }
    });

  it('goes on with other partitions, topics and queries', async () => {
    const fs = new MemoryFileSystem();
    const server = await openLocalSql({ fs });
    await server.run(`
      CREATE STREAM BAD (K STRING KEY, V INT) WITH (KAFKA_TOPIC='bad', VALUE_FORMAT='JSON', PARTITIONS=1);
      CREATE STREAM GOOD (K STRING KEY, V INT) WITH (KAFKA_TOPIC='good', VALUE_FORMAT='JSON', PARTITIONS=1);
      CREATE TABLE SUMS AS SELECT K, SUM(V) AS V FROM GOOD GROUP BY K;
      INSERT INTO BAD VALUES ('a', 1);`);
    fs.failNext('sync', 'EIO');
    await assert.rejects(server.run("INSERT INTO BAD VALUES ('a', 2);"), { code: 50000 });
    await assert.rejects(server.run("INSERT INTO BAD VALUES ('a', 3);"), { code: 50000 });
    await server.run("INSERT INTO GOOD VALUES ('a', 4);");
    assert.deepEqual(await server.rows('SELECT * FROM SUMS;'), [{ K: 'a', V: 4 }]);
    assert.deepEqual(await server.rows('SELECT V FROM BAD;'), [{ V: 1 }]);
    await server.close();
  });

  it('tells a producer KAFKA_STORAGE_ERROR for that partition, and for it alone', async () => {
    await using server = await startWireServer();
    await server.topics.create('t', 2);
    const client = await server.connect();
    const codes = async () => {
      const partitionData = [0, 1].map((index) => ({ index, records: clientBatch('x') }));
      const topicData = [{ name: 't', partitionData }];
      const { responses } = await client.request('Produce', 9, { acks: -1, timeoutMs: 1000, topicData });
      return responses[0]!.partitionResponses.map(({ errorCode, baseOffset }) => [errorCode, baseOffset]);
    };
    server.fs.onCall = ({ operation, path }) => {
      if (operation === 'sync' && path.includes('/t-0/')) server.fs.failNext('sync', 'EIO');
    };
    const refused = [56, -1];
    assert.deepEqual(await codes(), [refused, [0, 0]]);
    server.fs.onCall = undefined;
    assert.deepEqual(await codes(), [refused, [0, 1]], 'the disk is well again, the partition stays closed');
    assert.match(server.complaints.join(), /sync '\/data\/t-0\/0+\.log'/);
  });

  it('stops a query whose results cannot be written, and says why to those who ask for its table', async () => {
    const fs = new MemoryFileSystem();
    const first = await openLocalSql({ fs });
    await first.run(`
      CREATE STREAM S (K STRING KEY, V INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);
      CREATE TABLE T AS SELECT K, SUM(V) AS V FROM S GROUP BY K;
      INSERT INTO S VALUES ('a', 1);`);
    await first.rows('SELECT * FROM T;');
    fs.onCall = ({ operation, path }) => {
      if (operation === 'write' && path.includes('/T-0/')) fs.failNext('write', 'ENOSPC');
    };
    await first.run("INSERT INTO S VALUES ('a', 2);");
    const answer = assert.rejects(first.rows('SELECT * FROM T;'), {
      code: 40000,
      message: /CTAS_T_2 has stopped in ERROR.*T-0 is closed for writing after ENOSPC/,
    });
    await first.clock.advance(2_000);
    await answer;
    fs.onCall = undefined;
    await first.close();
    const second = await openLocalSql({ fs });
    assert.deepEqual(await second.rows('SELECT * FROM T;'), [{ K: 'a', V: 3 }]);
    await second.close();
  });
});
