import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, randomInt, systemRandom, uuidHex } from './random.ts';
import { SeededRandom } from './seeded-random.ts';

const sources: readonly [string, () => Random][] = [
  ['system', () => systemRandom],
  ['seeded', () => new SeededRandom(42)],
];

for (const [name, make] of sources) {
  test(`${name}: numbers are spread over [0, 1)`, () => {
    const random = make();
    const buckets = new Array<number>(10).fill(0);
    for (let index = 0; index < 10_000; index++) buckets[randomInt(random, 10)]!++;
    for (const count of buckets) assert.ok(count > 800 && count < 1200, `${buckets}`);
    assert.equal(new Set(random.bytes(2000)).size > 200, true);
  });

  test(`${name}: a UUID has version 4 and variant 10`, () => {
    const random = make();
    const ids = Array.from({ length: 100 }, () => uuidHex(random));
    for (const id of ids) assert.match(id, /^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    assert.equal(new Set(ids).size, 100);
  });

  test(`${name}: a UUID in base 64 begins with no dash`, () => {
    const random = make();
    const firsts = Array.from(
      { length: 2000 },
      () => Buffer.from(uuidHex(random), 'hex').toString('base64url')[0],
    );
    assert.equal(firsts.includes('-'), false);
    assert.equal(firsts.includes('_'), true);
  });
}

test('the same seed gives the same sequence, neighbouring seeds different ones', () => {
  const sequence = (seed: number) => {
    const random = new SeededRandom(seed);
    return [random.next(), random.next(), ...random.bytes(4)].join();
  };
  assert.equal(sequence(7), sequence(7));
  const seeds = [0, 1, 2, -1, 2 ** 32, 2 ** 40 + 1];
  assert.equal(new Set(seeds.map(sequence)).size, seeds.length);
});
