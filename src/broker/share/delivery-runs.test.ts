import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { randomInt } from '../../base/random.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { type Delivery, DeliveryRuns, NEVER_DELIVERED } from './delivery-runs.ts';

const STATES = ['available', 'acknowledged', 'archived'] as const;

/** The same, offset by offset. */
class Model {
  startOffset = 0;
  readonly fates: Delivery[] = [];

  set(first: number, last: number, delivery: Delivery): void {
    for (let offset = this.fates.length; offset <= last; offset++) this.fates[offset] = NEVER_DELIVERED;
    for (let offset = Math.max(first, this.startOffset); offset <= last; offset++)
      this.fates[offset] = delivery;
  }

  trim(): void {
    const isDone = ({ state }: Delivery) => state === 'acknowledged' || state === 'archived';
    while (this.startOffset < this.fates.length && isDone(this.fates[this.startOffset]!)) this.startOffset++;
  }

  moveStart(offset: number): void {
    if (offset <= this.startOffset) return;
    this.startOffset = offset;
    this.trim();
  }
}

describe('DeliveryRuns', () => {
  it('find nothing between an offset and one before it', () => {
    const runs = new DeliveryRuns(0);
    runs.set(0, 9, NEVER_DELIVERED);
    assert.deepEqual(runs.between(5, 4), []);
    assert.deepEqual(runs.between(5, 5), [{ firstOffset: 5, lastOffset: 5, delivery: NEVER_DELIVERED }]);
  });

  for (let seed = 1; seed <= 30; seed++)
    it(`are as offsets one by one (seed ${seed})`, () => {
      const random = new SeededRandom(seed);
      const runs = new DeliveryRuns(0);
      const model = new Model();
      for (let step = 0; step < 200; step++) {
        const first = randomInt(random, 60);
        const last = first + randomInt(random, 10);
        const action = randomInt(random, 20);
        if (action === 0) {
          // The log start is never beyond what was delivered and seen by a fetch.
          const offset = Math.min(first, model.fates.length);
          runs.moveStart(offset);
          model.moveStart(offset);
        } else {
          if (last < model.startOffset) continue;
          const state = STATES[randomInt(random, 3)]!;
          const delivery = { state, deliveryCount: randomInt(random, 2) };
          runs.set(first, last, delivery);
          model.set(first, last, delivery);
          if (action < 5) {
            runs.trim();
            model.trim();
          }
        }
        assert.equal(runs.startOffset, model.startOffset);
        assert.equal(runs.endOffset, Math.max(model.fates.length, model.startOffset));
        const all = runs.all();
        for (const [index, { firstOffset, lastOffset, delivery }] of all.entries()) {
          assert.equal(firstOffset, index === 0 ? model.startOffset : all[index - 1]!.lastOffset + 1);
          for (let offset = firstOffset; offset <= lastOffset; offset++)
            assert.deepEqual(delivery, model.fates[offset], `offset ${offset}`);
          if (index > 0) assert.notDeepEqual(delivery, all[index - 1]!.delivery);
        }
      }
    });
});
