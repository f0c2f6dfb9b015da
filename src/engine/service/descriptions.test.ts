import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type LocalSql, openLocalSql } from '../../../test/support/local-sql.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import type { Entity } from './entities.ts';
import { createSession } from './session.ts';

let server: LocalSql;
before(async () => {
  server = await openLocalSql({ fs: new MemoryFileSystem() });
  await server.run(`
    CREATE STREAM S (K STRING KEY, A INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=2);
    CREATE TABLE C AS SELECT K, COUNT(*) AS N FROM S GROUP BY K;
    CREATE STREAM T AS SELECT * FROM S;
    INSERT INTO T SELECT * FROM S;
    INSERT INTO S VALUES ('a', 1);`);
  await server.rows('SELECT * FROM C;');
});
after(() => server.close());

async function only(text: string): Promise<Entity & Record<string, never>> {
  const entities = await server.sql.execute(text, createSession());
  assert.equal(entities.length, 1);
  return entities[0] as Entity & Record<string, never>;
}

describe('DESCRIBE ... EXTENDED', () => {
  it('tells what was made from a source, and by whom it is read', async () => {
    const { sourceDescription: found } = (await only('DESCRIBE S EXTENDED;')) as never as {
      sourceDescription: Record<string, unknown>;
    };
    assert.deepEqual(found.sourceConstraints, ['C', 'T']);
    assert.deepEqual(
      (found.readQueries as { id: string }[]).map(({ id }) => id),
      ['CTAS_C_2', 'CSAS_T_3', 'INSERTQUERY_4'],
    );
    assert.deepEqual([found.partitions, found.replication, found.clusterStatistics], [2, 1, []]);
  });

  it('tells how far the queries of a sink are', async () => {
    const { sourceDescription: found } = (await only('DESCRIBE C EXTENDED;')) as never as {
      sourceDescription: { queryOffsetSummaries: unknown[] };
    };
    const [summary] = found.queryOffsetSummaries as [
      { groupId: string; topicSummaries: [{ kafkaTopic: string; offsets: Record<string, number>[] }] },
    ];
    assert.match(summary.groupId, /query_CTAS_C_2$/);
    const [{ kafkaTopic, offsets }] = summary.topicSummaries;
    assert.deepEqual([kafkaTopic, offsets.map(({ partition }) => partition)], ['s', [0, 1]]);
    assert.equal(
      offsets.reduce((sum, { logEndOffset }) => sum + logEndOffset!, 0),
      1,
    );
    assert.equal(
      offsets.reduce((sum, { consumerOffset }) => sum + consumerOffset!, 0),
      1,
    );
  });
});

describe('EXPLAIN of a query that runs', () => {
  it('tells its tasks and their offsets', async () => {
    const { queryDescription: found } = (await only('EXPLAIN CTAS_C_2;')) as never as {
      queryDescription: {
        tasksMetadata: { topicOffsets: { committedOffset: number; endOffset: number }[] }[];
      };
    };
    const [task] = found.tasksMetadata;
    const committed = task?.topicOffsets.map(({ committedOffset, endOffset }) => committedOffset - endOffset);
    assert.deepEqual(committed, [0, 0]);
  });

  it('also of a push query, which SHOW QUERIES EXTENDED lists too', async () => {
    const answer = await server.sql.query('SELECT A FROM S EMIT CHANGES;', createSession());
    assert.ok(answer.kind === 'rows');
    const { queryId } = answer.rows;
    const { queryDescription: found } = (await only(`EXPLAIN ${queryId};`)) as never as {
      queryDescription: Record<string, unknown>;
    };
    assert.deepEqual(
      [found.id, found.queryType, found.sources, found.state],
      [queryId, 'PUSH', ['S'], 'RUNNING'],
    );
    const { queryDescriptions } = (await only('SHOW QUERIES EXTENDED;')) as never as {
      queryDescriptions: { id: string }[];
    };
    assert.deepEqual(
      queryDescriptions.map(({ id }) => id),
      ['CTAS_C_2', 'CSAS_T_3', 'INSERTQUERY_4', queryId],
    );
    answer.rows.close();
  });
});
