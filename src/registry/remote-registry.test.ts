import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeSchemaRegistryContract } from '../../test/contract/schema-registry-contract.ts';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import type { User } from '../http/auth.ts';
import { RegistryServer } from '../http/registry-server.ts';
import { MemorySchemaRegistry } from '../serde/memory-schema-registry.ts';
import { SchemaRegistryError } from '../serde/schema-registry.ts';
import { MemoryTopics } from '../testing/memory-topics.ts';
import { Registry } from './registry.ts';
import { RemoteRegistry } from './remote-registry.ts';

const own = () => new Registry({ topics: new MemoryTopics(), clock: systemClock, logger: silentLogger });

async function serve(users: User[] = []) {
  const registry = own();
  const server = await RegistryServer.start(
    { registry, clock: systemClock, logger: silentLogger, clusterId: 'c' },
    { host: '127.0.0.1', port: 0, maxConnections: 10, maxBodyBytes: 10_000, bodyTimeoutMs: 1_000, users },
  );
  return {
    address: server.address,
    close: async () => {
      await server.stop();
      await registry.stop();
    },
  };
}

/** Connections are not kept, so that a server need not wait for them. */
const once: typeof fetch = (url, init) =>
  fetch(url, { ...init, headers: { ...(init?.headers as Record<string, string>), connection: 'close' } });

describeSchemaRegistryContract('own', async () => {
  const registry = own();
  return { registry, close: () => registry.stop() };
});
describeSchemaRegistryContract('over HTTP', async () => {
  const { address, close } = await serve();
  return { registry: new RemoteRegistry({ url: `http://${address}/`, fetch: once }), close };
});
describeSchemaRegistryContract(
  'in memory',
  async () => ({ registry: new MemorySchemaRegistry(), close: async () => {} }),
  { checks: false },
);

describe('a registry elsewhere', () => {
  const failsWith = (code: number, message: RegExp) => (error: unknown) =>
    error instanceof SchemaRegistryError && error.code === code && message.test(error.message);

  it('asks for a user where it is told one', async () => {
    const { address, close } = await serve([{ user: 'u', password: 'p:1', role: 'admin' }]);
    for (const options of [{ url: `http://${address}`, user: 'u:p:1' }, { url: `http://u:p%3A1@${address}` }])
      assert.equal(await new RemoteRegistry({ ...options, fetch: once }).latest('s'), undefined);
    const stranger = new RemoteRegistry({ url: `http://${address}`, fetch: once });
    await assert.rejects(stranger.latest('s'), failsWith(401, /user name/));
    await close();
  });

  it('is asked at its next address when one is not reached', async () => {
    const { address, close } = await serve();
    const registry = new RemoteRegistry({ url: `http://127.0.0.1:1,http://${address}`, fetch: once });
    assert.equal(await registry.latest('s'), undefined);
    await close();
    const gone = new RemoteRegistry({ url: 'http://127.0.0.1:1', fetch: once });
    await assert.rejects(gone.latest('s'), failsWith(0, /http:\/\/127\.0\.0\.1:1 was not reached: /));
  });

  it('that does not answer is not waited for long where somebody asks again', async () => {
    const silent: typeof fetch = (_url, init) =>
      new Promise((_resolve, reject) =>
        init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason)),
      );
    const options = { url: 'http://r', fetch: silent, timeoutMs: 600_000, lookupTimeoutMs: 5 };
    const registry = new RemoteRegistry(options);
    await assert.rejects(registry.byId(1), failsWith(0, /http:\/\/r was not reached: .*timeout/));
    await assert.rejects(registry.version('s', 1), failsWith(0, /timeout/));
  });

  it('that answers with a page is told as what it is', async () => {
    const page: typeof fetch = async () => new Response('<html>Bad gateway</html>', { status: 502 });
    const registry = new RemoteRegistry({ url: 'http://r', fetch: page });
    await assert.rejects(registry.byId(1), failsWith(502, /<html>Bad gateway/));
  });
});
