// Connector statements over the real Kafka Connect, which has a Millrace as its Kafka.
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../../bench/support/brokers.ts';
import { RemoteConnect } from '../../src/connect/remote-connect.ts';
import type {
  ConnectorDescription,
  ConnectorList,
  ConnectorPluginsList,
} from '../../src/engine/service/entities.ts';
import { type Entity, type KsqlError, Millrace } from '../../src/millrace.ts';
import { describeConnectContract } from '../contract/connect-contract.ts';
import { kafkaClasspath } from '../support/foreign.ts';
import { startKafkaConnect } from '../support/kafka-connect.ts';
import { osFolder } from '../support/os-folder.ts';
import { eventually } from '../support/server.ts';

const skip = kafkaClasspath() ? false : 'Apache Kafka jars or Java are missing (scripts/fetch-rivals.sh)';
const SOURCE = 'org.apache.kafka.connect.file.FileStreamSourceConnector';
const SINK = 'org.apache.kafka.connect.file.FileStreamSinkConnector';
const PATIENCE_MS = 60_000;

describe('connector statements and Apache Kafka 4.1 Connect', { skip }, () => {
  let folder: Awaited<ReturnType<typeof osFolder>>;
  let millrace: Millrace;
  let worker: { stop(): Promise<void> } | undefined;
  let url = '';

  const run = (text: string) =>
    millrace.sql(text, { properties: { 'auto.offset.reset': 'earliest' } }) as Promise<Entity[]>;
  const answer = async <Kind extends Entity>(text: string) => (await run(text))[0] as Kind;
  const fails = (text: string, code: number, message: RegExp) =>
    assert.rejects(run(text), (error: KsqlError) => {
      assert.match(error.message, message);
      assert.equal(error.code, code);
      return true;
    });

  before(async () => {
    folder = await osFolder();
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    millrace = await Millrace.start({ data: join(folder.dataDir, 'data'), connectUrl: url });
    await fails('SHOW CONNECTORS;', 50000, /was not reached at http:.*\. Is it running there\?/);
    worker = await startKafkaConnect({ kafka: millrace.kafkaAddress, port, folder: folder.dataDir });
  });
  after(async () => {
    await worker?.stop();
    await millrace?.stop();
    await folder?.remove();
  });

  describeConnectContract('of Apache Kafka 4.1', async () => new RemoteConnect({ url }), {
    timeoutMs: PATIENCE_MS,
  });

  it('move lines from a file through SQL to another, and tell of it', async () => {
    const [from, to] = [join(folder.dataDir, 'from.txt'), join(folder.dataDir, 'to.txt')];
    writeFileSync(from, 'first\nsecond\n');
    await run(`
      CREATE STREAM lines (line VARCHAR) WITH (KAFKA_TOPIC='lines', VALUE_FORMAT='KAFKA', PARTITIONS=1);
      CREATE STREAM loud WITH (KAFKA_TOPIC='loud') AS SELECT UCASE(line) AS line FROM lines;
      CREATE SINK CONNECTOR IF NOT EXISTS copy
        WITH ('connector.class'='${SINK}', 'file'='${to}', 'topics'='loud');`);
    const create = `CREATE SOURCE CONNECTOR lines
      WITH ('connector.class'='${SOURCE}', 'file'='${from}', 'topic'='lines', 'tasks.max'=1);`;
    const made = await answer(create);
    assert.ok(made['@type'] === 'connector_info');
    assert.deepEqual([made.info.name, made.info.type, made.info.config.file], ['LINES', 'source', from]);

    appendFileSync(from, 'third\n');
    await eventually(
      'the lines in the other file',
      () => {
        const text = readIfThere(to);
        return text === 'FIRST\nSECOND\nTHIRD\n' || undefined;
      },
      PATIENCE_MS,
    );
    assert.deepEqual(await millrace.sql('SELECT line FROM lines;'), [
      { LINE: 'first' },
      { LINE: 'second' },
      { LINE: 'third' },
    ]);

    const described = await eventually(
      'a connector with a task and a topic',
      async () => {
        const found = await answer<ConnectorDescription>('DESCRIBE CONNECTOR lines;');
        const runs = found.status.tasks.some(({ state }) => state === 'RUNNING');
        return runs && found.topics.length > 0 ? found : undefined;
      },
      PATIENCE_MS,
    );
    assert.deepEqual(
      [described.connectorClass, described.status.connector.state, described.topics, described.warnings],
      [SOURCE, 'RUNNING', ['lines'], []],
    );
    assert.deepEqual(
      described.sources.map(({ name }) => name),
      ['LINES'],
    );

    const state = 'RUNNING (1/1 tasks RUNNING)';
    const { connectors } = await answer<ConnectorList>('SHOW CONNECTORS;');
    assert.deepEqual(connectors, [
      { name: 'COPY', type: 'sink', className: SINK, state },
      { name: 'LINES', type: 'source', className: SOURCE, state },
    ]);
    const { connectors: sources } = await answer<ConnectorList>('LIST SOURCE CONNECTORS;');
    assert.deepEqual(
      sources.map(({ name }) => name),
      ['LINES'],
    );

    await fails(create, 40900, /^There is a connector LINES already/);
    assert.equal(
      (await answer(create.replace('OR lines', 'OR IF NOT EXISTS lines')))['@type'],
      'warning_entity',
    );
    assert.equal((await answer('DROP CONNECTOR lines;'))['@type'], 'drop_connector');
    assert.equal((await answer('DROP CONNECTOR IF EXISTS lines;'))['@type'], 'warning_entity');
    await fails('DROP CONNECTOR lines;', 40400, /^There is no connector LINES/);
    await fails('DESCRIBE CONNECTOR lines;', 40400, /^There is no connector LINES/);
    await run('DROP CONNECTOR copy;');
  });

  it('are refused with what Kafka Connect finds wrong', async () => {
    const create = (config: string) => `CREATE SOURCE CONNECTOR wrong WITH (${config});`;
    await fails(create(`'connector.class'='${SOURCE}', 'file'='f'`), 40000, /\ntopic: Missing required/);
    await fails(
      create(`'connector.class'='${SOURCE}', 'topic'='t', 'tasks.max'='many'`),
      40000,
      /\ntasks\.max: /,
    );
    await fails(create("'connector.class'='org.none.Such'"), 40000, /\nconnector\.class: .*org\.none\.Such/);
    await fails(
      "DESCRIBE CONNECTOR 'a/b';",
      40000,
      /^Kafka Connect refused GET \/connectors\/a%2Fb \(400\): ./,
    );
    const { connectorsPlugins } = await answer<ConnectorPluginsList>('SHOW CONNECTOR PLUGINS;');
    assert.ok(connectorsPlugins.some(({ className, type }) => className === SOURCE && type === 'source'));
  });

  it('tell of a task that failed, and why', async () => {
    await run(`CREATE SINK CONNECTOR bad
      WITH ('connector.class'='${SINK}', 'file'='/no/such/folder/x', 'topics'='loud');`);
    const failed = await eventually(
      'a failed task',
      async () => {
        const { status } = await answer<ConnectorDescription>('DESCRIBE CONNECTOR bad;');
        return status.tasks.find(({ state }) => state === 'FAILED');
      },
      PATIENCE_MS,
    );
    assert.match(String(failed.trace), /\/no\/such\/folder\/x/);
    const { connectors } = await answer<ConnectorList>('SHOW SINK CONNECTORS;');
    assert.equal(connectors.find(({ name }) => name === 'BAD')?.state, 'WARNING (0/1 tasks RUNNING)');
    await run('DROP CONNECTOR bad;');
  });
});

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
