import assert from 'node:assert/strict';
import { it } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { MemoryDiskMap } from '../../base/memory-disk-map.ts';
import { LEFT } from './join-key.ts';
import { JoinStore } from './join-store.ts';
import { StateBudget } from './state-budget.ts';
import { StateSpace } from './state-space.ts';

it('rows whose waiting was told of before are passed key by key, and go to disk again in between', () => {
  const keys = 4_000;
  const budget = new StateBudget({
    limitBytes: 64 * 1024,
    clock: systemClock,
    onFailure: (error) => assert.fail(error),
  });
  const state = new StateSpace({ budget, openDisk: () => new MemoryDiskMap(), folder: '' });
  const store = new JoinStore(state, 1_000);
  for (let n = 0; n < keys; n++) {
    const key = store.open(`k${n}`, [`k${n}`], 0);
    store.wait(store.load(key, LEFT, ['v'.repeat(100)], n % 10, 0));
    state.trim();
  }
  let passed = 0;
  let mostBytes = 0;
  for (const _ of store.passWaiting(store.clockOf(0), LEFT, 10)) {
    passed++;
    mostBytes = Math.max(mostBytes, budget.usedBytes);
    state.trim();
  }
  assert.equal(passed, keys);
  assert(mostBytes < 2 * 64 * 1024, `${mostBytes} bytes`);
  assert.deepEqual(store.takeWaiting(store.clockOf(0), LEFT, 10), []);
  state.close();
});
