// What queries had to leave out, as a stream that SQL reads.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Millrace } from '../src/millrace.ts';

it('a record that cannot be read is a row of KSQL_PROCESSING_LOG', { timeout: 20_000 }, async () => {
  const millrace = await Millrace.start({
    data: 'memory',
    sqlProperties: { 'ksql.logging.processing.stream.auto.create': 'true' },
    sql: `CREATE STREAM RAW (T STRING) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='KAFKA', PARTITIONS=1);
      CREATE STREAM S (A INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');
      CREATE STREAM T AS SELECT 10 / A AS Q FROM S;`,
  });
  try {
    const query = 'SELECT LOGGER, LEVEL, TIME, MESSAGE FROM KSQL_PROCESSING_LOG EMIT CHANGES LIMIT 2;';
    const rows = await millrace.sql<{ LOGGER: string; LEVEL: string; MESSAGE: Record<string, unknown> }>(
      query,
    );
    await millrace.sql("INSERT INTO RAW VALUES ('no json');");
    await millrace.sql('INSERT INTO S VALUES (0);');
    const seen: unknown[] = [];
    for await (const { LOGGER, LEVEL, MESSAGE } of rows as AsyncIterable<{
      LOGGER: string;
      LEVEL: string;
      MESSAGE: Record<string, Record<string, unknown> | null>;
    }>) {
      const error = MESSAGE.deserializationError ?? MESSAGE.recordProcessingError;
      seen.push([LOGGER.replace(/\..*\./, '.'), LEVEL, MESSAGE.type, error?.topic, error?.offset]);
    }
    assert.deepEqual(seen, [
      ['processing.deserializer', 'ERROR', 0, 's', 0],
      ['processing.Project', 'ERROR', 1, 's', 1],
    ]);
  } finally {
    await millrace.stop();
  }
});
