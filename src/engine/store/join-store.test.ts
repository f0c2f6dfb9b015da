import assert from 'node:assert/strict';
import { it } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { MemoryDiskMap } from '../../base/memory-disk-map.ts';
import { type JoinKey, type JoinSide, LEFT, RIGHT } from './join-key.ts';
import { JoinStore } from './join-store.ts';
import { StateBudget } from './state-budget.ts';
import { StateSpace } from './state-space.ts';

const LIMIT_BYTES = 64 * 1024;

function storeWithin(limitBytes: number) {
  const budget = new StateBudget({
    limitBytes,
    clock: systemClock,
    onFailure: (error) => assert.fail(error),
  });
  const state = new StateSpace({ budget, openDisk: () => new MemoryDiskMap(), folder: '' });
  return { budget, state, store: new JoinStore(state, 1_000) };
}

it('rows whose waiting was told of before are passed key by key, and go to disk again in between', () => {
  const keys = 4_000;
  const { budget, state, store } = storeWithin(LIMIT_BYTES);
  for (let n = 0; n < keys; n++) {
    const key = store.open(`k${n}`, [`k${n}`], 0);
    store.wait(store.load(key, LEFT, ['v'.repeat(400)], n % 10, 0));
    state.trim();
  }
  const noted = 2 * 100 * keys;
  let passed = 0;
  let mostBytes = 0;
  for (const _ of store.passWaiting(store.clockOf(0), LEFT, 10)) {
    passed++;
    mostBytes = Math.max(mostBytes, budget.usedBytes);
    state.trim();
  }
  assert.equal(passed, keys);
  assert(mostBytes < noted + LIMIT_BYTES, `${mostBytes} bytes`);
  assert.deepEqual(store.takeWaiting(store.clockOf(0), LEFT, 10), []);
  state.close();
});

it('what is noted of keys that are on disk counts as memory, until it is dropped', () => {
  const { budget, state, store } = storeWithin(0);
  for (let n = 0; n < 1_000; n++) {
    const key = store.open(`k${n}`, [`k${n}`], 0);
    store.wait(store.load(key, LEFT, ['v'], 1, 0));
  }
  for (let n = 0; n < 20; n++) state.trim();
  assert.equal(budget.usedBytes, 1_000 * 2 * 100);
  store.takeWaiting(store.clockOf(0), LEFT, 2);
  for (let n = 0; n < 20; n++) state.trim();
  assert.equal(budget.usedBytes, 1_000 * 100);
  store.add(store.open('later', ['later'], 0), LEFT, ['v'], 10_000);
  store.takeDirty(LEFT);
  for (let n = 0; n < 20; n++) state.trim();
  assert.equal(budget.usedBytes, 100);
  state.close();
  assert.equal(budget.usedBytes, 0);
});

it('a key takes what its rows take, of both sides and one by one, and nothing once they are gone', () => {
  const { budget, state, store } = storeWithin(LIMIT_BYTES);
  const place = (storeKey: string, side: JoinSide, value: string, timestampMs: number) =>
    store.load(store.find(storeKey) ?? store.open(storeKey, [storeKey], 0), side, [value], timestampMs, 0);
  place('other', LEFT, 'v', 1);
  const other = budget.usedBytes;
  place('k', LEFT, 'long'.repeat(10), 1);
  const one = budget.usedBytes;
  place('k', LEFT, 'v', 2);
  place('k', RIGHT, 'vvv', 1);
  const key = store.find('k') as JoinKey;
  store.forget(key, LEFT, 2, 0);
  store.forget(key, RIGHT, 1, 0);
  // Each side has noted the key to look at it again.
  assert.equal(budget.usedBytes, one + 100);
  store.forget(key, LEFT, 1, 0);
  store.closeIfEmpty(key);
  assert.equal(store.find('k'), undefined);
  assert.equal(budget.usedBytes, other + 200);
  state.close();
});
