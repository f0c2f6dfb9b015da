import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MemoryMachineLog } from '../../../test/support/memory-machine-log.ts';
import { silentLogger } from '../../base/logger.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { StateMachineRunner } from '../../topics/runner.ts';
import type { ConfigChange, MetadataCalls, TopicToCreate } from './metadata-calls.ts';
import { type MetadataEntry, metadataCodec } from './metadata-entries.ts';
import { MetadataMachine } from './metadata-machine.ts';

async function metadata(log = new MemoryMachineLog()) {
  const machine = new MetadataMachine(new SeededRandom(1), () => ({
    partitionCount: 3,
    replicationFactor: 1,
  }));
  const runner = await StateMachineRunner.open<MetadataCalls, MetadataEntry>({
    ...{ machine, codec: metadataCodec, log, clock: new VirtualClock(), logger: silentLogger },
  });
  const create = (...topics: (Partial<TopicToCreate> & { name: string })[]) =>
    runner.submit('createTopics', {
      topics: topics.map((topic) => ({ partitionCount: null, replicationFactor: null, ...topic })),
      validateOnly: false,
    });
  const remove = async (name: string, internalToo = false) =>
    (await runner.submit('deleteTopics', { names: [name], internalToo }))[0]!;
  const grow = async (name: string, partitionCount: number, validateOnly = false) =>
    (await runner.submit('createPartitions', { topics: [{ name, partitionCount }], validateOnly }))[0]!;
  const alter = (name: string | null, changes: ConfigChange[], replacesAll = false, validateOnly = false) => {
    const resource = { kind: name === null ? ('broker' as const) : ('topic' as const), name: name ?? '' };
    return runner.submit('alterConfigs', { resource, changes, replacesAll, validateOnly });
  };
  return { machine, runner, log, create, remove, grow, alter };
}

const change = (
  name: string,
  value: string | null,
  operation: ConfigChange['operation'] = 'set',
): ConfigChange => ({ name, value, operation });

describe('creating topics', () => {
  const refusals: [
    what: string,
    topic: Partial<TopicToCreate> & { name: string },
    error: string,
    message: RegExp,
  ][] = [
    ['an empty name', { name: '' }, 'INVALID_TOPIC_EXCEPTION', /empty string/],
    ['a dot', { name: '.' }, 'INVALID_TOPIC_EXCEPTION', /'\.' and '\.\.'/],
    ['two dots', { name: '..' }, 'INVALID_TOPIC_EXCEPTION', /'\.' and '\.\.'/],
    ['250 characters', { name: 'x'.repeat(250) }, 'INVALID_TOPIC_EXCEPTION', /max allowed length 249/],
    ['a space', { name: 'a b' }, 'INVALID_TOPIC_EXCEPTION', /ASCII alphanumerics/],
    ['a slash', { name: '../etc' }, 'INVALID_TOPIC_EXCEPTION', /ASCII alphanumerics/],
    [
      'an existing name',
      { name: 'old.name' },
      'TOPIC_ALREADY_EXISTS',
      /^Topic 'old\.name' already exists\.$/,
    ],
    [
      'a colliding name',
      { name: 'old_name' },
      'INVALID_TOPIC_EXCEPTION',
      /collides with existing topic: old\.name/,
    ],
    ['no partitions', { name: 't', partitionCount: 0 }, 'INVALID_PARTITIONS', /non-positive/],
    ['too many partitions', { name: 't', partitionCount: 2 ** 31 - 1 }, 'INVALID_PARTITIONS', /limit/],
    ['two replicas', { name: 't', replicationFactor: 2 }, 'INVALID_REPLICATION_FACTOR', /only 1 broker/],
    ['no replica', { name: 't', replicationFactor: 0 }, 'INVALID_REPLICATION_FACTOR', /larger than 0/],
    [
      'an unknown config',
      { name: 't', config: new Map([['x', 'y']]) },
      'INVALID_CONFIG',
      /Unknown topic config name: x/,
    ],
    [
      'a bad value',
      { name: 't', config: new Map([['retention.ms', 'x']]) },
      'INVALID_CONFIG',
      /Not a number of type LONG/,
    ],
    [
      'a value out of range',
      { name: 't', config: new Map([['segment.bytes', '5']]) },
      'INVALID_CONFIG',
      /at least 1048576/,
    ],
    [
      'an unknown policy',
      { name: 't', config: new Map([['cleanup.policy', 'burn']]) },
      'INVALID_CONFIG',
      /one of/,
    ],
  ];
  for (const [what, topic, error, message] of refusals) {
    it(`refuses ${what}`, async () => {
      const { create, machine } = await metadata();
      await create({ name: 'old.name' });
      const [result] = await create(topic);
      assert.equal(result!.error, error);
      assert.match(result!.message!, message);
      assert.equal(machine.list().length, 1);
    });
  }

  it('judges each topic of a request by itself', async () => {
    const { create } = await metadata();
    const results = await create(
      { name: 'a' },
      { name: 'b c' },
      { name: 'd' },
      { name: 'd' },
      { name: 'e.f' },
      { name: 'e_f' },
    );
    assert.deepEqual(
      results.map(({ error }) => error),
      [
        'NONE',
        'INVALID_TOPIC_EXCEPTION',
        'INVALID_REQUEST',
        'INVALID_REQUEST',
        'NONE',
        'INVALID_TOPIC_EXCEPTION',
      ],
    );
  });

  it('takes the defaults of the broker and gives each incarnation an id', async () => {
    const { create, remove, machine } = await metadata();
    await create({ name: 't' });
    const first = machine.find('t')!;
    assert.equal(first.partitionCount, 3);
    await remove('t');
    await create({ name: 't' });
    assert.notEqual(machine.find('t')!.topicId, first.topicId);
    assert.equal(machine.findById(first.topicId), undefined);
    assert.equal(machine.findById(machine.find('t')!.topicId)?.name, 't');
  });

  it('only checks when asked to', async () => {
    const { runner, machine } = await metadata();
    const topics = [{ name: 't', partitionCount: 5, replicationFactor: null }];
    const [result] = await runner.submit('createTopics', { topics, validateOnly: true });
    assert.equal(result!.topic?.partitionCount, 5);
    assert.equal(machine.find('t'), undefined);
  });
});

describe('changing topics', () => {
  it('deletes what exists; its own topics only for the server itself', async () => {
    const { create, remove } = await metadata();
    await create({ name: 't' }, { name: '__own', internal: true });
    assert.equal((await remove('t')).error, 'NONE');
    assert.equal((await remove('t')).error, 'UNKNOWN_TOPIC_OR_PARTITION');
    assert.equal((await remove('__own')).error, 'INVALID_TOPIC_EXCEPTION');
    assert.equal((await remove('__own', true)).error, 'NONE');
  });

  it('leaves alone the ones of the server, whose logs are its state', async () => {
    const { create, grow, alter } = await metadata();
    await create({ name: '__own', internal: true });
    assert.equal((await grow('__own', 5)).error, 'POLICY_VIOLATION');
    assert.equal((await alter('__own', [change('retention.ms', '1')])).error, 'POLICY_VIOLATION');
  });

  it('adds partitions, never fewer or the same', async () => {
    const { create, grow, machine } = await metadata();
    await create({ name: 't', config: new Map([['retention.ms', '5']]) });
    assert.equal((await grow('t', 3)).message, 'Topic already has 3 partition(s).');
    assert.match((await grow('t', 2)).message!, /would not be an increase/);
    assert.equal((await grow('nowhere', 5)).error, 'UNKNOWN_TOPIC_OR_PARTITION');
    assert.equal((await grow('t', 4, true)).error, 'NONE');
    assert.equal(machine.find('t')!.partitionCount, 3);
    const { topicId } = machine.find('t')!;
    assert.equal((await grow('t', 4)).error, 'NONE');
    assert.equal(machine.find('t')!.partitionCount, 4);
    assert.equal(machine.find('t')!.topicId, topicId);
    assert.equal(machine.find('t')!.config.get('retention.ms'), '5');
  });

  it('sets, deletes, appends to and subtracts from a configuration', async () => {
    const { create, alter, machine } = await metadata();
    await create({ name: 't' });
    const config = () => Object.fromEntries(machine.find('t')!.config);
    await alter('t', [change('retention.ms', '5'), change('cleanup.policy', 'compact', 'append')]);
    assert.deepEqual(config(), { 'retention.ms': '5', 'cleanup.policy': 'delete,compact' });
    await alter('t', [
      change('cleanup.policy', 'delete', 'subtract'),
      change('retention.ms', null, 'delete'),
    ]);
    assert.deepEqual(config(), { 'cleanup.policy': 'compact' });
    await alter('t', [change('segment.ms', '10')], true);
    assert.deepEqual(config(), { 'segment.ms': '10' });
    await alter('t', [change('segment.ms', '11')], false, true);
    assert.deepEqual(config(), { 'segment.ms': '10' });
  });

  const refused: [string | null, ConfigChange, string][] = [
    ['t', change('retention.ms', 'soon'), 'INVALID_CONFIG'],
    ['t', change('retention.ms', '5', 'append'), 'INVALID_CONFIG'],
    ['t', change('no.such', '5'), 'INVALID_CONFIG'],
    ['t', change('retention.ms', null), 'INVALID_REQUEST'],
    ['nowhere', change('retention.ms', '5'), 'UNKNOWN_TOPIC_OR_PARTITION'],
    [null, change('node.id', '5'), 'INVALID_REQUEST'],
    [null, change('log.retention.ms', 'x'), 'INVALID_REQUEST'],
  ];
  for (const [name, wanted, error] of refused) {
    it(`refuses to ${wanted.operation} ${wanted.name}=${wanted.value} of ${name ?? 'the broker'}`, async () => {
      const { create, alter } = await metadata();
      await create({ name: 't' });
      assert.equal((await alter(name, [wanted])).error, error);
    });
  }
});

describe('the metadata after a restart', () => {
  const name = fc.constantFrom('a', 'b', 'c.d', 'c_d');
  const action = fc.record({
    name,
    kind: fc.constantFrom('create', 'remove', 'grow', 'alter', 'ids', 'features'),
    count: fc.nat(9),
  });

  it('is what it was, whatever happened', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
        const before = await metadata();
        for (const { kind, name, count } of actions) {
          if (kind === 'create') await before.create({ name, partitionCount: count });
          if (kind === 'remove') await before.remove(name);
          if (kind === 'grow') await before.grow(name, count);
          if (kind === 'alter') await before.alter(name, [change('retention.ms', String(count))]);
          if (kind === 'features') {
            const updates = [
              { name: 'metadata.version', level: 20 + count, type: 'safe downgrade' as const },
            ];
            await before.runner.submit('updateFeatures', {
              updates,
              validateOnly: count % 2 === 0,
              nodeId: 1,
            });
          }
          if (kind === 'ids') await before.runner.submit('allocateProducerIds', { count: count + 1 });
        }
        const after = await metadata(before.log);
        assert.deepEqual(after.machine.list(), before.machine.list());
        assert.deepEqual(after.machine.featureLevels, before.machine.featureLevels);
        const [next, sameNext] = await Promise.all(
          [before, after].map(({ runner }) => runner.submit('allocateProducerIds', { count: 1 })),
        );
        assert.deepEqual(sameNext, next);
      }),
      { numRuns: 60 },
    );
  });
});
