import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { describeConnectContract, FILE_PLUGINS } from '../../test/contract/connect-contract.ts';
import { afterTest } from '../../test/support/after-test.ts';
import { startConnectServer } from '../../test/support/connect-server.ts';
import { ConnectError } from '../engine/service/connect-cluster.ts';
import { MemoryConnect } from '../testing/kit/memory-connect.ts';
import { RemoteConnect } from './remote-connect.ts';

describeConnectContract('in memory', async () => new MemoryConnect(FILE_PLUGINS));
describeConnectContract('over HTTP', async (t) => {
  const server = await startConnectServer(new MemoryConnect(FILE_PLUGINS));
  afterTest(t, () => server.stop());
  return new RemoteConnect({ url: server.url });
});

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterTest(t, () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Where nobody listens any more. */
async function nobody(): Promise<string> {
  const server = await startConnectServer(new MemoryConnect());
  await server.stop();
  return server.url;
}

function answering(t: TestContext, status: number, body: string): Promise<string> {
  return serve(t, (_, response) => {
    response.statusCode = status;
    response.end(body);
  });
}

const failsWith = (status: number, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ConnectError, String(error));
  assert.match(error.message, message);
  assert.equal(error.status, status);
  return true;
};

describe('Kafka Connect elsewhere', () => {
  const body = (error_code: number, message: string) => JSON.stringify({ error_code, message });
  const refusals: [what: string, status: number, body: string, seen: number, message: RegExp][] = [
    ['is told', 400, body(400, 'bad'), 400, /^Kafka Connect refused POST \/connectors \(400\): bad$/],
    ['is told', 409, body(409, 'moving'), 409, /\(409\): moving$/],
    ['is told', 500, body(500, 'broken'), 500, /\(500\): broken$/],
    [
      'of one that starts is told',
      404,
      body(404, 'Not Found'),
      0,
      /with 404: Not Found\. Is it still starting\?$/,
    ],
    ['of its HTTP server is told', 400, '<h1>Bad</h1>\n<pre>no name</pre>', 400, /\(400\): Bad no name$/],
    ['of a proxy is told', 502, '<html>Bad gateway</html>', 0, /status 502 does not speak as Kafka Connect/],
    ['of another server is told', 404, '<html>None</html>', 0, /POST http:\S+\/connectors with status 404/],
    ['of another server is told', 200, '<html>Hello</html>', 0, /status 200 .*\. Is that its address\?$/],
    ['of a guard is told', 401, 'who are you?', 401, /\(401\): who are you\?$/],
  ];
  for (const [what, status, text, seen, message] of refusals)
    it(`a refusal ${what}: ${status} ${text}`, async (t) => {
      const connect = new RemoteConnect({ url: await answering(t, status, text) });
      await assert.rejects(connect.create('c', {}), failsWith(seen, message));
    });

  it('that starts does not seem to have no connectors', async (t) => {
    const connect = new RemoteConnect({ url: await answering(t, 404, body(404, 'Not Found')) });
    const questions = [() => connect.info('c'), () => connect.status('c'), () => connect.drop('c')];
    for (const ask of questions) await assert.rejects(ask(), failsWith(0, /Is it still starting\?$/));
  });

  it('is not asked about names that a URL cannot hold', async (t) => {
    const connect = new RemoteConnect({ url: await answering(t, 200, '[]') });
    for (const name of ['.', '..'])
      await assert.rejects(connect.drop(name), failsWith(400, /of the name '\.+'/));
  });

  it('is asked as the user it is told', async (t) => {
    const seen: (string | undefined)[] = [];
    const url = await serve(t, (request, response) => {
      seen.push(request.headers.authorization);
      response.end('[]');
    });
    await new RemoteConnect({ url, user: 'ann:secret' }).plugins();
    await new RemoteConnect({ url: url.replace('//', '//bob:word@') }).plugins();
    await new RemoteConnect({ url }).plugins();
    assert.deepEqual(seen, [`Basic ${btoa('ann:secret')}`, `Basic ${btoa('bob:word')}`, undefined]);
  });

  it('is asked at its next worker only when one was not reached', async (t) => {
    const [url, gone] = [await answering(t, 200, '[]'), await nobody()];
    assert.deepEqual(await new RemoteConnect({ url: `${gone},${url}` }).plugins(), []);
    await assert.rejects(
      new RemoteConnect({ url: gone }).plugins(),
      failsWith(
        0,
        /^Kafka Connect was not reached at http:\/\/127\.0\.0\.1:\d+ \(.*ECONNREFUSED.*\)\. Is it running there\?$/,
      ),
    );
    let asked = 0;
    const hangsUp = await serve(t, (request) => {
      asked += 1;
      request.socket.destroy();
    });
    await assert.rejects(
      new RemoteConnect({ url: `${hangsUp},${url}` }).create('c', {}),
      failsWith(
        0,
        /did not answer POST .*Whether it has done what it was asked is not known: SHOW CONNECTORS/,
      ),
    );
    assert.equal(asked, 1);
  });

  it('that is silent is not waited for longer than is said', async (t) => {
    const url = await serve(t, () => {});
    await assert.rejects(
      new RemoteConnect({ url, timeoutMs: 50 }).info('c'),
      failsWith(0, /did not answer GET \S+\/connectors\/c: nothing within 50 ms \(connectTimeoutMs\)\.$/),
    );
  });

  it('that has no such class is told so, by any of the names that a class has', async (t) => {
    const plugin = { class: 'org.files.FileSourceConnector', type: 'source', version: '1' };
    const url = await serve(t, (request, response) => {
      response.statusCode = request.method === 'GET' ? 200 : 500;
      response.end(request.method === 'GET' ? JSON.stringify([plugin]) : body(500, 'it breaks'));
    });
    const connect = new RemoteConnect({ url });
    const validate = (className: string) => connect.validate({ name: 'c', 'connector.class': className });
    for (const className of ['FileSource', 'FileSourceConnector', 'org.files.FileSourceConnector'])
      await assert.rejects(validate(className), failsWith(500, /it breaks$/), className);
    for (const className of ['Files', 'org.none.FileSourceConnector'])
      assert.match(
        (await validate(className)).join('\n'),
        /^connector\.class: there is no \S+\. SHOW CONNECTOR/,
      );
  });

  it('that tracks no topics is no failure', async (t) => {
    const connect = new RemoteConnect({
      url: await answering(t, 403, body(403, 'Topic tracking is disabled.')),
    });
    assert.equal(await connect.topics('c'), undefined);
    await assert.rejects(connect.status('c'), failsWith(403, /tracking is disabled/));
  });

  it('lists what it can tell of connectors that come and go', async (t) => {
    const one = { status: { name: 'a', type: 'sink', connector: { state: 'PAUSED' }, tasks: [] } };
    const connect = new RemoteConnect({ url: await answering(t, 200, JSON.stringify({ b: {}, a: one })) });
    assert.deepEqual(await connect.list(), [
      { name: 'a', info: undefined, status: one.status },
      { name: 'b', info: undefined, status: undefined },
    ]);
  });
});
