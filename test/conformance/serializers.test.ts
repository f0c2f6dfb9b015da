// Records with schema ids between clients of different languages: what one writes the other reads, in every format.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { it } from 'node:test';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { Kafka, logLevel } from 'kafkajs';
import { afterTest } from '../support/after-test.ts';
import { confluentSerializers, runProgram } from '../support/foreign.ts';
import { serverForTest } from '../support/server.ts';

const python = confluentSerializers();
const skip = python
  ? false
  : "confluent-kafka's serializers for Python are missing (scripts/fetch-rivals.sh)";
const script = new URL('./python/confluent_serializers.py', import.meta.url).pathname;

const TOPICS = ['plays-avro', 'plays-json', 'plays-proto'] as const;

async function runPython(mode: 'write' | 'read', ...addresses: string[]): Promise<unknown> {
  const { stdout, stderr } = await runProgram(python as string, [script, mode, ...addresses]);
  assert.notEqual(stdout, '', stderr);
  return JSON.parse(stdout);
}

/** KafkaJS' client leaves out which message of the file it is; [0], the first one, is a single zero behind the id. */
function withIndex(value: Buffer): Buffer {
  return Buffer.concat([value.subarray(0, 5), Buffer.from([0]), value.subarray(5)]);
}

it('Python and JavaScript read what the other has written in Avro, JSON and Protobuf', {
  skip,
}, async (t) => {
  const server = await serverForTest(t);
  assert.deepEqual(await runPython('write', server.kafka, server.registry), {
    subjects: ['plays-avro-value', 'plays-json-value', 'plays-proto-value'],
    latest: [1, true],
    again: true,
    found: 1,
    compatible: false,
    refused: [409, 409],
    level: 'FULL',
    references: ['plays-avro-value'],
    referenced: 42206,
    left: ['plays-avro-value', 'plays-json-value', 'plays-proto-value'],
  });

  const kafka = new Kafka({ brokers: [server.kafka], logLevel: logLevel.NOTHING });
  const registry = new SchemaRegistry({ host: server.registry });
  const seen: Record<string, unknown> = {};
  const consumer = kafka.consumer({ groupId: 'js' });
  afterTest(t, () => consumer.disconnect());
  await consumer.connect();
  await consumer.subscribe({ topics: [...TOPICS], fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const read = async (topic: string, value: Buffer | null) => {
      seen[topic] = await registry.decode(value as Buffer);
      if (Object.keys(seen).length === TOPICS.length) resolve();
    };
    consumer
      .run({ eachMessage: ({ topic, message }) => read(topic, message.value).catch(reject) })
      .catch(reject);
  });
  const plain = JSON.parse(JSON.stringify(seen)) as Record<string, Record<string, unknown>>;
  assert.deepEqual(plain['plays-avro'], { player: 'ada', score: 4503599627370497, level: 3 });
  assert.deepEqual(plain['plays-json'], { player: 'ada', score: 7 });
  assert.equal(plain['plays-proto']?.player, 'ada');

  const producer = kafka.producer();
  afterTest(t, () => producer.disconnect());
  await producer.connect();
  for (const topic of TOPICS) {
    const id = await registry.getLatestSchemaId(`${topic}-value`);
    const play = { player: 'bob', score: 8, ...(topic === 'plays-avro' && { level: null }) };
    const value = await registry.encode(id, play);
    await producer.send({ topic, messages: [{ value: topic === 'plays-proto' ? withIndex(value) : value }] });
  }

  const score = (player: string, value: number) => ({ player, score: value });
  const read = (await runPython('read', server.kafka, server.registry)) as Record<
    string,
    { player: string }[]
  >;
  for (const plays of Object.values(read)) plays.sort((one, other) => (one.player < other.player ? -1 : 1));
  assert.deepEqual(read, {
    'plays-avro': [
      { ...score('ada', 4503599627370497), level: 3 },
      { ...score('bob', 8), level: null },
    ],
    'plays-json': [score('ada', 7), score('bob', 8)],
    'plays-proto': [score('ada', 7), score('bob', 8)],
  });
});

it("Java's serializers", { skip: 'io.confluent is not on Maven Central' });
