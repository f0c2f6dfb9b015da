import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryDiskMap } from '../../base/memory-disk-map.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { SYSTEM_EFFECTS } from '../../sql/compile.ts';
import { bindAggregate } from '../../sql/functions/bind-aggregate.ts';
import { INTEGER } from '../../testing/plan-builders.ts';
import { GroupLayout } from '../group-layout.ts';
import { StateBudget } from './state-budget.ts';
import { StateSpace } from './state-space.ts';
import { WINDOW_FIELDS, type WindowGroup } from './window-spilling.ts';
import { groupAt, WindowStore } from './window-store.ts';

/** A store of windows with the values that each has had, of a size that grows. */
function opened(limitBytes: number) {
  const value = { kind: 'column', index: 1, name: 'V', type: INTEGER } as const;
  const layout = new GroupLayout({
    calls: [{ aggregator: bindAggregate('COLLECT_LIST', [INTEGER], [], {}), args: [value] }],
    keyWidth: 3,
    inputWidth: 2,
    onError: assert.fail,
    effects: SYSTEM_EFFECTS,
    moreFields: WINDOW_FIELDS,
  });
  const budget = new StateBudget({ limitBytes, clock: new VirtualClock(), onFailure: assert.fail });
  const state = new StateSpace({ budget, openDisk: () => new MemoryDiskMap(), folder: '/spill' });
  const store = new WindowStore('start', layout, state);
  const add = (key: string, startMs: number, given = 1): WindowGroup => {
    const windows = store.find(key) ?? store.open(key, 0);
    const group =
      groupAt(windows.groups, startMs) ??
      store.add(windows, startMs, startMs + 10, layout.create(key, startMs, startMs + 10));
    store.touch(group);
    layout.add(group, [key, given]);
    return group;
  };
  const textOf = (group: WindowGroup) => JSON.stringify(layout.result(group));
  const expire = (ageMs: number) => store.expire(store.timeOf(0), ageMs);
  return { store, budget, state, add, textOf, expire };
}

describe('a store of windows', () => {
  it('finds them by key and start, and forgets keys that have none left', () => {
    const { store, add, expire } = opened(Number.POSITIVE_INFINITY);
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

    const expired = expire(20).map(({ windows, startMs }) => `${windows.storeKey}${startMs}`);
    assert.deepEqual(expired, ['a0', 'a10', 'b10']);
    assert.deepEqual([store.find('b'), store.size, store.dirtyCount], [undefined, 3, 6]);
    store.close(store.open('c', 0));
    assert.deepEqual(
      Array.from(store.keys(), ({ storeKey }) => storeKey),
      ['a'],
    );
  });

  it('holds and gives out the same whether they are in memory or on disk, and gives all memory back', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = new SeededRandom(seed);
      const pick = (count: number) => Math.floor(random.next() * count);
      const [inMemory, onDisk] = [opened(Number.POSITIVE_INFINITY), opened(pick(2) * 3_000)];
      const both = <Result>(ask: (of: typeof inMemory) => Result): Result => {
        const [expected, got] = [ask(inMemory), ask(onDisk)];
        assert.deepEqual(got, expected, `seed ${seed}`);
        return expected;
      };
      let nowMs = 0;
      for (let step = 0; step < 300; step++) {
        const [key, startMs, given] = [`k${pick(12)}`, nowMs + 10 * pick(4), pick(100)];
        const [isCommitted, asks] = [pick(3) === 0, pick(10)];
        both(({ add, textOf }) => textOf(add(key, startMs, given)));
        if (isCommitted) both(({ store, textOf }) => store.takeDirty().map(textOf));
        onDisk.state.trim();
        if (asks === 0) both(({ store, textOf }) => Array.from(store.entries(), textOf).sort());
        if (asks === 1)
          both(({ store, textOf }) => store.between(store.timeOf(0), nowMs, nowMs + 20).map(textOf));
        if (asks === 2) {
          nowMs += 10;
          both(({ expire, textOf }) => expire(nowMs).map(textOf));
        }
        both(({ store }) => [store.size, store.dirtyCount]);
      }
      both(({ expire, textOf }) => expire(nowMs + 100).map(textOf));
      both(({ store, budget }) => [store.size, budget.usedBytes]);
      assert.equal(onDisk.budget.usedBytes, 0);
    }
  });

  it('replays what goes to disk meanwhile too', () => {
    const { store, state, add, textOf } = opened(0);
    for (let n = 0; n < 600; n++) add(`k${n}`, 0);
    store.takeDirty();
    const seen = new Set<string>();
    for (const group of store.entries()) {
      if (seen.size === 0) for (let turn = 0; turn < 10; turn++) state.trim();
      seen.add(textOf(group));
    }
    assert.equal(seen.size, 600);
  });
});
