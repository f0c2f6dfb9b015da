import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { RawClient } from '../../test/support/raw-client.ts';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import { MemoryFileSystem } from '../base/memory-fs.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { Broker } from './broker.ts';

async function brokerAt(
  t: TestContext,
  listen: string,
  config: Record<string, string> = {},
): Promise<Broker> {
  const broker = await Broker.start({
    fs: new MemoryFileSystem(),
    dataDir: '/data',
    clock: systemClock,
    random: new SeededRandom(3),
    logger: silentLogger,
    listen,
    config,
  });
  t.after(() => broker.stop());
  return broker;
}

/** Where the broker tells a client of this address to connect to, by three ways of asking. */
async function toldAt(port: number, host?: string): Promise<string> {
  const client = await RawClient.connect(port, host);
  const { brokers } = await client.request('Metadata', 12, { topics: [] });
  const { coordinators } = await client.request('FindCoordinator', 4, { coordinatorKeys: ['g'] });
  const cluster = await client.request('DescribeCluster', 1, {});
  client.close();
  const told = new Set(
    [...brokers, ...coordinators, ...cluster.brokers].map((each) => `${each.host}:${each.port}`),
  );
  assert.equal(told.size, 1);
  return [...told][0]!;
}

describe('listeners', () => {
  it('tell each client of the listener it came by', async (t) => {
    const broker = await brokerAt(t, 'INSIDE://127.0.0.1:0,OUTSIDE://0.0.0.0:0,SHOWN://127.0.0.1:0', {
      'listener.security.protocol.map': 'INSIDE:PLAINTEXT,OUTSIDE:PLAINTEXT,SHOWN:PLAINTEXT',
      'advertised.listeners': 'SHOWN://example.org:19092',
    });
    const ports = [...broker.addresses].map(([, address]) => Number(address.split(':')[1]));
    assert.deepEqual([...broker.addresses.keys()], ['INSIDE', 'OUTSIDE', 'SHOWN']);
    assert.equal(new Set(ports).size, 3);
    assert.equal(await toldAt(ports[0]!), `127.0.0.1:${ports[0]}`);
    assert.equal(await toldAt(ports[1]!), `127.0.0.1:${ports[1]}`);
    assert.equal(await toldAt(ports[2]!), 'example.org:19092');
  });

  it('of localhost are at both of its addresses', async (t) => {
    const broker = await brokerAt(t, 'localhost:0');
    const port = Number(broker.address.split(':')[1]);
    assert.equal(await toldAt(port, '127.0.0.1'), `localhost:${port}`);
    const here = await toldAt(port, '::1').catch((error: NodeJS.ErrnoException) => error.code);
    // A machine without IPv6 has only one of them.
    if (here !== 'EADDRNOTAVAIL' && here !== 'EAFNOSUPPORT') assert.equal(here, `localhost:${port}`);
  });

  it('are closed together when one cannot be opened', async (t) => {
    const first = await brokerAt(t, '127.0.0.1:0');
    const taken = first.address.split(':')[1];
    const second = brokerAt(t, `A://127.0.0.1:0,B://127.0.0.1:${taken}`, {
      'listener.security.protocol.map': 'A:PLAINTEXT,B:PLAINTEXT',
    });
    await assert.rejects(second, new RegExp(`^StartError: Port ${taken} at 127.0.0.1 is in use`));
  });
});
