import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  type ConnectCluster,
  ConnectError,
  type ConnectorPlugin,
} from '../../src/engine/service/connect-cluster.ts';
import type { MemoryPlugin } from '../../src/testing/kit/memory-connect.ts';
import { eventually } from '../support/server.ts';

const FILE_SOURCE = 'org.apache.kafka.connect.file.FileStreamSourceConnector';
const FILE_SINK = 'org.apache.kafka.connect.file.FileStreamSinkConnector';

/** Of connect-file, as far as the contract goes. */
export const FILE_PLUGINS: readonly MemoryPlugin[] = [
  { class: FILE_SINK, type: 'sink', version: '4.1.0' },
  { class: FILE_SOURCE, type: 'source', version: '4.1.0', required: ['topic'] },
];

/** What connector statements rely on, of any Kafka Connect that has connect-file. */
export function describeConnectContract(
  name: string,
  open: (t: TestContext) => Promise<ConnectCluster>,
  options: { readonly skip?: string | false; readonly timeoutMs?: number } = {},
): void {
  const { skip = false, timeoutMs = 5_000 } = options;
  describe(`Kafka Connect ${name}`, { skip }, () => {
    it('names its plugins', async (t) => {
      const found = await (await open(t)).plugins();
      const kindOf = (plugins: readonly ConnectorPlugin[], wanted: string) =>
        plugins.find((plugin) => plugin.class === wanted)?.type;
      assert.deepEqual([kindOf(found, FILE_SOURCE), kindOf(found, FILE_SINK)], ['source', 'sink']);
    });

    it('says what is wrong with a configuration', async (t) => {
      const connect = await open(t);
      const file = { 'connector.class': FILE_SOURCE, file: '/nowhere', topic: 't' };
      const cases: [config: Record<string, string>, fault: RegExp | undefined][] = [
        [{ name: 'c', ...file }, undefined],
        [{ name: 'c', 'connector.class': FILE_SOURCE, file: '/nowhere' }, /^topic: /],
        [{ name: 'c', ...file, 'connector.class': 'org.none.Such' }, /^connector\.class: .*org\.none\.Such/],
      ];
      for (const [config, fault] of cases) {
        const faults = await connect.validate(config);
        if (fault) assert.match(faults.join('\n'), fault);
        else assert.deepEqual(faults, []);
      }
    });

    it('makes, shows and drops a connector, whatever its name', async (t) => {
      const connect = await open(t);
      const connector = 'a b?c&d=é';
      const config = { 'connector.class': FILE_SINK, topics: 'x,y', file: '/dev/null' };
      assert.equal(await connect.info(connector), undefined);
      const made = await connect.create(connector, config);
      assert.deepEqual(
        [made.name, made.config, made.type],
        [connector, { ...config, name: connector }, 'sink'],
      );
      await assert.rejects(
        connect.create(connector, config),
        (error: unknown) => error instanceof ConnectError && error.status === 409,
      );
      const running = await eventually(
        'a task that runs',
        async () => {
          const status = await connect.status(connector);
          return status?.tasks.some(({ state }) => state === 'RUNNING') ? status : undefined;
        },
        timeoutMs,
      );
      assert.deepEqual([running.name, running.connector.state, running.type], [connector, 'RUNNING', 'sink']);
      assert.deepEqual((await connect.info(connector))?.config, made.config);
      assert.ok(Array.isArray(await connect.topics(connector)));
      const listed = (await connect.list()).find((one) => one.name === connector);
      assert.deepEqual([listed?.info?.config, listed?.status?.type], [made.config, 'sink']);
      assert.equal(await connect.drop(connector), true);
      assert.equal(await connect.drop(connector), false);
      assert.equal(await connect.info(connector), undefined);
      assert.equal(await connect.status(connector), undefined);
    });
  });
}
