import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { RawClient } from '../../../test/support/raw-client.ts';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { clientBatch } from '../../log/log-fixture.ts';
import { errorByCode, errorCode } from '../../protocol/errors.ts';
import { Broker } from '../broker.ts';

const fs = new MemoryFileSystem();
let broker: Broker;
let client: RawClient;
let port: number;

async function start(): Promise<void> {
  broker = await Broker.start({
    fs,
    dataDir: '/data',
    clock: systemClock,
    random: new SeededRandom(3),
    logger: silentLogger,
    listen: { host: '127.0.0.1', port: 0 },
  });
  port = Number(broker.address.split(':')[1]);
  client = await RawClient.connect(port);
}

async function stop(): Promise<void> {
  client.close();
  await broker.stop();
}

before(async () => {
  await start();
  await broker.topics.create({ name: 't', partitionCount: 1 });
});
after(stop);

type Named = readonly (readonly [type: string, name: string | null])[];

async function alter(named: Named, key: string, value: number | null, validateOnly = false) {
  const entity = named.map(([entityType, entityName]) => ({ entityType, entityName }));
  const ops = [{ key, value: value ?? 0, remove: value === null }];
  const { entries } = await client.request('AlterClientQuotas', 1, {
    entries: [{ entity, ops }],
    validateOnly,
  });
  return entries[0]!;
}

async function described(components: readonly (readonly [string, number, string | null])[], strict = false) {
  const {
    entries,
    errorCode: code,
    errorMessage,
  } = await client.request('DescribeClientQuotas', 1, {
    components: components.map(([entityType, matchType, match]) => ({ entityType, matchType, match })),
    strict,
  });
  if (code !== 0) return `${errorByCode(code).name}: ${errorMessage}`;
  return entries!.map(({ entity, values }) => {
    const whom = entity.map(({ entityType, entityName }) => `${entityType}=${entityName}`).join('&');
    return `${whom}:${values.map(({ key, value }) => `${key}=${value}`).join(',')}`;
  });
}

describe('quotas over the wire', () => {
  const refused: [named: Named, key: string, value: number, message: RegExp][] = [
    [[], 'producer_byte_rate', 1, /empty/],
    [[['user', '']], 'producer_byte_rate', 1, /^Empty user not supported$/],
    [[['host', 'a']], 'producer_byte_rate', 1, /^Unhandled client quota entity type: host$/],
    [[['user', 'a']], 'no_such', 1, /^Invalid configuration key no_such$/],
    [[['user', 'a']], 'connection_creation_rate', 1, /^Invalid configuration key/],
    [[['user', 'a']], 'producer_byte_rate', 1.5, /fractional/],
    [[['user', 'a']], 'producer_byte_rate', 0, /greater than 0/],
    [[['ip', 'nowhere.invalid']], 'connection_creation_rate', 1, /not a valid IP/],
  ];
  for (const [named, key, value, message] of refused) {
    it(`refuse ${key}=${value} of ${JSON.stringify(named)}`, async () => {
      const { errorCode: code, errorMessage } = await alter(named, key, value);
      assert.equal(errorByCode(code).name, 'INVALID_REQUEST');
      assert.match(errorMessage ?? '', message);
    });
  }

  it('are found by filters, and survive a restart', async () => {
    await alter([['user', 'alice']], 'producer_byte_rate', 1000);
    await alter([['user', 'alice']], 'request_percentage', 50.5);
    await alter(
      [
        ['client-id', 'c'],
        ['user', null],
      ],
      'consumer_byte_rate',
      7,
    );
    await alter([['ip', '10.1.1.1']], 'connection_creation_rate', 3);
    await alter([['user', 'bob']], 'producer_byte_rate', 1000, true);
    await stop();
    await start();
    const alice = 'user=alice:producer_byte_rate=1000,request_percentage=50.5';
    const pair = 'user=null&client-id=c:consumer_byte_rate=7';
    const address = 'ip=10.1.1.1:connection_creation_rate=3';
    assert.deepEqual(await described([]), [alice, pair, address]);
    assert.deepEqual(await described([], true), []);
    assert.deepEqual(await described([['user', 2, null]]), [alice, pair]);
    assert.deepEqual(await described([['user', 2, null]], true), [alice]);
    assert.deepEqual(await described([['user', 1, null]]), [pair]);
    assert.deepEqual(await described([['user', 0, 'alice']]), [alice]);
    assert.deepEqual(await described([['ip', 2, null]]), [address]);
    assert.match(String(await described([['host', 2, null]])), /^UNSUPPORTED_VERSION/);
    assert.match(String(await described([['user', 0, null]])), /^INVALID_REQUEST: .*MATCH_TYPE_EXACT/);
    assert.match(
      String(
        await described([
          ['user', 2, null],
          ['ip', 2, null],
        ]),
      ),
      /^INVALID_REQUEST/,
    );
    assert.equal((await alter([['user', 'alice']], 'producer_byte_rate', null)).errorCode, 0);
    assert.deepEqual(await described([['user', 0, 'alice']]), ['user=alice:request_percentage=50.5']);
    for (const [named, key] of [
      [[['user', 'alice']], 'request_percentage'],
      [
        [
          ['client-id', 'c'],
          ['user', null],
        ],
        'consumer_byte_rate',
      ],
      [[['ip', '10.1.1.1']], 'connection_creation_rate'],
    ] as const)
      await alter(named, key, null);
    assert.deepEqual(await described([]), []);
  });

  it('tell a producer how long it is not heard, and do not hear it so long', async () => {
    await alter([['client-id', 'raw']], 'producer_byte_rate', 100_000);
    const producer = await RawClient.connect(port);
    const records = clientBatch('x'.repeat(500_000));
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }];
    const send = () => producer.request('Produce', 9, { acks: 1, topicData });
    assert.equal((await send()).throttleTimeMs, 0);
    let told = 0;
    while (told === 0) told = (await send()).throttleTimeMs;
    assert.ok(told > 1000 && told < 11_000, `${told} ms`);
    await alter([['client-id', 'raw']], 'producer_byte_rate', null);
    // Muted still, whatever the quota is now.
    const answered = producer.request('ApiVersions', 3, {});
    const first = await Promise.race([answered, client.request('ApiVersions', 3, {}).then(() => 'another')]);
    assert.equal(first, 'another');
    producer.close();
  });

  it('of topic changes refuse those who know the error and slow down the others', async () => {
    await alter([['client-id', 'raw']], 'controller_mutation_rate', 1);
    const create = async (name: string, version: number) => {
      const other = await RawClient.connect(port);
      const topics = [{ name, numPartitions: 20, replicationFactor: 1 }];
      const response = await other.request('CreateTopics', version, { topics, timeoutMs: 1000 });
      other.close();
      return [response.topics[0]!.errorCode, response.throttleTimeMs > 0];
    };
    assert.deepEqual(await create('first', 7), [0, true]);
    assert.deepEqual(await create('second', 7), [errorCode('THROTTLING_QUOTA_EXCEEDED'), true]);
    assert.deepEqual(await create('second', 5), [0, true]);
    await alter([['client-id', 'raw']], 'controller_mutation_rate', null);
  });
});
