// The Schema Registry API from outside: what is answered to what, in the shapes its clients read.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { after, before, beforeEach, describe, it } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import type { Entry } from '../registry/entry.ts';
import { Registry } from '../registry/registry.ts';
import { MemoryTopics } from '../testing/memory-topics.ts';
import type { User } from './auth.ts';
import { RegistryServer } from './registry-server.ts';

const INT = { schema: '"int"' };
const LONG = { schema: '"long"' };
const TEXT = { schema: '"string"' };

const record = (...fields: object[]) => ({ schema: JSON.stringify({ type: 'record', name: 'R', fields }) });
const A = { name: 'a', type: 'int' };
const B = { name: 'b', type: 'int' };

let registry: Registry;
let server: RegistryServer;

async function start(users: User[] = []): Promise<void> {
  registry = new Registry({ topics: new MemoryTopics(), clock: systemClock, logger: silentLogger });
  server = await RegistryServer.start(
    { registry, clock: systemClock, logger: silentLogger, clusterId: 'cluster' },
    {
      ...{ host: '127.0.0.1', port: 0, maxConnections: 100 },
      ...{ maxBodyBytes: 5_000, bodyTimeoutMs: 1_000, users, allowOrigin: 'http://page' },
    },
  );
}
async function stop(): Promise<void> {
  await server.stop();
  await registry.stop();
}

async function send(line: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const [method = '', path = ''] = line.split(' ');
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(`http://${server.address}${path}`, {
    method,
    headers: { connection: 'close', ...headers },
    ...(body !== undefined && { body: text }),
  });
}

/** The body of a good answer, the code of a refusal. */
async function ask(line: string, body?: unknown): Promise<unknown> {
  const response = await send(line, body);
  const answer = (await response.json()) as { error_code?: number; message?: string };
  if (response.ok) return answer;
  const { error_code = 0, message } = answer;
  assert.equal(response.status, error_code < 1000 ? error_code : Math.floor(error_code / 100), message);
  return error_code;
}

async function register(subject: string, schema: object): Promise<number> {
  const answer = await ask(`POST /subjects/${subject}/versions`, schema);
  return typeof answer === 'number' ? answer : (answer as { id: number }).id;
}

describe('the schema registry', () => {
  beforeEach(() => start());
  const scenario = (title: string, run: () => Promise<void>) =>
    it(title, async () => {
      try {
        await run();
      } finally {
        await stop();
      }
    });

  scenario('gives a schema one id, whatever its layout and its subjects', async () => {
    assert.equal(await register('s', INT), 1);
    assert.equal(await register('s', { schema: ' { "type" : "int" } ' }), 1);
    assert.equal(await register('t', INT), 1);
    assert.equal(await register('s', LONG), 2);
    assert.deepEqual(await ask('GET /subjects'), ['s', 't']);
    assert.deepEqual(await ask('GET /subjects/s/versions'), [1, 2]);
    assert.deepEqual(await ask('GET /schemas/ids/1/subjects'), ['s', 't']);
    assert.deepEqual(await ask('GET /schemas/ids/1/versions'), [
      { subject: 's', version: 1 },
      { subject: 't', version: 1 },
    ]);
    assert.equal(await (await send('GET /schemas/ids/2/schema')).text(), '"long"');
    assert.equal(await (await send('GET /subjects/s/versions/latest/schema')).text(), '"long"');
  });

  scenario('tells of versions and ids in the shapes that clients read', async () => {
    await register('s', INT);
    await register('p', { schemaType: 'JSON', schema: '{"type": "object"}' });
    const avro = (await ask('GET /subjects/s/versions/1')) as Record<string, unknown>;
    assert.deepEqual(Object.keys(avro), ['subject', 'version', 'id', 'guid', 'schema']);
    assert.deepEqual([avro.subject, avro.version, avro.id, avro.schema], ['s', 1, 1, '"int"']);
    const json = (await ask('GET /subjects/p/versions/latest')) as Record<string, unknown>;
    assert.deepEqual([json.schemaType, json.schema], ['JSON', '{"type":"object"}']);
    const byId = (await ask('GET /schemas/ids/2?fetchMaxId=true')) as Record<string, unknown>;
    assert.deepEqual([byId.schemaType, byId.maxId], ['JSON', 2]);
    const byGuid = (await ask(`GET /schemas/guids/${avro.guid}`)) as Record<string, unknown>;
    assert.equal(byGuid.schema, '"int"');
    assert.deepEqual(await ask(`GET /schemas/guids/${avro.guid}/ids`), [{ context: '.', id: 1 }]);
    assert.deepEqual(await ask('GET /schemas/types'), ['JSON', 'PROTOBUF', 'AVRO']);
  });

  scenario('finds the version that a schema is', async () => {
    await register('s', INT);
    await register('s', LONG);
    const found = (await ask('POST /subjects/s', LONG)) as Record<string, unknown>;
    assert.deepEqual([found.version, found.id], [2, 2]);
    assert.equal(await ask('POST /subjects/s', TEXT), 40403);
    assert.equal(await ask('POST /subjects/none', INT), 40401);
  });

  scenario('answers a wrong request with the code of its reason', async () => {
    await register('s', INT);
    const cases: [line: string, body: unknown, code: number][] = [
      ['GET /subjects/none/versions', undefined, 40401],
      ['GET /subjects/none/versions/1', undefined, 40401],
      ['GET /subjects/s/versions/9', undefined, 40402],
      ['GET /subjects/s/versions/0', undefined, 42202],
      ['GET /subjects/s/versions/first', undefined, 42202],
      ['GET /schemas/ids/99', undefined, 40403],
      ['GET /schemas/ids/99/subjects', undefined, 40403],
      ['GET /schemas/guids/none', undefined, 40403],
      ['GET /config/s', undefined, 40408],
      ['GET /mode/s', undefined, 40409],
      ['PUT /config', { compatibility: 'BEST' }, 42203],
      ['PUT /config', { compatability: 'FULL' }, 422],
      ['PUT /config', { compatability: null }, 422],
      ['PUT /mode', { mode: 'WRITE' }, 42204],
      ['POST /subjects/s/versions', { schema: '{' }, 42201],
      ['POST /subjects/s/versions', { schema: '' }, 42201],
      ['POST /subjects/s/versions', {}, 42201],
      ['POST /subjects/s/versions', { schema: '"int"', schemaType: 'THRIFT' }, 42201],
      [
        'POST /subjects/s/versions',
        { ...INT, references: [{ name: 'x', subject: 'none', version: 1 }] },
        42201,
      ],
      ['POST /subjects/s/versions', { ...INT, references: 'x' }, 42201],
      ['POST /subjects/:.ctx:/versions', INT, 42208],
      ['POST /subjects/s/versions', TEXT, 409],
      ['POST /subjects/s/versions', { ...LONG, id: 7 }, 42205],
      ['POST /subjects/s/versions', '{"schema"', 400],
      ['POST /subjects/s/versions', { schema: 'x'.repeat(6_000) }, 413],
      ['GET /none', undefined, 404],
      ['GET /config/none?defaultToGlobal=no', undefined, 40408],
    ];
    for (const [line, body, code] of cases) assert.equal(await ask(line, body), code, line);
  });

  scenario('deletes in two steps', async () => {
    await register('s', INT);
    await register('s', LONG);
    assert.equal(await ask('DELETE /subjects/s/versions/1?permanent=true'), 40407);
    assert.equal(await ask('DELETE /subjects/s/versions/1'), 1);
    assert.equal(await ask('DELETE /subjects/s/versions/1'), 40406);
    assert.deepEqual(await ask('GET /subjects/s/versions'), [2]);
    assert.deepEqual(await ask('GET /subjects/s/versions?deleted=true'), [1, 2]);
    assert.deepEqual(await ask('GET /subjects/s/versions?deletedOnly=true'), [1]);
    assert.equal(await ask('GET /subjects/s/versions/1'), 40402);
    assert.equal(
      ((await ask('GET /subjects/s/versions/1?deleted=true')) as { deleted: boolean }).deleted,
      true,
    );
    // Records that were written with it can be read still.
    assert.equal(((await ask('GET /schemas/ids/1')) as { schema: string }).schema, '"int"');
    assert.equal(await ask('DELETE /subjects/s/versions/1?permanent=true'), 1);
    assert.equal(await ask('GET /schemas/ids/1'), 40403);

    assert.equal(await ask('DELETE /subjects/s?permanent=true'), 40405);
    assert.deepEqual(await ask('DELETE /subjects/s'), [2]);
    assert.equal(await ask('DELETE /subjects/s'), 40404);
    assert.deepEqual([await ask('GET /subjects'), await ask('GET /subjects?deleted=true')], [[], ['s']]);
    assert.deepEqual(await ask('GET /subjects?deletedOnly=true'), ['s']);
    assert.equal(await ask('POST /subjects/s', LONG), 40401);
    assert.equal(((await ask('POST /subjects/s?deleted=true', LONG)) as { version: number }).version, 2);
    assert.deepEqual(await ask('DELETE /subjects/s?permanent=true'), [2]);
    assert.equal(await ask('DELETE /subjects/s'), 40401);
  });

  scenario('removes a subject with more versions than a batch of records takes', async () => {
    const versions = 2_100;
    const entries = Array.from({ length: versions }, (_, index): Entry => {
      const definition = { type: 'AVRO', schema: `${index}`, references: [] } as const;
      const version = { subject: 's', version: index + 1, id: index + 1, guid: `${index}`, deleted: false };
      return { kind: 'schema', subject: 's', version: index + 1, schema: { ...definition, ...version } };
    });
    await registry.write(() => ({ entries, reply: undefined }));
    await ask('DELETE /subjects/s');
    assert.equal(((await ask('DELETE /subjects/s?permanent=true')) as number[]).length, versions);
    assert.deepEqual(await ask('GET /subjects?deleted=true'), []);
  });

  scenario('never gives an id again, nor a version while one is remembered', async () => {
    await register('s', INT);
    await ask('DELETE /subjects/s');
    const again = (await ask('POST /subjects/s/versions', INT)) as Record<string, unknown>;
    assert.deepEqual([again.id, again.version], [1, 2]);
    await ask('DELETE /subjects/s');
    await ask('DELETE /subjects/s?permanent=true');
    assert.equal(await register('s', LONG), 2);
  });

  scenario('refuses what readers or writers could not follow, at the level in force', async () => {
    await register('s', record(A));
    assert.equal(await register('s', record(A, B)), 409);
    assert.deepEqual(await ask('PUT /config/s', { compatibility: 'FORWARD' }), { compatibility: 'FORWARD' });
    assert.deepEqual(await ask('GET /config/s'), { compatibilityLevel: 'FORWARD' });
    assert.equal(await register('s', record(A, B)), 2);
    assert.equal(await register('s', record(B)), 409);
    await ask('PUT /config', { compatibility: 'none' });
    assert.equal(await register('s', record(B)), 409);
    assert.deepEqual(await ask('DELETE /config/s'), { compatibilityLevel: 'FORWARD' });
    assert.equal(await register('s', record(B)), 3);
    assert.deepEqual(await ask('GET /config/s?defaultToGlobal=true'), { compatibilityLevel: 'NONE' });
  });

  scenario('tells whether a schema would do, and why not', async () => {
    const path = '/compatibility/subjects/s/versions';
    assert.deepEqual(await ask(`POST ${path}/latest`, INT), { is_compatible: true });
    assert.equal(await ask(`POST ${path}/1`, INT), 40401);
    await register('s', record(A));
    await register('s', record(A, { ...B, default: 1 }));
    assert.deepEqual(await ask(`POST ${path}/latest`, record(A)), { is_compatible: true });
    assert.equal(await ask(`POST ${path}/3`, INT), 40402);
    const verbose = (await ask(`POST ${path}/latest?verbose=true`, record(B, A))) as { messages: string[] };
    assert.deepEqual(verbose, { is_compatible: true, messages: [] });
    const { is_compatible, messages } = (await ask(
      `POST ${path}?verbose=true`,
      record({ name: 'c', type: 'int' }),
    )) as { is_compatible: boolean; messages: string[] };
    assert.equal(is_compatible, false);
    assert.match(messages[0]!, /READER_FIELD_MISSING_DEFAULT_VALUE.*'c'.*\/fields\/0/);
    assert.match(messages.at(-1)!, /BACKWARD/);
  });

  scenario('takes nothing in mode READONLY, and ids as given in mode IMPORT', async () => {
    await register('s', INT);
    await ask('PUT /mode/s', { mode: 'READONLY' });
    assert.equal(await register('s', INT), 1);
    assert.equal(await register('s', LONG), 42205);
    assert.equal(await ask('DELETE /subjects/s'), 42205);
    assert.deepEqual(await ask('DELETE /mode/s'), { mode: 'READONLY' });
    assert.equal(await ask('PUT /mode', { mode: 'IMPORT' }), 42205);
    assert.deepEqual(await ask('PUT /mode?force=true', { mode: 'IMPORT' }), { mode: 'IMPORT' });
    assert.equal(await register('t', TEXT), 42205);
    assert.equal(await register('t', { ...TEXT, id: 70, version: 5 }), 70);
    assert.equal(await register('t', { ...LONG, id: 70, version: 6 }), 42205);
    await ask('PUT /mode', { mode: 'READWRITE' });
    assert.deepEqual(await ask('GET /subjects/t/versions'), [5]);
    assert.equal(await register('s', LONG), 71);
    await ask('PUT /mode/s', { mode: 'READWRITE' });
    await ask('PUT /mode', { mode: 'READONLY_OVERRIDE' });
    assert.equal(await register('s', record(A)), 42205);
  });

  scenario('keeps schemas that others refer to', async () => {
    const named = { schema: JSON.stringify({ type: 'record', name: 'a.Named', fields: [A] }) };
    await register('named', named);
    const references = [{ name: 'a.Named', subject: 'named', version: 1 }];
    const user = JSON.stringify({ type: 'record', name: 'User', fields: [{ name: 'n', type: 'a.Named' }] });
    assert.equal(await register('user', { schema: user }), 42201);
    assert.equal(
      await register('user', { schema: user, references: [{ ...references[0], version: -1 }] }),
      2,
    );
    const kept = (await ask('GET /subjects/user/versions/1')) as Record<string, unknown>;
    assert.deepEqual([kept.schema, kept.references], [user, references]);
    assert.deepEqual(await ask('GET /subjects/named/versions/1/referencedby'), [2]);
    assert.equal(await ask('DELETE /subjects/named'), 42206);
    assert.equal(await ask('DELETE /subjects/named/versions/latest'), 42206);
    const resolved = (await ask('GET /schemas/ids/2?format=resolved')) as { schema: string };
    assert.match(resolved.schema, /"name":"Named","namespace":"a"/);
    await ask('DELETE /subjects/user');
    assert.deepEqual(await ask('DELETE /subjects/named'), [1]);
    assert.equal(await ask('DELETE /subjects/named?permanent=true'), 42206);
  });

  scenario('keeps contexts apart', async () => {
    await register('s', INT);
    assert.equal(await register(encodeURIComponent(':.eu:s'), TEXT), 1);
    assert.equal(((await ask('POST /contexts/.eu/subjects/t/versions', TEXT)) as { id: number }).id, 1);
    assert.deepEqual(await ask('GET /contexts'), ['.', '.eu']);
    assert.deepEqual(await ask('GET /subjects'), [':.eu:s', ':.eu:t', 's']);
    assert.deepEqual(await ask('GET /subjects?subjectPrefix=:.eu:t'), [':.eu:t']);
    assert.deepEqual(await ask('GET /subjects?subjectPrefix=s'), ['s']);
    assert.deepEqual(await ask('GET /contexts/:.eu:/subjects'), [':.eu:s', ':.eu:t']);
    const text = async (path: string) => ((await ask(`GET ${path}`)) as { schema: string }).schema;
    assert.equal(await text('/schemas/ids/1'), '"int"');
    assert.equal(await text('/schemas/ids/1?subject=:.eu:'), '"string"');
    assert.equal(await text('/schemas/ids/1?subject=t'), '"string"');
    assert.equal(await text('/contexts/.eu/schemas/ids/1'), '"string"');
    // A name that the default context does not have is looked for in the others.
    assert.equal(await text('/subjects/t/versions/latest'), '"string"');
    await ask('PUT /config/:.eu:', { compatibility: 'NONE' });
    assert.equal(await register(encodeURIComponent(':.eu:s'), INT), 2);
    assert.equal(await register('s', TEXT), 409);
  });

  scenario('lists schemas by prefix, latest only, page by page', async () => {
    for (const [subject, schema] of [
      ['a1', INT],
      ['a1', LONG],
      ['a2', TEXT],
      ['b', TEXT],
    ] as const)
      await register(subject, schema);
    const list = async (query: string) =>
      ((await ask(`GET /schemas${query}`)) as { subject: string; version: number }[]).map(
        ({ subject, version }) => `${subject}/${version}`,
      );
    assert.deepEqual(await list(''), ['a1/1', 'a1/2', 'a2/1', 'b/1']);
    assert.deepEqual(await list('?subjectPrefix=a&latestOnly=true'), ['a1/2', 'a2/1']);
    assert.deepEqual(await list('?offset=1&limit=2'), ['a1/2', 'a2/1']);
    assert.deepEqual(await ask('GET /subjects?limit=1'), ['a1']);
    await ask('DELETE /subjects/b');
    assert.deepEqual(await list('?deleted=true&subjectPrefix=b'), ['b/1']);
  });

  scenario(
    'carries metadata and rules from version to version, under the overrides of the subject',
    async () => {
      const owner = (name: string) => ({ properties: { owner: name } });
      await register('s', { ...INT, metadata: { properties: { owner: 'x', app: '1' } } });
      await ask('PUT /config/s', { overrideMetadata: owner('y'), compatibilityGroup: 'app' });
      await register('s', LONG);
      const latest = (await ask('GET /subjects/s/versions/latest')) as Record<string, unknown>;
      assert.deepEqual(latest.metadata, { properties: { owner: 'y', app: '1' } });
      const found = (await ask('GET /subjects/s/metadata?key=owner&value=x')) as { version: number };
      assert.equal(found.version, 1);
      // Another group of versions need not be compatible with these.
      assert.equal(await register('s', TEXT), 409);
      assert.equal(await register('s', { ...TEXT, metadata: { properties: { app: '2' } } }), 3);
    },
  );

  scenario('keeps the names of fields that are reserved', async () => {
    const reserving = (names: string) => ({ metadata: { properties: { 'confluent:reserved': names } } });
    const optional = (name: string) => ({ name, type: 'int', default: 0 });
    await register('s', { ...record(A), ...reserving('old, gone') });
    assert.equal(await register('s', { ...record(A, optional('old')) }), 409);
    assert.equal(await register('s', { ...record(A, optional('new')), ...reserving('old') }), 409);
    assert.equal(await register('s', record(A, optional('new'))), 2);
    const path = '/compatibility/subjects/s/versions?verbose=true';
    const within = { name: 'o', type: { type: 'record', name: 'I', fields: [optional('x')] }, default: {} };
    const { messages } = (await ask(`POST ${path}`, {
      ...record(A, within),
      ...reserving('old,gone,o.x'),
    })) as {
      messages: string[];
    };
    assert.match(messages[0]!, /FIELD_CONFLICTS_WITH_RESERVED_FIELD.*o\.x/);
  });

  scenario('follows aliases', async () => {
    await register('real', INT);
    await ask('PUT /config/other', { alias: 'real' });
    assert.deepEqual(await ask('GET /subjects/other/versions'), [1]);
    assert.equal(await register('other', LONG), 2);
    assert.deepEqual(await ask('GET /subjects/real/versions'), [1, 2]);
  });

  scenario('takes schemas that mean the same for one when asked to normalize', async () => {
    const one = { schemaType: 'JSON', schema: '{"type":"object","title":"t"}' };
    const other = { schemaType: 'JSON', schema: '{"title":"t","type":"object"}' };
    await ask('POST /subjects/s/versions?normalize=true', one);
    const again = (await ask('POST /subjects/s/versions?normalize=true', other)) as { id: number };
    assert.equal(again.id, 1);
    assert.equal(await register('s', other), 1);
    assert.equal(await register('s', one), 2);
  });

  scenario('answers in the type that was asked for', async () => {
    const typeFor = async (accept: string) =>
      (await send('GET /subjects', undefined, { accept })).headers.get('content-type');
    assert.equal(await typeFor('*/*'), 'application/vnd.schemaregistry.v1+json');
    assert.equal(
      await typeFor('application/vnd.schemaregistry.v1+json; q=0.9, application/json; q=0.5'),
      'application/vnd.schemaregistry.v1+json',
    );
    assert.equal(await typeFor('application/json'), 'application/json');
    assert.equal((await send('GET /subjects', undefined, { accept: 'text/html' })).status, 406);
    assert.deepEqual(await ask('GET /'), {});
    const { scope } = (await ask('GET /v1/metadata/id')) as { scope: { clusters: object } };
    assert.deepEqual(scope.clusters, {
      'kafka-cluster': 'cluster',
      'schema-registry-cluster': 'schema-registry',
    });
    assert.match(((await ask('GET /v1/metadata/version')) as { version: string }).version, /^\d/);
  });

  scenario('takes subjects with any character in their names', async () => {
    const name = 'a/b c?d#é%';
    assert.equal(await register(encodeURIComponent(name), INT), 1);
    assert.deepEqual(await ask('GET /subjects'), [name]);
    assert.deepEqual(await ask(`GET /subjects/${encodeURIComponent(name)}/versions`), [1]);
  });
});

describe('a schema registry with users', () => {
  before(() =>
    start(
      (['reader', 'writer', 'developer', 'admin'] as const).map((role) => ({
        user: role,
        password: 'p',
        role,
      })),
    ),
  );
  after(stop);
  const as = (user: string) => ({ authorization: `Basic ${Buffer.from(`${user}:p`).toString('base64')}` });

  it('answers those alone', async () => {
    assert.equal((await send('GET /subjects', undefined, as('reader'))).status, 200);
    const refused = await send('GET /subjects');
    assert.equal(refused.status, 401);
    assert.match(refused.headers.get('www-authenticate') ?? '', /^Basic/);
    assert.equal(((await refused.json()) as { error_code: number }).error_code, 401);
    assert.equal((await send('GET /subjects', undefined, as('nobody'))).status, 401);
  });

  it('tells browsers what pages of the allowed origin may do', async () => {
    const asked = { 'access-control-request-method': 'PUT', origin: 'http://page' };
    const answer = await send('OPTIONS /config', undefined, asked);
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get('access-control-allow-origin'), 'http://page');
    assert.match(answer.headers.get('access-control-allow-methods') ?? '', /PUT,DELETE/);
    assert.equal((await send('GET /subjects')).headers.get('access-control-allow-origin'), 'http://page');
  });

  it('lets each do what the role may', async () => {
    const requests: [line: string, body: unknown, role: string][] = [
      ['POST /subjects/s/versions', INT, 'writer'],
      ['POST /contexts/.c/subjects/s/versions', INT, 'writer'],
      ['POST /subjects/s', INT, 'reader'],
      ['POST /compatibility/subjects/s/versions', INT, 'reader'],
      // Names that are also words of paths.
      ['POST /contexts/compatibility/subjects/s/versions', INT, 'writer'],
      ['POST /contexts/compatibility/subjects/:.prod:x/versions', INT, 'writer'],
      ['POST /contexts/.c/compatibility/subjects/s/versions', INT, 'reader'],
      ['POST /subjects/config/versions', INT, 'writer'],
      ['POST /contexts/config/subjects/mode/versions', INT, 'writer'],
      ['POST /subjects/config', INT, 'reader'],
      ['DELETE /subjects/config', undefined, 'developer'],
      ['DELETE /contexts/config/subjects/mode', undefined, 'developer'],
      ['PUT /contexts/.c/config/versions', { compatibility: 'NONE' }, 'admin'],
      ['DELETE /contexts/.c/config/versions', undefined, 'admin'],
      ['GET /config', undefined, 'reader'],
      ['PUT /config', { compatibility: 'NONE' }, 'admin'],
      ['PUT /mode/s', { mode: 'READWRITE' }, 'admin'],
      ['DELETE /config/', undefined, 'admin'],
      ['DELETE /subjects/s/versions/1', undefined, 'developer'],
      ['DELETE /subjects/s?permanent=true', undefined, 'developer'],
    ];
    const roles = ['reader', 'writer', 'developer', 'admin'];
    for (const [line, body, role] of requests) {
      const below = roles[roles.indexOf(role) - 1];
      if (below) assert.equal((await send(line, body, as(below))).status, 403, `${line} as ${below}`);
      assert.equal((await send(line, body, as(role))).status, 200, `${line} as ${role}`);
    }
  });
});
