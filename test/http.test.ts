// The HTTP port from outside: what clients of every kind, and what is no client at all, get from it.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { connect as connectHttp2, constants } from 'node:http2';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { deflateSync, gzipSync } from 'node:zlib';
import { Millrace } from '../src/millrace.ts';

let millrace: Millrace;
let base = '';
let port = 0;

before(async () => {
  millrace = await Millrace.start({
    data: 'memory',
    maxBodyBytes: 1000,
    bodyTimeoutMs: 200,
    allowOrigin: '*',
  });
  base = `http://${millrace.httpAddress}`;
  port = Number(new URL(base).port);
});
after(() => millrace.stop());

/** Sends raw bytes and returns what comes back until the connection ends or is quiet. */
function raw(...parts: readonly (string | Uint8Array)[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    socket.setTimeout(1_000, () => socket.destroy());
    void (async () => {
      for (const part of parts) {
        socket.write(part);
        await delay(10);
      }
    })();
  });
}

const coded = (coding: string) => ({ 'content-encoding': coding });

async function isServing(): Promise<boolean> {
  return (await fetch(`${base}/info`)).status === 200;
}

describe('the HTTP port', () => {
  it('names itself, and sends / to where that is', async () => {
    const response = await fetch(base);
    assert.equal(new URL(response.url).pathname, '/info');
    const { KsqlServerInfo } = (await response.json()) as { KsqlServerInfo: Record<string, string> };
    assert.equal(KsqlServerInfo.serverStatus, 'RUNNING');
    assert.deepEqual(Object.keys(KsqlServerInfo), [
      'version',
      'kafkaClusterId',
      'ksqlServiceId',
      'serverStatus',
    ]);
  });

  it('answers health checks', async () => {
    const health = (await (await fetch(`${base}/healthcheck`)).json()) as { isHealthy: boolean };
    assert.equal(health.isHealthy, true);
  });

  it('answers what servers of a ksqlDB cluster tell each other, and ends its service when asked to', async () => {
    const send = async (path: string, body: object) => {
      const response = await fetch(base + path, { method: 'POST', body: JSON.stringify(body) });
      return [response.status, await response.json()] as const;
    };
    assert.deepEqual(await send('/heartbeat', { hostInfo: {}, timestamp: 1 }), [200, { isOk: true }]);
    assert.deepEqual(await send('/lag', {}), [200, { isOk: true }]);
    const [status, [entity]] = await send('/ksql/terminate', { deleteTopicList: ['none.*'] });
    assert.deepEqual([status, entity.commandStatus.status], [200, 'SUCCESS']);
    const [refused, { message }] = await send('/ksql/terminate', { deleteTopicList: 'all' });
    assert.deepEqual([refused, message], [400, 'The field "deleteTopicList" must be a list of texts.']);
  });

  it('speaks HTTP/2 in clear text on the same port', async () => {
    const session = connectHttp2(base);
    const request = session.request({ ':path': '/info' });
    let status = 0;
    request.on('response', (headers) => {
      status = Number(headers[constants.HTTP2_HEADER_STATUS]);
    });
    let body = '';
    for await (const chunk of request) body += chunk;
    session.close();
    assert.equal(status, 200);
    assert.match(body, /KsqlServerInfo/);
  });

  it('recognises a protocol by first bytes that arrive one by one', async () => {
    const answer = await raw(
      'P',
      'O',
      'ST /ksql HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nconnection: close\r\n\r\n',
      '{}',
    );
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.match(answer, /needs a text field \\"ksql\\"/);
  });

  it('survives a WebSocket handshake for something that is no path', async () => {
    for (const target of ['//', 'http://[', '*']) {
      const headers = 'host: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13';
      const answer = await raw(
        `GET ${target} HTTP/1.1\r\n${headers}\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
      );
      assert.match(answer, /^HTTP\/1.1 404 /, target);
    }
    assert.ok(await isServing());
  });

  const offer =
    'host: x\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n';
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');

  it('takes an offer of HTTP/2, also with a body, and answers in it', async () => {
    for (const [request, body] of [
      ['GET /info', ''],
      ['POST /ksql', '{"ksql":"SHOW STREAMS;"}'],
    ]) {
      const head = `${request} HTTP/1.1\r\n${offer}content-length: ${body!.length}\r\n\r\n`;
      const answer = await raw(head, body!, preface);
      assert.match(answer, /^HTTP\/1\.1 101 /);
      assert.match(answer, /KsqlServerInfo|"@type":"streams"/);
    }
  });

  it('answers in HTTP/1.1 where the offer cannot be taken', async () => {
    const chunked = 'transfer-encoding: chunked\r\n\r\n18\r\n{"ksql":"SHOW STREAMS;"}\r\n0\r\n\r\n';
    assert.match(await raw(`POST /ksql HTTP/1.1\r\n${offer}${chunked}`), /^HTTP\/1\.1 200 /);
    const long = `content-length: 70000\r\n\r\n${'x'.repeat(70_000)}`;
    assert.match(await raw(`POST /ksql HTTP/1.1\r\n${offer}${long}`), /^HTTP\/1\.1 413 /);
  });

  it('survives a client that changes its mind', async () => {
    await raw(`GET /info HTTP/1.1\r\n${offer}\r\n`, 'no preface at all, whatever it is');
    await raw(`POST /ksql HTTP/1.1\r\n${offer}content-length: 9\r\n\r\n`);
    assert.ok(await isServing());
  });

  const garbage: [name: string, ...parts: (string | Uint8Array)[]][] = [
    ['random bytes', Buffer.from(Array.from({ length: 600 }, (_, i) => (i * 7919) & 0xff))],
    ['a TLS hello', Buffer.from('160301020001000001fc0303', 'hex')],
    ['a Kafka request', Buffer.from('0000001700120003000000010007636c69656e742d31', 'hex')],
    ['a broken HTTP/2 frame', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', Buffer.alloc(200, 0xff)],
    ['endless headers', 'GET / HTTP/1.1\r\n', 'a'.repeat(100_000)],
  ];
  for (const [name, ...parts] of garbage)
    it(`closes a connection that sends ${name} and serves others`, async () => {
      const answer = await raw(...parts);
      assert.doesNotMatch(answer, /^HTTP\/1\.1 2/);
      assert.equal(await isServing(), true);
    });

  const errors: [name: string, request: RequestInit & { path: string }, status: number, code: number][] = [
    ['no JSON', { path: '/ksql', method: 'POST', body: '{' }, 400, 40000],
    ['no object', { path: '/ksql', method: 'POST', body: '[]' }, 400, 40000],
    ['no statement', { path: '/ksql', method: 'POST', body: '{}' }, 400, 40000],
    ['a body over the limit', { path: '/ksql', method: 'POST', body: 'x'.repeat(2000) }, 413, 41300],
    ['nothing there', { path: '/nothing' }, 404, 40400],
    ['the wrong method', { path: '/ksql' }, 405, 40500],
    ['the wrong method for facts', { path: '/info', method: 'POST', body: '{}' }, 405, 40500],
    ['a WebSocket path without a WebSocket', { path: '/ws/query' }, 426, 42600],
    [
      'no UTF-8',
      { path: '/ksql', method: 'POST', body: Buffer.from('{"ksql":"\xff"}', 'latin1') },
      400,
      40000,
    ],
    [
      'an unknown content coding',
      { path: '/ksql', method: 'POST', body: '{}', headers: coded('zstd') },
      415,
      41500,
    ],
    ['no gzip', { path: '/ksql', method: 'POST', body: '{}', headers: coded('gzip') }, 400, 40000],
    [
      'a body over the limit once it is unpacked',
      { path: '/ksql', method: 'POST', body: gzipSync('x'.repeat(2000)), headers: coded('gzip') },
      413,
      41300,
    ],
    ['a property of the server', { path: '/is_valid_property/ksql.service.id' }, 400, 40000],
    ['a property nobody knows', { path: '/is_valid_property/colour' }, 400, 40000],
    [
      'an unknown property',
      { path: '/ksql', method: 'POST', body: '{"ksql":"SHOW STREAMS;","streamsProperties":{"foo":"1"}}' },
      400,
      40000,
    ],
    [
      'an unacceptable answer type',
      { path: '/query-stream', method: 'POST', body: '{}', headers: { accept: 'text/html' } },
      406,
      40600,
    ],
    [
      'an unknown query to close',
      { path: '/close-query', method: 'POST', body: '{"queryId":"x"}' },
      400,
      40000,
    ],
    ['an unknown topic', { path: '/api/topics/none/records' }, 404, 40400],
  ];
  for (const [name, { path, ...init }, status, code] of errors)
    it(`says what is wrong: ${name}`, async () => {
      const response = await fetch(base + path, init);
      const body = (await response.json()) as Record<string, unknown>;
      assert.deepEqual([response.status, body.error_code], [status, code]);
      assert.equal(body['@type'], 'generic_error');
      assert.equal(response.headers.get('access-control-allow-origin'), '*');
    });

  it('says which method a path answers', async () => {
    assert.equal((await fetch(`${base}/query-stream`)).headers.get('allow'), 'POST');
    assert.equal((await fetch(`${base}/info`, { method: 'DELETE' })).headers.get('allow'), 'GET');
  });

  it('takes properties that may be set, also those without effect here', async () => {
    for (const name of ['auto.offset.reset', 'ksql.streams.auto.offset.reset', 'ksql.streams.poll.ms'])
      assert.equal(await (await fetch(`${base}/is_valid_property/${name}`)).text(), 'true', name);
  });

  for (const [coding, pack] of [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ] as const)
    it(`unpacks a body that was packed by ${coding}`, async () => {
      const send = async (path: string, body: string) => {
        const response = await fetch(base + path, {
          method: 'POST',
          headers: coded(coding),
          body: pack(body),
        });
        return response.text();
      };
      assert.match(await send('/ksql', '{"ksql":"SHOW STREAMS;"}'), /"@type":"streams"/);
      assert.match(await send('/query', '{"ksql":"SHOW STREAMS;"}'), /SELECT or PRINT/);
      assert.match(await send('/inserts-stream', '{"target":"NOWHERE"}'), /NOWHERE/);
    });

  it('does not wait for the rest of a packed body whose client has left', async () => {
    const half = gzipSync('{"ksql":"SHOW STREAMS;"}').subarray(0, 15);
    const head = 'POST /ksql HTTP/1.1\r\nhost: x\r\ncontent-encoding: gzip\r\ncontent-length: 99\r\n\r\n';
    assert.match(await raw(head, half), /^HTTP\/1\.1 408 |^$/);
    assert.ok(await isServing());
  });

  it('says that a statement in a URL is too long', async () => {
    const answer = await raw(`GET /ws/query?request=${'x'.repeat(20_000)} HTTP/1.1\r\n`);
    assert.match(answer, /^HTTP\/1\.1 431 /);
  });

  it('turns away a body that does not arrive', async () => {
    const answer = await raw('POST /ksql HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\n{"ksql":');
    assert.match(answer, /^HTTP\/1\.1 408 /);
  });

  it('answers a preflight of any page', async () => {
    const headers = { origin: 'http://page', 'access-control-request-headers': 'content-type' };
    const response = await fetch(`${base}/ksql`, { method: 'OPTIONS', headers });
    assert.equal(response.status, 204);
    assert.equal(response.headers.get('access-control-allow-origin'), '*');
    assert.equal(response.headers.get('access-control-allow-headers'), 'content-type');
    assert.match(response.headers.get('access-control-allow-methods') ?? '', /POST/);
  });

  it('shows its state, once and live', async () => {
    await millrace.createTopic({ name: 'SHOWN', partitionCount: 2 });
    const overview = (await (await fetch(`${base}/api/overview`)).json()) as { topics: { name: string }[] };
    const shown = overview.topics.find(({ name }) => name === 'SHOWN');
    assert.deepEqual(shown, {
      name: 'SHOWN',
      internal: false,
      partitions: [
        { partition: 0, logStartOffset: 0, highWatermark: 0 },
        { partition: 1, logStartOffset: 0, highWatermark: 0 },
      ],
    });

    const abort = new AbortController();
    const stream = await fetch(`${base}/api/overview/stream`, { signal: abort.signal });
    assert.equal(stream.headers.get('content-type'), 'text/event-stream');
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    assert.match((await reader.read()).value ?? '', /^event: overview\ndata: \{.*\}\n\n$/);
    await millrace.createTopic({ name: 'NEWER', partitionCount: 1 });
    assert.match((await reader.read()).value ?? '', /NEWER/);
    abort.abort();
  });

  it('exports metrics that Prometheus and the Kafka dashboards read', async () => {
    const text = await (await fetch(`${base}/metrics`)).text();
    assert.match(text, /^kafka_brokers 1$/m);
    assert.match(text, /^kafka_topic_partition_current_offset\{partition="0",topic="SHOWN"\} 0$/m);
    for (const line of text.split('\n'))
      assert.match(line, /^$|^# (HELP|TYPE) \w+ .+$|^\w+(\{(\w+="[^"]*",?)*\})? [-+.\deInfNa]+$/);
  });
});

describe('an HTTP port with users', () => {
  let guarded: Millrace;
  before(async () => {
    guarded = await Millrace.start({ data: 'memory', users: ['key:secret'], allowOrigin: 'http://page' });
  });
  after(() => guarded.stop());

  const requests: [path: string, init?: RequestInit][] = [
    ['/info'],
    ['/api/overview'],
    ['/metrics'],
    ['/ksql', { method: 'POST', body: '{"ksql":"SHOW STREAMS;"}' }],
  ];
  for (const [path, init] of requests)
    it(`asks for one at ${path}`, async () => {
      const url = `http://${guarded.httpAddress}${path}`;
      const anonymous = await fetch(url, init);
      assert.equal(anonymous.status, 401);
      assert.match(anonymous.headers.get('www-authenticate') ?? '', /^Basic/);
      assert.equal(((await anonymous.json()) as { error_code: number }).error_code, 40100);
      const known = await fetch(url, { ...init, headers: { authorization: `Basic ${btoa('key:secret')}` } });
      assert.notEqual(known.status, 401);
    });

  it('tells whoever asks that it lives', async () => {
    for (const probe of ['/chc/live', '/chc/ready'])
      assert.equal((await fetch(`http://${guarded.httpAddress}${probe}`)).status, 200, probe);
  });

  it('answers a preflight without one', async () => {
    const response = await fetch(`http://${guarded.httpAddress}/ksql`, { method: 'OPTIONS' });
    assert.equal(response.status, 204);
  });
});
