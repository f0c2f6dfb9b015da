import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSqlService } from '../../../test/support/sql-service.ts';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { SqlValue } from '../../data/types.ts';
import { BatchBuilder } from '../../record/batch-builder.ts';
import { MemoryTopics } from '../../testing/memory-topics.ts';
import { Engine } from '../engine.ts';
import { createSession } from './session.ts';

/** The rows a push query over this relation shows of three records, the second without a value. */
async function rowsOf(relation: 'STREAM' | 'TABLE', limit: number): Promise<[SqlValue[], boolean][]> {
  const topics = new MemoryTopics();
  const engine = new Engine({ topics, clock: systemClock, logger: silentLogger });
  const { sql, stop } = await startSqlService({ topics, engine });
  const session = createSession({ 'auto.offset.reset': 'earliest' });
  const key = relation === 'TABLE' ? 'PRIMARY KEY' : 'KEY';
  await sql.execute(
    `CREATE ${relation} lamps (id STRING ${key}, lit BOOLEAN)
       WITH (kafka_topic='lamps', value_format='JSON', partitions=1);`,
    session,
  );
  for (const value of ['{"lit":true}', null, '{"lit":false}']) {
    const batch = new BatchBuilder();
    batch.append(1, Buffer.from('hall'), value === null ? null : Buffer.from(value));
    await topics.append({ topic: 'lamps', partition: 0, batch: batch.build() });
  }
  const answer = await sql.query(`SELECT * FROM lamps EMIT CHANGES LIMIT ${limit};`, session);
  assert.equal(answer.kind, 'rows');
  const rows: [SqlValue[], boolean][] = [];
  for (let batch = await answer.rows.next(); batch; batch = await answer.rows.next())
    for (const { values, tombstone } of batch) rows.push([[...values], tombstone]);
  await stop();
  return rows;
}

test('a stream does not show its records without a value', async () => {
  assert.deepEqual(await rowsOf('STREAM', 2), [
    [['hall', true], false],
    [['hall', false], false],
  ]);
});

test('queries that start at the same time count towards the limit too', async () => {
  const topics = new MemoryTopics();
  const engine = new Engine({ topics, clock: systemClock, logger: silentLogger });
  const { sql, stop } = await startSqlService({ topics, engine, maxPushQueries: 2 });
  await sql.execute(
    "CREATE STREAM lamps (lit BOOLEAN) WITH (kafka_topic='lamps', value_format='JSON', partitions=1);",
    createSession(),
  );
  const asked = Array.from({ length: 5 }, () =>
    sql.query('SELECT * FROM lamps EMIT CHANGES;', createSession()),
  );
  const outcomes = (await Promise.allSettled(asked)).map(({ status }) => status);
  assert.deepEqual(outcomes, ['fulfilled', 'fulfilled', 'rejected', 'rejected', 'rejected']);
  await stop();
});

test('a table shows a deletion by its key', async () => {
  assert.deepEqual(await rowsOf('TABLE', 3), [
    [['hall', true], false],
    [['hall', null], true],
    [['hall', false], false],
  ]);
});
