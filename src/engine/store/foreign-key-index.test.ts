import assert from 'node:assert/strict';
import { it } from 'node:test';
import { MemoryDiskMap } from '../../base/memory-disk-map.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { ForeignKeyIndex } from './foreign-key-index.ts';
import { StateBudget } from './state-budget.ts';
import { StateSpace } from './state-space.ts';

for (const spills of [false, true])
  it(`finds the rows with a foreign key${spills ? ', from disk too' : ''}`, () => {
    const budget = new StateBudget({ limitBytes: 0, clock: new VirtualClock(), onFailure: assert.fail });
    const place = { budget, openDisk: () => new MemoryDiskMap(), folder: '/spill' };
    for (let seed = 1; seed <= 20; seed++) {
      const random = new SeededRandom(seed);
      const pick = (count: number) => Math.floor(random.next() * count);
      const state = new StateSpace(spills ? place : undefined);
      const index = new ForeignKeyIndex(state);
      const foreignKeys = new Map<number, string>();
      for (let step = 0; step < 300; step++) {
        const key = pick(12);
        const foreignKey = pick(4) === 0 ? null : `f${pick(3)}`;
        index.set(key, foreignKey);
        if (foreignKey === null) foreignKeys.delete(key);
        else foreignKeys.set(key, foreignKey);
        if (pick(3) === 0) state.trim();
        const asked = `f${pick(3)}`;
        const expected = [...foreignKeys].filter(([, value]) => value === asked).map(([row]) => row);
        assert.deepEqual(index.keysWith(asked).sort(), expected.sort(), `seed ${seed}, step ${step}`);
        assert.equal(index.foreignKeyOf(key), foreignKey);
      }
    }
  });
