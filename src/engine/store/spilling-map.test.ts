import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import type { DiskMap } from '../../base/disk-map.ts';
import { openLmdbDiskMap } from '../../base/lmdb-disk-map.ts';
import { MemoryDiskMap } from '../../base/memory-disk-map.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { type Spilling, SpillingMap } from './spilling-map.ts';
import { StateBudget } from './state-budget.ts';
import { StateSpaces } from './state-space.ts';
import type { StoreKey } from './store-key.ts';
import { writeValue } from './value-bytes.ts';

interface Item {
  n: number;
  isHeld: boolean;
  mark: number;
}

const item = (n: number): Item => ({ n, isHeld: false, mark: 0 });

const ITEMS: Spilling<Item> = {
  mayGo: ({ isHeld }) => !isHeld,
  write: ({ n }, out) => writeValue(n, out),
  read: (from) => item(from.next() as number),
  bytesOf: () => 100,
};

function budgetOf(limitBytes: number, onFailure: (error: Error) => void = assert.fail): StateBudget {
  return new StateBudget({ limitBytes, clock: new VirtualClock(), onFailure });
}

function mapOf(limitBytes: number, disk: DiskMap = new MemoryDiskMap()) {
  const budget = budgetOf(limitBytes);
  const map = new SpillingMap(ITEMS, { budget, openDisk: () => disk });
  return { budget, map };
}

const numbersOf = (map: SpillingMap<Item>) => Array.from(map.values(), ({ n }) => n).sort((a, b) => a - b);

const operation = fc.tuple(
  fc.constantFrom(
    'get',
    'set',
    'set',
    'put',
    'change',
    'delete',
    'hold',
    'release',
    'trim',
    'trim',
    'values',
  ),
  fc.constantFrom<StoreKey>('a', 'Zoë', 1, true, 4n, 'x'.repeat(5000)),
  fc.integer({ min: 1 }),
);

/** Does the operations to a map that has room for `room` items and to a Map. */
function compare(
  operations: readonly (readonly [string, StoreKey, number])[],
  room: number,
  openDisk: () => DiskMap,
): void {
  const budget = budgetOf(room * 100);
  const map = new SpillingMap(ITEMS, { budget, openDisk });
  const model = new Map<StoreKey, number>();
  const held = new Map<StoreKey, Item>();
  for (const [name, key, n] of operations) {
    switch (name) {
      case 'get':
        assert.equal(map.get(key)?.n, model.get(key));
        break;
      case 'set':
        held.delete(key);
        map.set(key, item(n));
        model.set(key, n);
        break;
      case 'put':
        if (map.get(key) === undefined) map.add(key, item(n));
        if (!model.has(key)) model.set(key, n);
        break;
      case 'change': {
        const value = map.get(key);
        if (value === undefined) break;
        value.n = n;
        map.changed(value);
        model.set(key, n);
        break;
      }
      case 'delete':
        held.delete(key);
        assert.equal(map.delete(key), model.delete(key));
        break;
      case 'hold': {
        const value = map.get(key);
        if (value === undefined) break;
        value.isHeld = true;
        held.set(key, value);
        break;
      }
      case 'release':
        for (const value of held.values()) value.isHeld = false;
        held.clear();
        break;
      case 'trim':
        budget.trim();
        // Marks may keep some for a time.
        budget.trim();
        break;
      default:
        assert.deepEqual(
          numbersOf(map),
          [...model.values()].sort((a, b) => a - b),
        );
    }
    assert.equal(map.size, model.size);
    assert.equal(map.hotBytes, (map.size - map.coldSize) * 100);
    assert.equal(budget.usedBytes, map.hotBytes);
    for (const [heldKey, value] of held) assert.equal(map.get(heldKey), value);
  }
  for (const [key, n] of model) assert.equal(map.get(key)?.n, n);
  map.close();
  assert.equal(budget.usedBytes, 0);
}

describe('a spilling map', () => {
  it('does what a Map does', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 60, maxLength: 100 }), fc.nat(3), (operations, room) =>
        compare(operations, room, () => new MemoryDiskMap()),
      ),
      { numRuns: 1500 },
    );
  });

  it('does so over lmdb, and leaves no file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-spilling-'));
    after(() => rmSync(folder, { recursive: true }));
    let opened = 0;
    fc.assert(
      fc.property(fc.array(operation, { minLength: 60, maxLength: 100 }), fc.nat(3), (operations, room) =>
        compare(operations, room, () => openLmdbDiskMap(join(folder, `${opened++}`))),
      ),
      { numRuns: 60, endOnFailure: true },
    );
    assert.ok(opened > 0);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('evicts what was not used since the hand last came by', () => {
    const { budget, map } = mapOf(500);
    for (let n = 0; n < 5; n++) map.add(n, item(n));
    map.get(0);
    map.get(2);
    map.add(5, item(5));
    budget.trim();
    assert.equal(map.coldSize, 2);
    // What it gives back is in memory again and takes the place of another.
    const inMemory = [0, 1, 2, 3, 4, 5].filter((n) => {
      const { coldSize } = map;
      map.get(n);
      return map.coldSize === coldSize;
    });
    assert.deepEqual(inMemory, [0, 2, 4, 5]);
  });

  it('writes what has come back and not changed no second time', () => {
    const disk = new MemoryDiskMap();
    const { budget, map } = mapOf(0, disk);
    map.add('a', item(1));
    budget.trim();
    assert.equal(map.get('a')?.n, 1);
    disk.failure = new Error('written again');
    budget.trim();
    assert.equal(map.coldSize, 1);
    assert.equal(map.get('a')?.n, 1);
  });

  it('keeps all in memory while the disk cannot be written, and says so', async () => {
    const disk = new MemoryDiskMap();
    const clock = new VirtualClock();
    const failures: string[] = [];
    const onFailure = ({ message }: Error) => failures.push(message);
    const budget = new StateBudget({ limitBytes: 0, clock, onFailure });
    const map = new SpillingMap(ITEMS, { budget, openDisk: () => disk });
    map.add('a', item(1));
    disk.failure = new Error('disk full');
    budget.trim();
    budget.trim();
    assert.deepEqual([failures, map.coldSize, map.get('a')?.n], [['disk full'], 0, 1]);
    await clock.advance(10_000);
    budget.trim();
    assert.equal(map.coldSize, 1);
  });
});

describe('a budget', () => {
  it('is one for all maps: the one that is not used gives way', () => {
    const budget = budgetOf(1000);
    const [idle, busy] = [0, 1].map(
      () => new SpillingMap(ITEMS, { budget, openDisk: () => new MemoryDiskMap() }),
    ) as [SpillingMap<Item>, SpillingMap<Item>];
    for (let n = 0; n < 10; n++) idle.add(n, item(n));
    for (let n = 0; n < 5; n++) {
      busy.add(n, item(n));
      for (let m = 0; m <= n; m++) busy.get(m);
      budget.trim();
    }
    assert.ok(budget.usedBytes <= 1000);
    assert.equal(busy.coldSize, 0);
    assert.ok(idle.coldSize >= 5);
  });
});

describe('state spaces', () => {
  it('close the state that another has replaced, that of a failed attempt, and all that nobody reads', () => {
    const disks: MemoryDiskMap[] = [];
    const openDisk = () => {
      const disk = new MemoryDiskMap();
      disks.push(disk);
      return disk;
    };
    const budget = budgetOf(0);
    const spaces = new StateSpaces({ budget, openDisk, folder: '/f' });
    const query = spaces.forQuery();
    const attempt = () => {
      const space = query.open();
      space.map(ITEMS).add('a', item(1));
      space.trim();
      return space;
    };
    const isClosed = () => disks.map((disk) => disk.isClosed);
    attempt();
    query.settle(attempt());
    assert.deepEqual(isClosed(), [true, false]);
    query.close(attempt());
    assert.deepEqual(isClosed(), [true, false, true]);
    query.release();
    assert.deepEqual(isClosed(), [true, true, true]);
    assert.equal(budget.usedBytes, 0);
  });
});
