import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { murmur2, partitionOfKey } from './murmur2.ts';

describe('the default partitioner', () => {
  // Computed with org.apache.kafka.common.utils.Utils.murmur2.
  const cases: [string, number][] = [
    ['', 275646681],
    ['a', -1563381124],
    ['ab', 316155434],
    ['abc', 479470107],
    ['abcd', -1323649548],
    ['bob', -2048144690],
    ['player1234', -189500263],
    ['Zoë€', 2117210840],
  ];
  for (const [text, hash] of cases)
    it(`${JSON.stringify(text)}`, () => assert.equal(murmur2(Buffer.from(text)), hash));

  it('gives partitions within the count', () => {
    for (let n = 0; n < 1000; n++) {
      const partition = partitionOfKey(Buffer.from(`key${n}`), 7);
      assert.ok(partition >= 0 && partition < 7);
    }
  });
});
