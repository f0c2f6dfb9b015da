// Protocol Buffers between SQL and confluent-kafka for Python, through the registry, in both directions.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import { Millrace } from '../../src/millrace.ts';
import { confluentPython, runProgram } from '../support/foreign.ts';

const python = confluentPython();
const has =
  python && spawnSync(python, ['-c', 'import confluent_kafka.schema_registry.protobuf']).status === 0;
const skip = has
  ? false
  : 'the protobuf serializers of confluent-kafka for Python are missing (scripts/fetch-rivals.sh)';
const script = new URL('./python/protobuf_orders.py', import.meta.url).pathname;

it('SQL reads what Python has written, and Python reads what SQL has written', { skip }, async (t) => {
  const millrace = await Millrace.start({
    data: 'memory',
    workers: 0,
    topics: [{ name: 'orders', partitionCount: 1 }],
    sqlProperties: { 'auto.offset.reset': 'earliest' },
  });
  t.after(() => millrace.stop());
  const run = async (mode: string): Promise<unknown> => {
    const addresses = [millrace.kafkaAddress, millrace.registryAddress ?? ''];
    const { stdout, stderr } = await runProgram(python as string, [script, mode, ...addresses]);
    assert.notEqual(stdout, '', stderr);
    return JSON.parse(stdout);
  };
  assert.equal(await run('produce'), 0);
  await millrace.sql(
    "CREATE STREAM orders WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='PROTOBUF', VALUE_SCHEMA_FULL_NAME='shop.Order');",
  );
  const nothing = {
    ID: 0,
    PRICE: 0,
    MADE: null,
    POINTS: null,
    NUMBERS: [],
    STATE: 'NEW',
    LINES: [],
    NOTE: null,
  };
  assert.deepEqual(
    await millrace.sql(
      "SELECT payment_0->card AS card, id, price, made, points, numbers, state, lines, tags['a'] AS tag, note FROM orders;",
    ),
    [
      { CARD: null, TAG: null, ...nothing },
      {
        CARD: 'visa',
        ID: -1,
        PRICE: 1.5,
        MADE: new Date(1_700_000_000_123),
        POINTS: 0,
        NUMBERS: [1, 4_000_000_000],
        STATE: 'DONE',
        LINES: [{ SKU: 's' }],
        TAG: 1,
        NOTE: '',
      },
    ],
  );
  await millrace.sql('CREATE STREAM paid AS SELECT id, price, numbers, payment_0->card AS card FROM orders;');
  assert.deepEqual(await run('consume'), [
    [0, 0, [], ''],
    [-1, 1.5, [1, 4_000_000_000], 'visa'],
  ]);
});
