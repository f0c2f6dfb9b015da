import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AssignableMember, assignSimply } from './simple-assignor.ts';

const topic = (topicId: string, partitionCount: number) => ({ topicId, partitionCount });

/** Members by name; after the topics what they had before: `a: t, u | t0 t1`. */
function members(...texts: readonly string[]): AssignableMember[] {
  return texts.map((text) => {
    const [, memberId = '', topics = '', had = ''] = /^(\w+): ([^|]*)(?:\| (.*))?$/.exec(text) ?? [];
    const before = new Map<string, number[]>();
    for (const place of had.split(' ').filter((part) => part !== ''))
      before.set(place[0]!, [...(before.get(place[0]!) ?? []), Number(place.slice(1))]);
    return {
      memberId,
      topicIds: new Set(topics.split(',').map((name) => name.trim())),
      before: [...before].map(([topicId, partitions]) => ({ topicId, partitions })),
    };
  });
}

describe('the simple assignor', () => {
  const cases: readonly (readonly [
    string,
    readonly string[],
    readonly (readonly [string, number])[],
    string,
  ])[] = [
    ['one member has everything', ['a: t'], [['t', 3]], 'a: t0 t1 t2'],
    ['partitions are spread evenly', ['a: t', 'b: t'], [['t', 4]], 'a: t0 t2; b: t1 t3'],
    ['also when they do not divide', ['a: t', 'b: t'], [['t', 3]], 'a: t0 t2; b: t1'],
    [
      'more members than partitions share them',
      ['a: t', 'b: t', 'c: t', 'd: t'],
      [['t', 2]],
      'a: t0; b: t0; c: t1; d: t1',
    ],
    ['who had a partition keeps it', ['a: t | t3 t1', 'b: t'], [['t', 4]], 'a: t1 t3; b: t0 t2'],
    ['who had too many gives some up', ['a: t | t0 t1 t2 t3', 'b: t'], [['t', 4]], 'a: t0 t1; b: t2 t3'],
    [
      'different topics are balanced apart',
      ['a: t', 'b: t, u'],
      [
        ['t', 2],
        ['u', 1],
      ],
      'a: t0; b: t1 u0',
    ],
    [
      'topics nobody wants are left out',
      ['a: t'],
      [
        ['t', 1],
        ['u', 1],
      ],
      'a: t0',
    ],
    ['there may be nothing to read', ['a: t'], [], 'a: '],
  ];
  for (const [name, who, topics, expected] of cases)
    it(name, () => {
      const assigned = assignSimply(
        members(...who),
        topics.map(([id, count]) => topic(id, count)),
      );
      const text = [...assigned].map(([memberId, assignment]) => {
        const places = assignment.flatMap(({ topicId, partitions }) =>
          partitions.map((each) => `${topicId}${each}`),
        );
        return `${memberId}: ${places.join(' ')}`;
      });
      assert.equal(text.join('; '), expected);
    });

  it('leaves no partition without a reader, and no member with two more than another', () => {
    for (let count = 1; count <= 12; count++) {
      for (let partitions = 1; partitions <= 9; partitions++) {
        const who = members(...Array.from({ length: count }, (_, index) => `m${index}: t`));
        const assigned = [...assignSimply(who, [topic('t', partitions)]).values()];
        const sizes = assigned.map((assignment) => assignment[0]?.partitions.length ?? 0);
        const read = new Set(assigned.flatMap((assignment) => assignment[0]?.partitions ?? []));
        assert.equal(read.size, partitions, `${count} members, ${partitions} partitions`);
        assert.ok(
          Math.max(...sizes) - Math.min(...sizes) <= 1,
          `${count} members, ${partitions} partitions: ${sizes}`,
        );
      }
    }
  });
});
