// What the Schema Registry API takes and refuses: compatibility, modes, references, metadata.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { A, B, INT, LONG, record, scenario, TEXT } from '../testing/registry-http.ts';

describe('the schema registry', () => {
  scenario(
    'refuses what readers or writers could not follow, at the level in force',
    async ({ ask, register }) => {
      await register('s', record(A));
      assert.equal(await register('s', record(A, B)), 409);
      assert.deepEqual(await ask('PUT /config/s', { compatibility: 'FORWARD' }), {
        compatibility: 'FORWARD',
      });
      assert.deepEqual(await ask('GET /config/s'), { compatibilityLevel: 'FORWARD' });
      assert.equal(await register('s', record(A, B)), 2);
      assert.equal(await register('s', record(B)), 409);
      await ask('PUT /config', { compatibility: 'none' });
      assert.equal(await register('s', record(B)), 409);
      assert.deepEqual(await ask('DELETE /config/s'), { compatibilityLevel: 'FORWARD' });
      assert.equal(await register('s', record(B)), 3);
      assert.deepEqual(await ask('GET /config/s?defaultToGlobal=true'), { compatibilityLevel: 'NONE' });
    },
  );

  scenario('tells whether a schema would do, and why not', async ({ ask, register }) => {
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

  scenario('takes nothing in mode READONLY, and ids as given in mode IMPORT', async ({ ask, register }) => {
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

  scenario('keeps schemas that others refer to', async ({ ask, register }) => {
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

  scenario(
    'carries metadata and rules from version to version, under the overrides of the subject',
    async ({ ask, register }) => {
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

  scenario('keeps the names of fields that are reserved', async ({ ask, register }) => {
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

  scenario('takes schemas that mean the same for one when asked to normalize', async ({ ask, register }) => {
    const one = { schemaType: 'JSON', schema: '{"type":"object","title":"t"}' };
    const other = { schemaType: 'JSON', schema: '{"title":"t","type":"object"}' };
    await ask('POST /subjects/s/versions?normalize=true', one);
    const again = (await ask('POST /subjects/s/versions?normalize=true', other)) as { id: number };
    assert.equal(again.id, 1);
    assert.equal(await register('s', other), 1);
    assert.equal(await register('s', one), 2);
  });
});
