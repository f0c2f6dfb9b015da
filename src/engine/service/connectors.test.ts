import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { FILE_PLUGINS } from '../../../test/contract/connect-contract.ts';
import { openLocalSql } from '../../../test/support/local-sql.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { MemoryConnect } from '../../testing/kit/memory-connect.ts';
import { FULL_ACCESS } from './access.ts';
import { type ConnectCluster, ConnectError, type ConnectorStatus } from './connect-cluster.ts';
import type { ConnectorDescription, ConnectorList } from './entities.ts';
import type { KsqlError } from './ksql-error.ts';
import { createSession } from './session.ts';

const SOURCE = 'org.apache.kafka.connect.file.FileStreamSourceConnector';
const SINK = 'org.apache.kafka.connect.file.FileStreamSinkConnector';
const CREATE = `CREATE SOURCE CONNECTOR lines WITH ('connector.class'='${SOURCE}', 'file'='f', 'topic'='t');`;
const COPY = `CREATE SINK CONNECTOR copy WITH ('connector.class'='${SINK}', 'topics'='t');`;

async function open(t: TestContext, connect: ConnectCluster = new MemoryConnect(FILE_PLUGINS)) {
  const server = await openLocalSql({ fs: new MemoryFileSystem(), connect });
  t.after(() => server.close());
  return server;
}

/** A Kafka Connect that behaves as one in memory does, but for what is given. */
function differing(own: Partial<ConnectCluster>): ConnectCluster {
  const connect = new MemoryConnect(FILE_PLUGINS);
  return {
    validate: (config) => connect.validate(config),
    create: (name, config) => connect.create(name, config),
    drop: (name) => connect.drop(name),
    list: () => connect.list(),
    info: (name) => connect.info(name),
    status: (name) => connect.status(name),
    topics: (name) => connect.topics(name),
    plugins: () => connect.plugins(),
    ...own,
  };
}

const fails = (answer: Promise<unknown>, code: number, message: RegExp) =>
  assert.rejects(answer, (error: KsqlError) => {
    assert.match(error.message, message);
    assert.equal(error.code, code);
    return true;
  });

const refusing = (status: number) => async () => {
  throw new ConnectError(`answered ${status}`, status);
};

describe('connector statements', { timeout: 10_000 }, () => {
  it('make, describe, list and drop what runs in Kafka Connect', async (t) => {
    const { run } = await open(t);
    const info = {
      name: 'LINES',
      config: { 'connector.class': SOURCE, file: 'f', topic: 't', name: 'LINES' },
      tasks: [{ connector: 'LINES', task: 0 }],
      type: 'source',
    };
    assert.deepEqual(await run(CREATE), [
      { '@type': 'connector_info', statementText: CREATE, warnings: [], info },
    ]);
    await run(COPY);
    await run(
      "CREATE TABLE tt (k STRING PRIMARY KEY, v INT) WITH (kafka_topic='t', value_format='JSON', partitions=1);",
    );
    await run("CREATE STREAM t (v STRING) WITH (kafka_topic='t', value_format='KAFKA', partitions=1);");
    await run("CREATE STREAM u (v STRING) WITH (kafka_topic='u', value_format='KAFKA', partitions=1);");

    const [described] = (await run('DESCRIBE CONNECTOR lines;')) as [ConnectorDescription];
    const part = { state: 'RUNNING', worker_id: 'memory' };
    assert.deepEqual(
      { ...described, sources: described.sources.map(({ name, type, topic }) => [name, type, topic]) },
      {
        '@type': 'connector_description',
        statementText: 'DESCRIBE CONNECTOR lines;',
        warnings: [],
        connectorClass: SOURCE,
        status: { name: 'LINES', connector: part, tasks: [{ id: 0, ...part }], type: 'source' },
        sources: [
          ['T', 'STREAM', 't'],
          ['TT', 'TABLE', 't'],
        ],
        topics: ['t'],
      },
    );

    const running = { state: 'RUNNING (1/1 tasks RUNNING)' };
    const lists: [text: string, connectors: unknown[]][] = [
      [
        'SHOW CONNECTORS;',
        [
          { name: 'COPY', type: 'sink', className: SINK, ...running },
          { name: 'LINES', type: 'source', className: SOURCE, ...running },
        ],
      ],
      ['LIST SOURCE CONNECTORS;', [{ name: 'LINES', type: 'source', className: SOURCE, ...running }]],
      ['SHOW SINK CONNECTORS;', [{ name: 'COPY', type: 'sink', className: SINK, ...running }]],
    ];
    for (const [statementText, connectors] of lists)
      assert.deepEqual(await run(statementText), [
        { '@type': 'connector_list', statementText, warnings: [], connectors },
      ]);
    assert.deepEqual(await run('SHOW CONNECTOR PLUGINS;'), [
      {
        '@type': 'connector_plugins_list',
        statementText: 'SHOW CONNECTOR PLUGINS;',
        warnings: [],
        connectorsPlugins: FILE_PLUGINS.map(({ class: className, type, version }) => ({
          className,
          type,
          version,
        })),
      },
    ]);

    const drop = 'DROP CONNECTOR lines;';
    assert.deepEqual(await run(drop), [
      { '@type': 'drop_connector', statementText: drop, warnings: [], connectorName: 'LINES' },
    ]);
    await fails(run(drop), 40400, /^There is no connector LINES\. SHOW CONNECTORS lists/);
    await fails(run('DESCRIBE CONNECTOR lines;'), 40400, /^There is no connector LINES\./);
  });

  it('do nothing twice with IF NOT EXISTS and IF EXISTS', async (t) => {
    const { run } = await open(t);
    const again = CREATE.replace('CONNECTOR', 'CONNECTOR IF NOT EXISTS');
    const kinds = async (text: string) => (await run(text)).map((entity) => entity['@type']);
    assert.deepEqual(await kinds(again), ['connector_info']);
    assert.deepEqual(await kinds(again), ['warning_entity']);
    await fails(run(CREATE), 40900, /^There is a connector LINES already: DROP CONNECTOR removes it/);
    assert.deepEqual(await kinds('DROP CONNECTOR IF EXISTS lines;'), ['drop_connector']);
    assert.deepEqual(await kinds('DROP CONNECTOR IF EXISTS lines;'), ['warning_entity']);
  });

  it('that make one are told when somebody else was faster', async (t) => {
    const fast = new MemoryConnect(FILE_PLUGINS);
    const { run } = await open(
      t,
      differing({
        info: (name) => fast.info(name),
        create: async (name, config) => {
          await fast.create(name, config);
          throw new ConnectError('it exists', 409);
        },
      }),
    );
    const [entity] = await run(CREATE.replace('CONNECTOR', 'CONNECTOR IF NOT EXISTS'));
    assert.equal(entity?.['@type'], 'warning_entity');
  });

  it('say what is wrong with a configuration, and warn of the other direction', async (t) => {
    const { run } = await open(t);
    const wrong = `CREATE SOURCE CONNECTOR c WITH ('connector.class'='${SOURCE}');`;
    await fails(run(wrong), 40000, /^Kafka Connect cannot make C of this:\ntopic: it is missing$/);
    const unknown = "CREATE SOURCE CONNECTOR c WITH ('connector.class'='None');";
    await fails(run(unknown), 40000, /connector\.class: there is no None/);
    const [made] = await run(COPY.replace('SINK', 'SOURCE'));
    assert.deepEqual(made?.warnings, [{ message: 'COPY is a sink, as its class is, and no source.' }]);
  });

  it('hand on what Kafka Connect refuses', async (t) => {
    const codes = [
      [400, 40000],
      [404, 40400],
      [409, 40900],
      [500, 50000],
      [503, 50000],
      [401, 50000],
      [403, 50000],
      [0, 50000],
    ] as const;
    for (const [status, code] of codes) {
      const { run } = await open(t, differing({ create: refusing(status), list: refusing(status) }));
      for (const text of [CREATE, 'SHOW CONNECTORS;']) await fails(run(text), code, /^answered \d+$/);
    }
  });

  it('tell of connectors whose state is not known, and of no topics where none are tracked', async (t) => {
    const connect = differing({
      status: async () => undefined,
      topics: async () => undefined,
      list: async () => [{ name: 'GONE', info: undefined, status: undefined }],
    });
    const { run } = await open(t, connect);
    await run(CREATE);
    const [{ status, topics, warnings }] = (await run('DESCRIBE CONNECTOR lines;')) as [ConnectorDescription];
    assert.deepEqual(
      [status.connector.state, status.type, topics, warnings.length],
      ['UNASSIGNED', 'source', [], 1],
    );
    const [{ connectors }] = (await run('SHOW CONNECTORS;')) as [ConnectorList];
    assert.deepEqual(connectors, [{ name: 'GONE', type: 'unknown', className: null, state: null }]);
    const [{ connectors: sources }] = (await run('SHOW SOURCE CONNECTORS;')) as [ConnectorList];
    assert.deepEqual(sources, []);
  });

  it('sum up states as ksqlDB does', async (t) => {
    const cases: [state: string, tasks: string[], text: string][] = [
      ['PAUSED', ['PAUSED'], 'PAUSED'],
      ['FAILED', ['RUNNING'], 'FAILED'],
      ['RUNNING', [], 'RUNNING (0/0 tasks RUNNING)'],
      ['RUNNING', ['RUNNING', 'FAILED'], 'RUNNING (1/2 tasks RUNNING)'],
      ['RUNNING', ['FAILED', 'FAILED'], 'WARNING (0/2 tasks RUNNING)'],
    ];
    const statuses = cases.map(([state, tasks], i): ConnectorStatus => {
      const part = { worker_id: 'w' };
      return {
        name: `c${i}`,
        connector: { state, ...part },
        tasks: tasks.map((task, id) => ({ id, state: task, ...part })),
        type: 'sink',
      };
    });
    const list = async () => statuses.map((status) => ({ name: status.name, info: undefined, status }));
    const { run } = await open(t, differing({ list }));
    const [{ connectors }] = (await run('SHOW CONNECTORS;')) as [ConnectorList];
    assert.deepEqual(
      connectors.map(({ state }) => state),
      cases.map(([, , text]) => text),
    );
  });

  it('show no topics that the asker may not know of', async (t) => {
    const { run, sql } = await open(t);
    await run(COPY.replace("'t'", "'open,closed'"));
    const access = { ...FULL_ACCESS, mayTopic: (_: string, topic: string) => topic === 'open' };
    const [entity] = await sql.execute('DESCRIBE CONNECTOR copy;', createSession({}, {}, access));
    assert.deepEqual((entity as ConnectorDescription).topics, ['open']);
  });

  it('are refused where no Kafka Connect is known, with what to set', async (t) => {
    const server = await openLocalSql({ fs: new MemoryFileSystem() });
    t.after(() => server.close());
    const texts = [
      CREATE,
      'DROP CONNECTOR IF EXISTS c;',
      'DESCRIBE CONNECTOR c;',
      'SHOW CONNECTORS;',
      'LIST CONNECTOR PLUGINS;',
    ];
    for (const text of texts)
      await fails(server.run(text), 40001, /^This server knows of no Kafka Connect.* set connectUrl/);
  });

  it('are not for the statements that a server is started with', async (t) => {
    const { sql, run } = await open(t);
    for (const text of [CREATE, 'DROP CONNECTOR IF EXISTS lines;'])
      await fails(sql.applyScript(text, createSession()), 40001, /^line 1:1: Connectors are neither made/);
    const [{ connectors }] = (await run('SHOW CONNECTORS;')) as [ConnectorList];
    assert.deepEqual(connectors, []);
  });
});
