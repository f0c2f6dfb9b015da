import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { RawClient } from '../../../test/support/raw-client.ts';
import { systemClock } from '../../base/clock.ts';
import { LogLevels } from '../../base/log-levels.ts';
import { createLogger } from '../../base/logger.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { type ErrorName, errorByCode, errorCode } from '../../protocol/errors.ts';
import { Broker } from '../broker.ts';

const [TOPIC, BROKER, LOGGER, SUBSCRIPTION, GROUP] = [2, 4, 8, 16, 32];
const OPERATIONS = { set: 0, delete: 1, append: 2, subtract: 3, unknown: 9 };

const fs = new MemoryFileSystem();
const lines: string[] = [];
let broker: Broker;
let client: RawClient;

async function start(): Promise<void> {
  const logLevels = new LogLevels('warn');
  broker = await Broker.start({
    fs,
    dataDir: '/data',
    clock: systemClock,
    random: new SeededRandom(3),
    logger: createLogger({ levels: logLevels, clock: systemClock, write: (line) => lines.push(line) }),
    logLevels,
    listen: { host: '127.0.0.1', port: 0 },
    config: { 'log.retention.minutes': '5', 'some.plugin.secret': 'x' },
  });
  client = await RawClient.connect(Number(broker.address.split(':')[1]));
}

async function stop(): Promise<void> {
  client.close();
  await broker.stop();
}

before(async () => {
  await start();
  await broker.topics.create({ name: 't', partitionCount: 2 });
});
after(stop);

type Change = readonly [name: string, operation: keyof typeof OPERATIONS, value: string | null];

async function alter(type: number, name: string, changes: readonly Change[], validateOnly = false) {
  const configs = changes.map(([config, operation, value]) => ({
    name: config,
    configOperation: OPERATIONS[operation],
    value,
  }));
  const resources = [{ resourceType: type, resourceName: name, configs }];
  const { responses } = await client.request('IncrementalAlterConfigs', 1, { resources, validateOnly });
  return responses[0]!;
}

async function describeAll(type: number, name: string) {
  const resources = [{ resourceType: type, resourceName: name, configurationKeys: null }];
  const request = { resources, includeSynonyms: true, includeDocumentation: false };
  return (await client.request('DescribeConfigs', 4, request)).results[0]!;
}

/** `value (source)` and the chain of what else could count. */
async function shown(type: number, name: string, config: string): Promise<string> {
  const found = (await describeAll(type, name)).configs.find((each) => each.name === config);
  if (found === undefined) return 'none';
  const chain = found.synonyms.map((synonym) => `${synonym.source}:${synonym.name}=${synonym.value}`);
  return `${found.value} (${found.configSource}) ${chain.join(' ')}`.trim();
}

describe('a configuration', () => {
  it('comes from the nearest of all places, each shown, under all its names', async () => {
    const given = '4:log.retention.minutes=5 5:log.retention.hours=168';
    // As with Kafka, other names are told only behind a value under the one that is asked for.
    assert.equal(await shown(BROKER, '1', 'log.retention.ms'), 'null (5)');
    assert.equal(await shown(BROKER, '1', 'log.retention.minutes'), `5 (4) ${given}`);
    assert.equal(await shown(TOPIC, 't', 'retention.ms'), '300000 (5)');
    await alter(BROKER, '', [['log.retention.ms', 'set', '8000']]);
    assert.equal(await shown(TOPIC, 't', 'retention.ms'), `8000 (3) 3:log.retention.ms=8000 ${given}`);
    await alter(BROKER, '1', [['log.retention.ms', 'set', '7000']]);
    const both = `2:log.retention.ms=7000 3:log.retention.ms=8000 ${given}`;
    assert.equal(await shown(TOPIC, 't', 'retention.ms'), `7000 (2) ${both}`);
    await alter(TOPIC, 't', [['retention.ms', 'set', '6000']]);
    assert.equal(await shown(TOPIC, 't', 'retention.ms'), `6000 (1) 1:retention.ms=6000 ${both}`);
    const { configs } = await describeAll(BROKER, '');
    assert.deepEqual(
      configs.map(({ name, value, configSource }) => [name, value, configSource]),
      [
        ['min.insync.replicas', '1', 3],
        ['log.retention.ms', '8000', 3],
      ],
    );
  });

  it('survives a restart, whatever it belongs to', async () => {
    await alter(GROUP, 'g', [['consumer.session.timeout.ms', 'set', '50000']]);
    await alter(SUBSCRIPTION, 's', [['metrics', 'append', 'org.apache.kafka.']]);
    await stop();
    await start();
    assert.match(
      await shown(GROUP, 'g', 'consumer.session.timeout.ms'),
      /^50000 \(8\) 8:consumer\.session\.timeout\.ms=50000$/,
    );
    assert.match(await shown(SUBSCRIPTION, 's', 'metrics'), /^org\.apache\.kafka\. \(7\)/);
    assert.match(await shown(BROKER, '1', 'log.retention.ms'), /^7000 \(2\)/);
  });

  it('that is secret is not shown, even if nobody knows what it is', async () => {
    await alter(BROKER, '1', [['another.secret', 'set', 'y']]);
    assert.equal(await shown(BROKER, '1', 'another.secret'), 'null (2) 2:another.secret=null');
    assert.equal(await shown(BROKER, '1', 'some.plugin.secret'), 'null (4) 4:some.plugin.secret=null');
  });

  it('of what has one is listed', async () => {
    const all = await client.request('ListConfigResources', 1, { resourceTypes: [] });
    const named = all.configResources.map(
      ({ resourceType, resourceName }) => `${resourceType}:${resourceName}`,
    );
    for (const name of ['2:t', '4:1', '8:1', '16:s', '32:g']) assert.ok(named.includes(name), name);
    const old = await client.request('ListConfigResources', 0, {});
    assert.deepEqual(
      old.configResources.map(({ resourceName }) => resourceName),
      ['s'],
    );
  });
});

describe('a change', () => {
  const refused: [type: number, name: string, change: Change, error: ErrorName, message: RegExp][] = [
    [
      TOPIC,
      't',
      ['retention.ms', 'set', null],
      'INVALID_REQUEST',
      /^Null value not supported for : retention\.ms$/,
    ],
    [TOPIC, 't', ['retention.ms', 'unknown', '1'], 'INVALID_REQUEST', /^Unknown operations type 9$/],
    [TOPIC, '', ['retention.ms', 'set', '1'], 'INVALID_REQUEST', /^Default topic/],
    [TOPIC, 't', ['compression.gzip.level', 'set', '0'], 'INVALID_CONFIG', /between 1 and 9 or equal to -1/],
    [
      TOPIC,
      't',
      ['leader.replication.throttled.replicas', 'set', 'x'],
      'INVALID_CONFIG',
      /must be the literal/,
    ],
    [TOPIC, 't', ['max.compaction.lag.ms', 'set', '5'], 'NONE', /^$/],
    [TOPIC, 't', ['min.compaction.lag.ms', 'set', '6'], 'INVALID_CONFIG', /^conflict .* \(6\) > .* \(5\)$/],
    [BROKER, '7', ['log.cleaner.threads', 'set', '2'], 'INVALID_REQUEST', /expected 1, but received 7/],
    [BROKER, 'x', ['log.cleaner.threads', 'set', '2'], 'INVALID_REQUEST', /must be an integer/],
    [BROKER, '1', ['num.partitions', 'set', '2'], 'INVALID_REQUEST', /dynamically: Set\(num\.partitions\)/],
    [
      BROKER,
      '1',
      ['num.io.threads', 'set', '17'],
      'INVALID_REQUEST',
      /greater than double the current value 8/,
    ],
    [
      BROKER,
      '',
      ['max.connections.per.ip.overrides', 'set', '127.0.0.1:x'],
      'INVALID_REQUEST',
      /input string: "x"/,
    ],
    [BROKER, '1', ['ssl.keystore.type', 'set', 'PEM'], 'INVALID_REQUEST', /only per-listener/],
    [BROKER, '1', ['listener.name.plaintext.ssl.keystore.type', 'set', 'PEM'], 'NONE', /^$/],
    [
      BROKER,
      '',
      ['listener.name.plaintext.ssl.keystore.type', 'set', 'PEM'],
      'INVALID_REQUEST',
      /cluster level/,
    ],
    [GROUP, 'g', ['no.such', 'set', '1'], 'INVALID_CONFIG', /^Unknown group config name: no\.such$/],
    [GROUP, 'g', ['consumer.session.timeout.ms', 'set', '44999'], 'INVALID_CONFIG', /greater than or equal/],
    [GROUP, 'g', ['share.auto.offset.reset', 'set', 'by_duration:PT1H'], 'NONE', /^$/],
    [GROUP, 'g', ['share.auto.offset.reset', 'set', 'by_duration:P'], 'INVALID_CONFIG', /by_duration/],
    [GROUP, '', ['share.auto.offset.reset', 'set', 'latest'], 'INVALID_REQUEST', /group/],
    [SUBSCRIPTION, 's', ['interval.ms', 'set', '99'], 'INVALID_REQUEST', /between 100 and 3600000/],
    [SUBSCRIPTION, 's', ['match', 'set', 'client_id=['], 'INVALID_CONFIG', /pattern/],
    [SUBSCRIPTION, 's', ['match', 'set', 'nobody=x'], 'INVALID_CONFIG', /pattern/],
    [LOGGER, '1', ['no.such', 'set', 'INFO'], 'INVALID_CONFIG', /does not exist/],
    [LOGGER, '1', ['root', 'set', 'LOUD'], 'INVALID_CONFIG', /log level/],
    [LOGGER, '1', ['root', 'append', 'INFO'], 'INVALID_REQUEST', /APPEND/],
    [3, '1', ['root', 'set', 'INFO'], 'INVALID_REQUEST', /Unknown resource type 3/],
  ];
  for (const [type, name, change, error, message] of refused) {
    it(`${change[1]} ${change[0]}=${change[2]} of ${type}:${name} gives ${error}`, async () => {
      const { errorCode: code, errorMessage } = await alter(type, name, [change]);
      assert.equal(errorByCode(code).name, error);
      assert.match(errorMessage ?? '', message);
    });
  }

  it('is not made when it is only to be validated, or when its resource is named twice', async () => {
    assert.equal((await alter(TOPIC, 't', [['segment.ms', 'set', '77']], true)).errorCode, 0);
    const one = (value: string) => ({
      resourceType: TOPIC,
      resourceName: 't',
      configs: [{ name: 'segment.ms', configOperation: 0, value }],
    });
    const twice = await client.request('IncrementalAlterConfigs', 1, { resources: [one('1'), one('2')] });
    assert.ok(twice.responses.every((each) => each.errorCode === errorCode('INVALID_REQUEST')));
    assert.match(await shown(TOPIC, 't', 'segment.ms'), /\(5\)/);
  });

  it('of a group counts at its next heartbeat', async () => {
    const heartbeat = async (memberId: string, memberEpoch: number) =>
      client.request('ConsumerGroupHeartbeat', 1, {
        groupId: 'configured',
        memberId,
        memberEpoch,
        rebalanceTimeoutMs: 10_000,
        subscribedTopicNames: ['t'],
        topicPartitions: [],
      });
    const joined = await heartbeat('AAAAAAAAAAAAAAAAAAAAAA', 0);
    assert.deepEqual([joined.errorCode, joined.heartbeatIntervalMs], [0, 5000]);
    await alter(GROUP, 'configured', [['consumer.heartbeat.interval.ms', 'set', '6000']]);
    const next = await heartbeat('AAAAAAAAAAAAAAAAAAAAAA', joined.memberEpoch);
    assert.deepEqual([next.errorCode, next.heartbeatIntervalMs], [0, 6000]);
  });

  it('of a level counts at once', async () => {
    assert.equal((await alter(LOGGER, '1', [['millrace.broker', 'set', 'DEBUG']])).errorCode, 0);
    const { configs } = await describeAll(LOGGER, '1');
    const levels = configs.map(({ name, value }) => `${name}=${value}`);
    assert.ok(levels.includes('root=WARN') && levels.includes('millrace.broker=DEBUG'), levels.join(' '));
  });
});
