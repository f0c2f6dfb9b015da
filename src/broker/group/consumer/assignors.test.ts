import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Assignment, NO_PARTITIONS } from './assignment.ts';
import type { AssignorMember } from './assignor.ts';
import { assignRanges } from './assignor-range.ts';
import { assignUniformly } from './assignor-uniform.ts';

type Targets = ReadonlyMap<string, Assignment>;

function member(memberId: string, topics: string, target: Assignment = NO_PARTITIONS): AssignorMember {
  return { memberId, instanceId: null, topicIds: new Set(topics), target };
}

function print(targets: Targets): Record<string, string> {
  return Object.fromEntries(
    [...targets].map(([memberId, target]) => [
      memberId,
      [...target]
        .flatMap(([topicId, partitions]) => partitions.map((p) => `${topicId}${p}`))
        .sort()
        .join(' '),
    ]),
  );
}

const count = (counts: Record<string, number>) => (topicId: string) => counts[topicId] ?? 0;

describe('the range assignor', () => {
  const cases: [string, readonly AssignorMember[], Record<string, number>, Record<string, string>][] = [
    [
      'gives runs, the extra ones to the first',
      [member('m1', 'a'), member('m2', 'a')],
      { a: 5 },
      { m1: 'a0 a1 a2', m2: 'a3 a4' },
    ],
    [
      'gives equal partitions of topics to the same member',
      [member('m2', 'ab'), member('m1', 'ab')],
      { a: 2, b: 2 },
      { m1: 'a0 b0', m2: 'a1 b1' },
    ],
    [
      'counts per topic only who subscribes to it',
      [member('m1', 'a'), member('m2', 'ab')],
      { a: 2, b: 2 },
      { m1: 'a0', m2: 'a1 b0 b1' },
    ],
    [
      'leaves members without when there are too few',
      [member('m1', 'a'), member('m2', 'a')],
      { a: 1 },
      { m1: 'a0', m2: '' },
    ],
  ];
  for (const [what, members, counts, expected] of cases) {
    it(what, () => assert.deepEqual(print(assignRanges(members, count(counts))), expected));
  }

  it('goes by instance ids, so that a restarted static member gets the same', () => {
    const stat = (memberId: string, instanceId: string) => ({ ...member(memberId, 'a'), instanceId });
    const before = assignRanges([stat('x', 'one'), stat('b', 'two')], count({ a: 2 }));
    const after = assignRanges([stat('z', 'one'), stat('b', 'two')], count({ a: 2 }));
    assert.deepEqual(after.get('z'), before.get('x'));
  });
});

describe('the uniform assignor', () => {
  it('keeps what members have and moves no more than balance needs', () => {
    const target = new Map([['a', [0, 1, 2, 3]]]);
    const targets = assignUniformly([member('m1', 'a', target), member('m2', 'a')], count({ a: 4 }));
    assert.deepEqual(print(targets), { m1: 'a0 a1', m2: 'a2 a3' });
  });

  it('leaves the extra partition with who has it', () => {
    const had = new Map([['a', [1, 2]]]);
    const targets = assignUniformly(
      [member('m1', 'a', new Map([['a', [0]]])), member('m2', 'a', had)],
      count({ a: 3 }),
    );
    assert.deepEqual(print(targets), { m1: 'a0', m2: 'a1 a2' });
  });

  it('evens out unlike subscriptions', () => {
    const targets = assignUniformly(
      [member('m1', 'ab'), member('m2', 'a'), member('m3', 'b')],
      count({ a: 3, b: 3 }),
    );
    for (const target of targets.values())
      assert.equal(
        [...target.values()].reduce((sum, { length }) => sum + length, 0),
        2,
      );
  });
});

const TOPICS = ['a', 'b', 'c'];

describe('both assignors', () => {
  const counts = fc.record({ a: fc.nat(7), b: fc.nat(7), c: fc.nat(7) });
  const subscriptions = fc.array(fc.subarray(TOPICS), { minLength: 1, maxLength: 6 });
  for (const [name, assign] of [
    ['uniform', assignUniformly],
    ['range', assignRanges],
  ] as const) {
    it(`${name}: everything wanted is given once, to somebody who wants it`, () => {
      fc.assert(
        fc.property(counts, subscriptions, subscriptions, (partitions, first, second) => {
          const before = new Map<string, Assignment>();
          for (const wanted of [first, second]) {
            const members = wanted.map((topics, n) =>
              member(`m${n}`, topics.join(''), before.get(`m${n}`) ?? NO_PARTITIONS),
            );
            const targets = assign(members, count(partitions));
            const owners = new Map<string, string>();
            for (const [memberId, target] of targets) {
              for (const [topicId, list] of target) {
                assert.ok(members.find((one) => one.memberId === memberId)!.topicIds.has(topicId));
                for (const partition of list) {
                  assert.ok(partition < count(partitions)(topicId));
                  assert.ok(!owners.has(`${topicId}${partition}`));
                  owners.set(`${topicId}${partition}`, memberId);
                }
              }
              before.set(memberId, target);
            }
            const wantedTopics = TOPICS.filter((topic) => wanted.some((topics) => topics.includes(topic)));
            const all = wantedTopics.reduce((sum, topic) => sum + count(partitions)(topic), 0);
            assert.equal(owners.size, all);
          }
        }),
      );
    });
  }

  it('uniform: no single move would make it more even', () => {
    fc.assert(
      fc.property(counts, subscriptions, (partitions, wanted) => {
        const members = wanted.map((topics, n) => member(`m${n}`, topics.join('')));
        const targets = assignUniformly(members, count(partitions));
        const size = (memberId: string) =>
          [...targets.get(memberId)!.values()].reduce((sum, { length }) => sum + length, 0);
        for (const { memberId } of members) {
          for (const topicId of targets.get(memberId)!.keys()) {
            for (const other of members)
              if (other.topicIds.has(topicId)) assert.ok(size(memberId) - size(other.memberId) <= 1);
          }
        }
      }),
    );
  });
});
