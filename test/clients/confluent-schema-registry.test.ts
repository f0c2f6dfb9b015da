// A client of Confluent's registry writes records with schemas; SQL takes their columns, and the client reads what SQL writes.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { Kafka, logLevel } from 'kafkajs';
import { Millrace } from '../../src/millrace.ts';
import { eventually } from '../support/server.ts';

for (const [format, type, schema] of [
  [
    'AVRO',
    SchemaType.AVRO,
    {
      type: 'record',
      name: 'Boat',
      namespace: 'harbour',
      fields: [
        { name: 'name', type: 'string' },
        { name: 'feet', type: ['null', 'int'] },
      ],
    },
  ],
  [
    'JSON_SR',
    SchemaType.JSON,
    { type: 'object', properties: { name: { type: 'string' }, feet: { type: ['null', 'integer'] } } },
  ],
] as const)
  it(`${format} between a client and SQL`, { timeout: 60_000 }, async (t) => {
    const millrace = await Millrace.start({
      data: 'memory',
      sqlProperties: { 'auto.offset.reset': 'earliest' },
    });
    t.after(() => millrace.stop());
    // The client's validator does not know Kafka Connect's keywords unless it is told to pass over them.
    const lenient = { [SchemaType.JSON]: { strict: false } };
    const registry = new SchemaRegistry({ host: `http://${millrace.registryAddress}` }, lenient);
    const kafka = new Kafka({ brokers: [millrace.kafkaAddress], logLevel: logLevel.NOTHING });
    const { id } = await registry.register({ type, schema: JSON.stringify(schema) } as never, {
      subject: 'boats-value',
    });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'boats', numPartitions: 1 }] });
    await admin.disconnect();
    const producer = kafka.producer();
    await producer.connect();
    const boats = [
      { name: 'Ann', feet: 40 },
      { name: 'Bea', feet: null },
    ];
    for (const boat of boats)
      await producer.send({
        topic: 'boats',
        messages: [{ key: boat.name, value: await registry.encode(id, boat) }],
      });
    await producer.disconnect();

    await millrace.sql(
      `CREATE STREAM boats (k VARCHAR KEY) WITH (KAFKA_TOPIC='boats', VALUE_FORMAT='${format}');`,
    );
    await millrace.sql('CREATE STREAM long AS SELECT k, name, feet, feet > 30 AS is_long FROM boats;');
    await eventually('what the query makes of them', async () => {
      const rows = await millrace.sql('SELECT * FROM long;');
      return (rows as readonly unknown[]).length === 2 ? rows : undefined;
    });

    const consumer = kafka.consumer({ groupId: 'reader' });
    t.after(() => consumer.disconnect());
    await consumer.connect();
    await consumer.subscribe({ topic: 'LONG', fromBeginning: true });
    const seen: unknown[] = [];
    await consumer.run({
      eachMessage: async ({ message }) => {
        seen.push(JSON.parse(JSON.stringify(await registry.decode(message.value as Buffer))));
      },
    });
    await eventually('the records of the query', async () => (seen.length === 2 ? seen : undefined));
    assert.deepEqual(seen, [
      { NAME: 'Ann', FEET: 40, IS_LONG: true },
      { NAME: 'Bea', FEET: null, IS_LONG: false },
    ]);
  });
