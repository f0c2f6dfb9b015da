import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { java, kafkaClasspath } from '../support/foreign.ts';
import { serverForTest } from '../support/server.ts';

const skip = kafkaClasspath() ? false : 'Apache Kafka jars or Java are missing (scripts/fetch-rivals.sh)';
const TOOLS = 'org.apache.kafka.tools';

describe('Apache Kafka 4.1 tools and clients', { skip }, () => {
  it('kafka-topics creates, describes, alters, lists and deletes', async (t) => {
    const { kafka } = await serverForTest(t);
    const topics = (...args: string[]) =>
      java(`${TOOLS}.TopicCommand`, ['--bootstrap-server', kafka, ...args]);
    const created = await topics(
      '--create',
      '--topic',
      'orders',
      '--partitions',
      '3',
      '--config',
      'retention.ms=60000',
    );
    assert.equal(created.code, 0, created.stdout + created.stderr);
    const described = await topics('--describe', '--topic', 'orders');
    assert.match(
      described.stdout,
      /Topic: orders\s+TopicId: \S+\s+PartitionCount: 3\s+ReplicationFactor: 1\s+Configs: .*retention\.ms=60000/,
    );
    assert.equal((await topics('--alter', '--topic', 'orders', '--partitions', '5')).code, 0);
    assert.match((await topics('--describe', '--topic', 'orders')).stdout, /PartitionCount: 5/);
    assert.match((await topics('--create', '--topic', 'orders')).stdout, /already exists/);
    assert.match((await topics('--list')).stdout, /^orders$/m);
    assert.equal((await topics('--delete', '--topic', 'orders')).code, 0);
    assert.doesNotMatch((await topics('--list')).stdout, /^orders$/m);
  });

  it('console producer and consumer move lines, each way of grouping', async (t) => {
    const { kafka } = await serverForTest(t);
    const input = Array.from({ length: 100 }, (_, n) => `key${n}\tline ${n}`).join('\n');
    const produced = await java(
      `${TOOLS}.ConsoleProducer`,
      ['--bootstrap-server', kafka, '--topic', 'lines', '--property', 'parse.key=true'],
      { input: `${input}\n` },
    );
    assert.equal(produced.code, 0, produced.stderr);
    for (const protocol of ['classic', 'consumer']) {
      const consumed = await java(`${TOOLS}.consumer.ConsoleConsumer`, [
        ...[
          '--bootstrap-server',
          kafka,
          '--topic',
          'lines',
          '--from-beginning',
          '--max-messages',
          '100',
          '--timeout-ms',
          '20000',
        ],
        ...[
          '--property',
          'print.key=true',
          '--group',
          `g-${protocol}`,
          '--consumer-property',
          `group.protocol=${protocol}`,
        ],
      ]);
      assert.deepEqual(
        consumed.stdout.trimEnd().split('\n').sort(),
        input.split('\n').sort(),
        consumed.stderr,
      );
    }
  });

  it('a perf producer and consumer agree on the count', async (t) => {
    const { kafka } = await serverForTest(t);
    const produced = await java(`${TOOLS}.ProducerPerformance`, [
      ...['--topic', 'perf', '--num-records', '50000', '--record-size', '200', '--throughput', '-1'],
      ...['--producer-props', `bootstrap.servers=${kafka}`, 'acks=all', 'compression.type=lz4'],
    ]);
    assert.match(produced.stdout, /50000 records sent/, produced.stderr);
    const offsets = await java(`${TOOLS}.GetOffsetShell`, ['--bootstrap-server', kafka, '--topic', 'perf']);
    assert.equal(offsets.stdout.trim(), 'perf:0:50000', offsets.stderr);
    const consumed = await java(`${TOOLS}.ConsumerPerformance`, [
      '--bootstrap-server',
      kafka,
      '--topic',
      'perf',
      '--messages',
      '50000',
      '--timeout',
      '20000',
    ]);
    const [header, row] = consumed.stdout
      .trim()
      .split('\n')
      .map((line) => line.split(', '));
    assert.equal(
      row?.[header?.indexOf('data.consumed.in.nMsg') ?? -1],
      '50000',
      consumed.stdout + consumed.stderr,
    );
  });

  it('kafka-consumer-groups shows positions and lag', async (t) => {
    const { kafka } = await serverForTest(t);
    await java(`${TOOLS}.ConsoleProducer`, ['--bootstrap-server', kafka, '--topic', 'lag'], {
      input: 'a\nb\nc\n',
    });
    const read = await java(`${TOOLS}.consumer.ConsoleConsumer`, [
      '--bootstrap-server',
      kafka,
      '--topic',
      'lag',
      '--from-beginning',
      '--max-messages',
      '3',
      '--group',
      'laggards',
      '--timeout-ms',
      '20000',
    ]);
    assert.equal(read.stdout, 'a\nb\nc\n', read.stderr);
    await java(`${TOOLS}.ConsoleProducer`, ['--bootstrap-server', kafka, '--topic', 'lag'], { input: 'd\n' });
    const groups = (...args: string[]) =>
      java(`${TOOLS}.consumer.group.ConsumerGroupCommand`, ['--bootstrap-server', kafka, ...args]);
    assert.match((await groups('--list')).stdout, /^laggards$/m);
    const { stdout, stderr } = await groups('--describe', '--group', 'laggards');
    assert.match(stdout, /laggards\s+lag\s+0\s+3\s+4\s+1/, stdout + stderr);
  });

  it('kafka-broker-api-versions and kafka-configs answer', async (t) => {
    const { kafka } = await serverForTest(t);
    const versions = await java(`${TOOLS}.BrokerApiVersionsCommand`, ['--bootstrap-server', kafka]);
    assert.match(versions.stdout, /Produce\(0\): 0 to 13 \[usable: 13\]/, versions.stderr);
    const configs = await java('kafka.admin.ConfigCommand', [
      '--bootstrap-server',
      kafka,
      '--entity-type',
      'brokers',
      '--entity-name',
      '1',
      '--describe',
      '--all',
    ]);
    assert.match(configs.stdout, /message\.max\.bytes=1048588/, configs.stdout + configs.stderr);
  });
});
