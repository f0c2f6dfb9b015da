// The Schema Registry API from outside: what is answered to what, in the shapes its clients read.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Entry } from '../registry/entry.ts';
import { INT, LONG, scenario, TEXT } from '../testing/registry-http.ts';

describe('the schema registry', () => {
  scenario('gives a schema one id, whatever its layout and its subjects', async ({ ask, register, send }) => {
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

  scenario('tells of versions and ids in the shapes that clients read', async ({ ask, register }) => {
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

  scenario('finds the version that a schema is', async ({ ask, register }) => {
    await register('s', INT);
    await register('s', LONG);
    const found = (await ask('POST /subjects/s', LONG)) as Record<string, unknown>;
    assert.deepEqual([found.version, found.id], [2, 2]);
    assert.equal(await ask('POST /subjects/s', TEXT), 40403);
    assert.equal(await ask('POST /subjects/none', INT), 40401);
  });

  scenario('answers a wrong request with the code of its reason', async ({ ask, register }) => {
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

  scenario('deletes in two steps', async ({ ask, register }) => {
    await register('s', INT);
    await register('s', LONG);
    assert.equal(await ask('DELETE /subjects/s/versions/1?permanent=true'), 40407);
    assert.equal(await ask('DELETE /subjects/s/versions/1'), 1);
    assert.equal(await ask('DELETE /subjects/s/versions/1'), 40406);
    assert.deepEqual(await ask('GET /subjects/s/versions'), [2]);
    assert.deepEqual(await ask('GET /subjects/s/versions?deleted=true'), [1, 2]);
    assert.deepEqual(await ask('GET /subjects/s/versions?deletedOnly=true'), [1]);
    assert.deepEqual(await ask('GET /subjects/s/versions?deleted=true&deletedAsNegative=true'), [-1, 2]);
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

  scenario(
    'removes a subject with more versions than a batch of records takes',
    async ({ ask, registry }) => {
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
    },
  );

  scenario('never gives an id again, nor a version while one is remembered', async ({ ask, register }) => {
    await register('s', INT);
    await ask('DELETE /subjects/s');
    const again = (await ask('POST /subjects/s/versions', INT)) as Record<string, unknown>;
    assert.deepEqual([again.id, again.version], [1, 2]);
    await ask('DELETE /subjects/s');
    await ask('DELETE /subjects/s?permanent=true');
    assert.equal(await register('s', LONG), 2);
  });

  scenario('keeps contexts apart', async ({ ask, register }) => {
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

  scenario('lists schemas by prefix, latest only, page by page', async ({ ask, register }) => {
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

  scenario('follows aliases', async ({ ask, register }) => {
    await register('real', INT);
    await ask('PUT /config/other', { alias: 'real' });
    assert.deepEqual(await ask('GET /subjects/other/versions'), [1]);
    assert.equal(await register('other', LONG), 2);
    assert.deepEqual(await ask('GET /subjects/real/versions'), [1, 2]);
  });

  scenario('answers in the type that was asked for', async ({ ask, send }) => {
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

  scenario('takes subjects with any character in their names', async ({ ask, register }) => {
    const name = 'a/b c?d#é%';
    assert.equal(await register(encodeURIComponent(name), INT), 1);
    assert.deepEqual(await ask('GET /subjects'), [name]);
    assert.deepEqual(await ask(`GET /subjects/${encodeURIComponent(name)}/versions`), [1]);
  });
});
