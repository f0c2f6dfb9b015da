import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { Metrics } from '../../base/metrics.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { compress } from '../../record/compression.ts';
import { configRules } from '../config/config-rules.ts';
import { ResourceConfigs } from '../metadata/resource-configs.ts';
import { type ClientDescription, ClientTelemetry, NO_INSTANCE } from './client-telemetry.ts';
import { readMetrics } from './otlp.ts';
import { ProtobufError } from './protobuf-reader.ts';
import { PushedMetrics } from './pushed-metrics.ts';

/** A field that holds bytes or another message. */
function bytesField(number: number, ...content: (Buffer | string)[]): Buffer {
  const bytes = Buffer.concat(content.map((each) => Buffer.from(each)));
  return Buffer.concat([Buffer.from([number * 8 + 2, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

function fixed64(number: number, write: (target: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = number * 8 + 1;
  write(bytes.subarray(1));
  return bytes;
}

const attribute = (key: string, value: string) =>
  bytesField(7, bytesField(1, key), bytesField(2, bytesField(1, value)));
const asDouble = (value: number) => fixed64(4, (target) => target.writeDoubleLE(value));
const asInt = (value: bigint) => fixed64(6, (target) => target.writeBigInt64LE(value));
const message = (...metrics: Buffer[]) =>
  bytesField(1, bytesField(1, 'resource'), bytesField(2, ...metrics.map((metric) => bytesField(2, metric))));

const GAUGE = Buffer.concat([
  bytesField(1, 'org.apache.kafka.producer.request.latency.avg'),
  bytesField(5, bytesField(1, asDouble(1.5), attribute('node.id', '1'))),
]);
/** A sum since the last push: temporality 1. */
const DELTA = Buffer.concat([
  bytesField(1, 'org.apache.kafka.producer.connection.total'),
  bytesField(7, bytesField(1, asInt(3n)), Buffer.from([2 * 8, 1])),
]);

describe('pushed metrics', () => {
  it('are read as OpenTelemetry writes them', () => {
    assert.deepEqual(readMetrics(message(GAUGE, DELTA)), [
      {
        name: 'org.apache.kafka.producer.request.latency.avg',
        attributes: { 'node.id': '1' },
        value: 1.5,
        isDelta: false,
      },
      { name: 'org.apache.kafka.producer.connection.total', attributes: {}, value: 3, isDelta: true },
    ]);
  });

  it('cut short anywhere give an error, or less', () => {
    const whole = message(GAUGE, DELTA);
    for (let length = 0; length < whole.length; length++) {
      try {
        assert.ok(readMetrics(whole.subarray(0, length)).length <= 2);
      } catch (error) {
        assert.ok(error instanceof ProtobufError, String(error));
      }
    }
  });
});

const ID = 'a'.repeat(32);

function telemetry(subscriptions: Record<string, Record<string, string>>) {
  const clock = new VirtualClock();
  const metrics = new Metrics();
  const configs = new ResourceConfigs(configRules());
  const set = (name: string, value: Record<string, string>) =>
    configs.replay({ kind: 'config', resource: { kind: 'client-metrics', name }, value });
  for (const [name, value] of Object.entries(subscriptions)) set(name, value);
  const client = new ClientTelemetry({
    configs,
    pushed: new PushedMetrics(metrics),
    clock,
    random: new SeededRandom(1),
    maxBytes: () => 1000,
  });
  const describe = (instanceId: string): ClientDescription => ({
    client_instance_id: instanceId,
    client_id: 'app-1',
    client_software_name: 'apache-kafka-java',
    client_software_version: '4.1.0',
    client_source_address: '10.0.0.1',
    client_source_port: '5000',
  });
  const push = (subscriptionId: number, more: Partial<Parameters<ClientTelemetry['push']>[0]> = {}) =>
    client.push(
      {
        clientInstanceId: ID,
        subscriptionId,
        terminating: false,
        compressionType: 0,
        metrics: message(GAUGE, DELTA),
        ...more,
      },
      describe,
    );
  return {
    clock,
    set,
    push,
    subscribe: (id = ID) => client.subscribe(id, describe),
    text: () => metrics.render(),
  };
}

describe('a subscription', () => {
  it('holds what all that match ask for', () => {
    const { subscribe } = telemetry({
      a: { metrics: 'org.apache.kafka.producer.,x.', 'interval.ms': '5000', match: 'client_id=app.*' },
      b: { metrics: 'x.,y.', 'interval.ms': '2000' },
      c: { metrics: '*', match: 'client_id=app.*,client_software_name=librdkafka' },
    });
    const { subscription } = subscribe();
    assert.deepEqual(subscription?.metrics, ['org.apache.kafka.producer.', 'x.', 'y.']);
    assert.equal(subscription?.pushIntervalMs, 2000);
  });

  it('asks for nothing, rarely, when none matches; for everything with a star', () => {
    const { subscription } = telemetry({}).subscribe();
    assert.deepEqual([subscription?.metrics, subscription?.pushIntervalMs], [[], 300_000]);
    assert.deepEqual(telemetry({ all: { metrics: '*' } }).subscribe().subscription?.metrics, ['']);
  });

  it('gives a client without an id one', () => {
    assert.match(telemetry({}).subscribe(NO_INSTANCE).instanceId, /^[0-9a-f]{32}$/);
  });
});

describe('a push', () => {
  const wanted = { a: { metrics: '*', 'interval.ms': '1000' } };

  it('is shown, and what was counted since the last one is added up', async () => {
    const { clock, subscribe, push, text } = telemetry(wanted);
    const { subscriptionId } = subscribe().subscription!;
    assert.equal(push(subscriptionId), 'NONE');
    await clock.advance(1000);
    const metrics = Buffer.from(compress('zstd', message(GAUGE, DELTA)));
    assert.equal(push(subscriptionId, { compressionType: 4, metrics }), 'NONE');
    assert.match(text(), /kafka_client_producer_connection_total\{client_id="app-1",[^}]*\} 6\n/);
    assert.match(text(), /kafka_client_producer_request_latency_avg\{[^}]*node_id="1"\} 1\.5\n/);
    assert.equal(push(subscriptionId, { terminating: true }), 'NONE');
    assert.doesNotMatch(text(), /app-1/);
    assert.equal(push(subscriptionId), 'INVALID_REQUEST');
  });

  it('too early, of another subscription, too large or garbled is refused', async () => {
    const { clock, set, subscribe, push } = telemetry(wanted);
    const { subscriptionId } = subscribe().subscription!;
    assert.equal(push(0, { clientInstanceId: NO_INSTANCE }), 'INVALID_REQUEST');
    assert.equal(push(subscriptionId), 'NONE');
    assert.equal(push(subscriptionId), 'THROTTLING_QUOTA_EXCEEDED');
    assert.equal(subscribe().error, 'THROTTLING_QUOTA_EXCEEDED');
    const cases = [
      [{ metrics: Buffer.alloc(1001) }, 'TELEMETRY_TOO_LARGE'],
      [{ compressionType: 9 }, 'UNSUPPORTED_COMPRESSION_TYPE'],
      [{ compressionType: 4 }, 'INVALID_RECORD'],
      [{ metrics: Buffer.from([10, 50]) }, 'INVALID_RECORD'],
    ] as const;
    for (const [more, error] of cases) {
      await clock.advance(1000);
      assert.equal(push(subscriptionId, more), error);
    }
    set('a', { metrics: 'x.' });
    await clock.advance(1000);
    assert.equal(push(subscriptionId), 'THROTTLING_QUOTA_EXCEEDED');
    await clock.advance(300_000);
    assert.equal(push(subscriptionId), 'UNKNOWN_SUBSCRIPTION_ID');
    assert.equal(subscribe().error, 'NONE');
  });
});
