import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { afterTest } from '../../../test/support/after-test.ts';
import { authority } from '../../../test/support/certificates.ts';
import { SETTINGS, startBroker } from '../../../test/support/secure-broker.ts';
import { temporaryFolder } from '../../../test/support/server.ts';
import { systemClock } from '../../base/clock.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { Millrace } from '../../millrace.ts';
import { RemoteRegistry } from '../../registry/remote-registry.ts';
import { MemorySchemaRegistry } from '../../serde/memory-schema-registry.ts';
import { ClientError } from '../client-error.ts';
import { SettingsError } from '../settings-error.ts';
import { datagen } from './datagen.ts';
import { datagenSettings, withWords } from './datagen-settings.ts';

async function served(t: TestContext): Promise<Millrace> {
  const millrace = await Millrace.start({ data: 'memory', workers: 0 });
  afterTest(t, () => millrace.stop());
  return millrace;
}

async function fill(millrace: Millrace, words: string): Promise<string[]> {
  const lines: string[] = [];
  const all = [`bootstrap-server=${millrace.kafkaAddress}`, 'seed=1', ...words.split(' ')];
  const registry = new RemoteRegistry({ url: `http://${millrace.registryAddress}` });
  const write = (line: string) => void lines.push(line);
  await datagen(datagenSettings(withWords({}, all)), {
    registry,
    clock: systemClock,
    random: new SeededRandom(1),
    write,
  });
  return lines;
}

describe('datagen', () => {
  it('fills topics that SQL reads, in JSON and by schemas', async (t) => {
    const millrace = await served(t);
    await fill(millrace, 'quickstart=pageviews topic=pageviews iterations=1200');
    await millrace.sql(
      `CREATE STREAM pageviews (viewtime BIGINT KEY, userid VARCHAR, pageid VARCHAR) WITH (KAFKA_TOPIC='pageviews', VALUE_FORMAT='JSON');`,
    );
    const views = await millrace.sql('SELECT * FROM pageviews;');
    assert.equal(views.length, 1200);
    for (const [index, view] of views.entries()) {
      assert.equal(view.VIEWTIME, 1 + 10 * index);
      assert.match(String(view.USERID), /^User_[1-9]$/);
      assert.match(String(view.PAGEID), /^Page_\d+$/);
    }
    for (const format of ['AVRO', 'PROTOBUF', 'JSON_SR']) {
      const name = `orders_${format}`;
      await fill(millrace, `quickstart=orders topic=${name} iterations=10 format=${format} key=orderid`);
      await millrace.sql(
        `CREATE STREAM ${name} (id INT KEY) WITH (KAFKA_TOPIC='${name}', VALUE_FORMAT='${format}');`,
      );
      const orders = await millrace.sql(`SELECT orderid, address->city AS city FROM ${name};`);
      assert.deepEqual(
        orders.map(({ ORDERID }) => ORDERID),
        Array.from({ length: 10 }, (_, n) => n),
        format,
      );
      for (const { CITY } of orders) assert.match(String(CITY), /^City_\d+$/);
    }
  });

  it('writes every quickstart', async (t) => {
    const millrace = await served(t);
    for (const [name, format] of [
      ['clickstream', 'DELIMITED'],
      ['clickstream_codes', 'AVRO'],
      ['clickstream_users', 'PROTOBUF'],
      ['users_', 'AVRO'],
      ['users', 'DELIMITED'],
      ['ratings', 'JSON'],
    ])
      await fill(millrace, `quickstart=${name} iterations=5 format=${format} topic=${name}`);
    await millrace.sql(
      `CREATE TABLE users (userid STRING PRIMARY KEY, registertime BIGINT, uid STRING, regionid STRING, gender STRING)
        WITH (KAFKA_TOPIC='users', VALUE_FORMAT='DELIMITED', PARTITIONS=1);
      CREATE STREAM details WITH (KAFKA_TOPIC='users_', VALUE_FORMAT='AVRO');`,
    );
    const [user] = await millrace.sql(`SELECT contactinfo['city'] AS city, interests FROM details LIMIT 1;`);
    assert.ok(['Lyon', 'Porto', 'Turku'].includes(String(user!.CITY)));
    assert.equal((user!.INTERESTS as unknown[]).length, 2);
  });

  it('tells the same for the same seed, of each thread its own', async (t) => {
    const millrace = await served(t);
    const words = 'quickstart=users iterations=3 nThreads=2 printRows=true msgRate=2000';
    const first = await fill(millrace, words);
    assert.equal(new Set(first).size, 6);
    assert.deepEqual((await fill(millrace, words)).toSorted(), first.toSorted());
  });

  it('ends when it is stopped, and tells what it has made', async (t) => {
    const millrace = await served(t);
    const stopping = new AbortController();
    const settings = { quickstart: 'users', topic: 'users', msgRate: '100', printRows: 'true' };
    const made: string[] = [];
    const write = (line: string) => {
      made.push(line);
      if (made.length === 3) stopping.abort();
    };
    const count = await datagen(datagenSettings({ ...settings, 'bootstrap-server': millrace.kafkaAddress }), {
      registry: new RemoteRegistry({ url: `http://${millrace.registryAddress}` }),
      clock: systemClock,
      random: new SeededRandom(1),
      write,
      stopping: stopping.signal,
    });
    assert.equal(count, made.length);
    assert.ok(count >= 3 && count < 1_000, `${count}`);
    await millrace.sql(
      `CREATE STREAM users (userid VARCHAR) WITH (KAFKA_TOPIC='users', VALUE_FORMAT='JSON');`,
    );
    assert.equal((await millrace.sql('SELECT * FROM users;')).length, count);
  });

  it('logs in over TLS by the properties of a Kafka client', async (t) => {
    const folder = await temporaryFolder(t);
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const ca = await authority();
    const { certificate, key } = await ca.issue('CN=broker');
    const broker = await startBroker({
      listen: 'SASL_SSL://127.0.0.1:0',
      config: {
        ...SETTINGS,
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.certificate.chain': certificate,
        'ssl.keystore.key': key,
      },
    });
    afterTest(t, () => broker.stop());
    const properties = (password: string) =>
      file(
        'client.properties',
        `security.protocol=SASL_SSL
ssl.truststore.location=${file('ca.pem', ca.certificate)}
sasl.mechanism=PLAIN
sasl.jaas.config=PlainLoginModule required username="root" password="${password}";`,
      );
    const attempt = (password: string) =>
      datagen(
        datagenSettings({
          quickstart: 'users',
          iterations: '10',
          'bootstrap-server': broker.address,
          propertiesFile: properties(password),
        }),
        {
          registry: new MemorySchemaRegistry(),
          clock: systemClock,
          random: new SeededRandom(1),
          write: () => {},
        },
      );
    assert.equal(await attempt('rootword'), 10);
    await assert.rejects(attempt('wrong'), /refused user root/);
  });

  it('says where no broker is, and what is none', async () => {
    const silent = createServer((socket) => void socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const attempt = () =>
      datagen(datagenSettings({ quickstart: 'users', 'bootstrap-server': `127.0.0.1:${port}` }), {
        registry: new MemorySchemaRegistry(),
        clock: systemClock,
        random: new SeededRandom(1),
        write: () => {},
      });
    const says = (message: RegExp) => (error: unknown) =>
      error instanceof ClientError && message.test(error.message);
    await assert.rejects(attempt(), says(/answers in HTTP: is that the broker's Kafka port\?$/));
    await new Promise((resolve) => silent.close(resolve));
    await assert.rejects(attempt(), says(/was not reached: .*ECONNREFUSED/));
  });
});

describe('its options', () => {
  it('are flags or words, in any case', () => {
    const settings = datagenSettings(
      withWords({ quickstart: 'users', topic: 't' }, ['msgrate=5', 'bootstrapServer=a:1,b:2', 'topic=u']),
    );
    assert.equal(settings.topic, 'u');
    assert.equal(settings.msgRate, 5);
    assert.deepEqual(settings.bootstrap, [
      { host: 'a', port: 1 },
      { host: 'b', port: 2 },
    ]);
    assert.equal(settings.key, 'userid');
  });

  const wrong: readonly [words: string, message: RegExp][] = [
    ['topic=a', /say what to make/],
    ['quickstart=nothing', /no quickstart 'nothing', only clickstream, /],
    ['quickstart=users schema=a.avro', /not both/],
    ['schema=/does/not/exist.avro', /cannot read/],
    ['quickstart=users msgRate=x', /msgRate must be a whole number/],
    ['quickstart=users printRows=yes', /printRows must be true or false, not 'yes'/],
    ['quickstart=users color=red', /no option color/],
    ['quickstart=users propertiesFile=/does/not/exist', /cannot read/],
    ['quickstart', /name=value/],
    ['quickstart=users bootstrap-server=nowhere', /bootstrap-server: 'nowhere'/],
  ];
  for (const [words, message] of wrong)
    it(`are refused: ${words}`, () =>
      assert.throws(
        () => datagenSettings(withWords({}, words.split(' '))),
        (error) => error instanceof SettingsError && message.test(error.message),
      ));
});
