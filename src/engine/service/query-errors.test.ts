import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { startSqlService } from '../../../test/support/sql-service.ts';
import { silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { MemoryTopics } from '../../testing/memory-topics.ts';
import { Engine } from '../engine.ts';
import type { QueryDescription } from './entities.ts';
import { createSession } from './session.ts';

test('a failure is seen while the query waits to go on, and remembered afterwards', async () => {
  const topics = new MemoryTopics();
  const clock = new VirtualClock();
  const engine = new Engine({ topics, clock, logger: silentLogger });
  const { sql, stop } = await startSqlService({ topics, engine, clock });
  const run = (text: string) => sql.execute(text, createSession());
  await run(`SET 'ksql.query.retry.backoff.initial.ms'='7000';
    CREATE STREAM S (A INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);
    CREATE STREAM T AS SELECT * FROM S;`);
  const explain = async (): Promise<QueryDescription> => {
    const [entity] = await run('EXPLAIN CSAS_T_2;');
    assert.equal(entity?.['@type'], 'queryDescription');
    return entity.queryDescription;
  };
  const until = async (state: string): Promise<QueryDescription> => {
    for (let n = 0; n < 1_000; n++) {
      const description = await explain();
      if (description.state === state) return description;
      await turn();
    }
    return explain();
  };
  assert.deepEqual((await explain()).queryErrors, []);
  topics.failCommits('lost');
  await run('INSERT INTO S VALUES (1);');
  const waiting = await until('ERROR');
  assert.equal(waiting.state, 'ERROR');
  assert.equal(waiting.queryErrors.length, 1);
  assert.deepEqual(waiting.retry, { attempt: 1, timestamp: clock.nowMs() + 7_000 });
  await clock.advance(7_000);
  const again = await until('RUNNING');
  assert.deepEqual([again.state, again.queryErrors.length, again.retry], ['RUNNING', 1, undefined]);
  await stop();
});
