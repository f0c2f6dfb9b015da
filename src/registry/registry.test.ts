import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { silentLogger } from '../base/logger.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import { SchemaRegistryError, type SchemaText } from '../serde/schema-registry.ts';
import { MemoryTopics } from '../testing/memory-topics.ts';
import { consume } from '../testing/topic-content.ts';
import type { Topics } from '../topics/topics.ts';
import { deleteSubject } from './deletions.ts';
import { versionsOf } from './lookups.ts';
import { Registry } from './registry.ts';
import { changeConfig, configInScope } from './settings.ts';

const avro = (schema: unknown): SchemaText => ({
  type: 'AVRO',
  schema: JSON.stringify(schema),
  references: [],
});
const open = (topics: Topics) => new Registry({ topics, clock: new VirtualClock(), logger: silentLogger });

async function append(
  topics: Topics,
  records: readonly [key: object, value: object | null][],
): Promise<void> {
  const builder = new BatchBuilder();
  for (const [key, value] of records)
    builder.append(0, Buffer.from(JSON.stringify(key)), value && Buffer.from(JSON.stringify(value)));
  await topics.append({ topic: '_schemas', partition: 0, batch: builder.build() });
}

const createCompacted = (topics: Topics) =>
  topics.create({ name: '_schemas', partitionCount: 1, config: new Map([['cleanup.policy', 'compact']]) });

describe('the registry', () => {
  it('has no topic before somebody asks for a schema', async () => {
    const topics = new MemoryTopics();
    const registry = open(topics);
    assert.deepEqual(await topics.describe(), []);
    assert.equal(await registry.latest('s'), undefined);
    const [topic] = await topics.describe(['_schemas']);
    assert.deepEqual([topic?.partitionCount, topic?.config.get('cleanup.policy')], [1, 'compact']);
    await registry.stop();
  });

  it('is the port through which formats ask for schemas', async () => {
    const registry = open(new MemoryTopics());
    const id = await registry.register('s', avro('int'));
    assert.equal(await registry.register('s', avro({ type: 'int' })), id);
    assert.equal((await registry.byId(id))?.schema, '"int"');
    assert.equal((await registry.latest('s'))?.version, 1);
    assert.equal((await registry.version('s', 1))?.id, id);
    assert.equal(await registry.version('s', 2), undefined);
    assert.equal((await registry.lookup('s', avro('int')))?.version, 1);
    assert.equal(await registry.lookup('s', avro('long')), undefined);
    assert.equal(await registry.byId(99), undefined);
    const refused = registry.register('s', avro('string'));
    await assert.rejects(refused, (error) => error instanceof SchemaRegistryError && error.code === 409);
    await registry.stop();
    await assert.rejects(registry.latest('s'), (error) => error instanceof SchemaRegistryError);
  });

  it('remembers everything when it is started again', async () => {
    const topics = new MemoryTopics();
    const first = open(topics);
    await first.register('kept', avro('int'));
    await first.register('deleted', avro('int'));
    await first.register('gone', avro('string'));
    await first.register(':.ctx:kept', avro('bytes'));
    await first.write((state) => changeConfig(state, 'kept', { compatibilityLevel: 'FULL' }));
    await first.write((state) => deleteSubject(state, 'deleted', false));
    await first.write((state) => deleteSubject(state, 'gone', false));
    await first.write((state) => deleteSubject(state, 'gone', true));
    const told = (registry: Registry) =>
      registry.read((state) => ({
        subjects: [...state.subjects()].sort(),
        deleted: versionsOf(state, 'deleted', 'only'),
        contexts: state.contexts(),
        maxId: state.maxId('.'),
        level: configInScope(state, 'kept').compatibilityLevel,
      }));
    const before = await told(first);
    await first.stop();
    const second = open(topics);
    assert.deepEqual(await told(second), before);
    assert.deepEqual(before.subjects, [':.ctx:kept', 'deleted', 'kept']);
    assert.equal(await second.register('new', avro('float')), 3);
    await second.stop();
  });

  it('knows the ids it gave after compaction has taken what had them', async () => {
    const topics = new MemoryTopics();
    const first = open(topics);
    await first.register('kept', avro('int'));
    await first.register('gone', avro('string'));
    await first.write((state) => deleteSubject(state, 'gone', false));
    await first.write((state) => deleteSubject(state, 'gone', true));
    await first.stop();
    const compacted = new MemoryTopics();
    await createCompacted(compacted);
    const last = new Map((await consume(topics, '_schemas')).map(({ key, value }) => [key!, value]));
    const left = [...last].flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]));
    assert.ok(!left.some(([, value]) => value.includes('string')));
    await append(
      compacted,
      left.map(([key, value]) => [JSON.parse(key), JSON.parse(value)]),
    );
    const second = open(compacted);
    assert.equal(await second.register('new', avro('string')), 3);
    await second.stop();
  });

  it('goes on with the topic of another registry', async () => {
    const topics = new MemoryTopics();
    await createCompacted(topics);
    const schema = (subject: string, version: number, id: number, text: string): [object, object] => [
      { keytype: 'SCHEMA', subject, version, magic: 1 },
      { subject, version, id, schema: text, deleted: false },
    ];
    await append(topics, [
      [{ keytype: 'NOOP', magic: 0 }, null],
      schema('s', 1, 11, '"int"'),
      schema('s', 2, 12, '"long"'),
      schema('t', 1, 12, '"long"'),
      [
        { keytype: 'DELETE_SUBJECT', subject: 's', magic: 0 },
        { subject: 's', version: 2 },
      ],
      schema('s', 3, 11, '"int"'),
      [{ keytype: 'CONFIG', subject: null, magic: 0 }, { compatibilityLevel: 'NONE' }],
    ]);
    const registry = open(topics);
    assert.deepEqual(
      (await registry.read((state) => versionsOf(state, 's', 'with'))).map(({ version, deleted }) => [
        version,
        deleted,
      ]),
      [
        [1, true],
        [2, true],
        [3, false],
      ],
    );
    assert.equal(await registry.register('t', avro('int')), 11);
    assert.equal(await registry.register('t', avro('string')), 13);
    const last = (await consume(topics, '_schemas')).at(-1);
    assert.equal(last?.key, '{"keytype":"SCHEMA","subject":"t","version":3,"magic":1}');
    await registry.stop();
  });

  it('refuses a topic that would lose schemas, until it is put right', async () => {
    for (const [partitionCount, reason] of [
      [2, /2 partitions/],
      [1, /cleanup.policy/],
    ] as const) {
      const topics = new MemoryTopics();
      await topics.create({ name: '_schemas', partitionCount });
      const registry = open(topics);
      await assert.rejects(
        registry.latest('s'),
        (error) => error instanceof SchemaRegistryError && error.code === 50001 && reason.test(error.message),
      );
      await topics.delete('_schemas');
      assert.equal(await registry.register('s', avro('int')), 1);
      await registry.stop();
    }
  });

  it('refuses what the topic would refuse, and goes on', async () => {
    const registry = open(new MemoryTopics());
    const large = avro({ type: 'enum', name: 'E', symbols: [], doc: 'x'.repeat(1_050_000) });
    await assert.rejects(
      registry.register('s', large),
      (error) => error instanceof SchemaRegistryError && error.code === 42209,
    );
    assert.equal(await registry.register('s', avro('int')), 1);
    await registry.stop();
  });

  it('decides one request after another, however many come at once', async () => {
    const registry = open(new MemoryTopics());
    const schemas = [1, 2, 3, 4, 5].map((size) => avro({ type: 'fixed', name: 'F', size }));
    const ids = await Promise.all(
      Array.from({ length: 50 }, (_, index) => registry.register(`s${index}`, schemas[index % 5]!)),
    );
    assert.deepEqual([...new Set(ids)].sort(), [1, 2, 3, 4, 5]);
    for (const [index, id] of ids.entries()) assert.equal(id, ids[index % 5]);
    await registry.stop();
  });
});
