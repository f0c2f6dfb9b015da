import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Group } from './group-store.ts';
import { groupAt, WindowStore } from './window-store.ts';

it('a store of windows finds them by key and start, and forgets keys that have none left', () => {
  const store = new WindowStore('start');
  const add = (key: string, startMs: number) => {
    const windows = store.find(key) ?? store.open(key, 0);
    return store.add(windows, startMs, startMs + 10, { isDirty: false } as Group);
  };
  for (const startMs of [30, 10, 40, 0, 20]) add('a', startMs);
  add('b', 10);
  const groups = store.find('a')?.groups ?? [];
  assert.deepEqual(
    groups.map(({ startMs }) => startMs),
    [0, 10, 20, 30, 40],
  );
  for (const startMs of [0, 10, 20, 30, 40]) assert.equal(groupAt(groups, startMs)?.startMs, startMs);
  for (const startMs of [-10, 5, 35, 50]) assert.equal(groupAt(groups, startMs), undefined);
  assert.equal(groupAt([], 0), undefined);

  const expired = store
    .expire(store.timeOf(0), 20)
    .map(({ windows, startMs }) => `${windows.storeKey}${startMs}`);
  assert.deepEqual(expired, ['a0', 'a10', 'b10']);
  assert.deepEqual([store.find('b'), store.size, store.dirtyCount], [undefined, 3, 3]);
  store.close(store.open('c', 0));
  assert.deepEqual(
    Array.from(store.keys(), ({ storeKey }) => storeKey),
    ['a'],
  );
});
