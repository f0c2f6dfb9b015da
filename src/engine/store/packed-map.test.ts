// A SpillingMap after a restart: what it held is there as records until somebody asks for it.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MemoryDiskMap } from '../../base/memory-disk-map.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { RecordFields } from './packed-block.ts';
import type { Packing } from './packing.ts';
import { type Spilling, SpillingMap } from './spilling-map.ts';
import { StateBudget } from './state-budget.ts';
import { writeValue } from './value-bytes.ts';

interface Item {
  readonly key: string;
  n: number;
  mark: number;
}

const ITEMS: Spilling<Item> = {
  mayGo: () => true,
  write: ({ n }, out) => writeValue(n, out),
  read: (from, key) => ({ key: key as string, n: from.next() as number, mark: 0 }),
  bytesOf: () => 100,
};

/** Values are numbers; `gone` says that there is none, anything else cannot be read. */
const PACKING: Packing<Item> = {
  isSure: false,
  keyOf: ({ bytes, keyStart, keyLength }) =>
    keyLength < 0 ? null : bytes.toString('utf8', keyStart, keyStart + keyLength),
  read: (record, partition) => {
    const { bytes, valueStart, valueLength, timestampMs } = record;
    const text = bytes.toString('utf8', valueStart, valueStart + valueLength);
    if (text === 'gone') return null;
    assert.equal(partition, timestampMs % 3);
    return text === 'torn' ? undefined : { key: PACKING.keyOf(record) as string, n: Number(text), mark: 0 };
  },
};

function record(key: string | null, value: string | null, timestampMs: number): RecordFields {
  const bytes = Buffer.from(`${key ?? ''}${value ?? ''}`);
  const valueStart = Buffer.byteLength(key ?? '');
  const [keyLength, valueLength] = [
    key === null ? -1 : valueStart,
    value === null ? -1 : bytes.length - valueStart,
  ];
  return { bytes, offset: 0, timestampMs, keyStart: 0, keyLength, valueStart, valueLength };
}

const KEYS = ['a', 'b', 'c', 'Zoë', 'x'.repeat(1500)];

const restored = fc.record({
  key: fc.constantFrom(null, ...KEYS, ...KEYS, ...KEYS),
  value: fc.constantFrom(null, 'gone', 'torn', '1', '2', '3', '4', '5'),
  trims: fc.boolean(),
});
const operation = fc.record({
  name: fc.constantFrom('get', 'set', 'change', 'delete', 'trim', 'values', 'lastingValues'),
  key: fc.constantFrom(...KEYS, 'new'),
  n: fc.nat(1000),
});

describe('a map whose entries a restart has left as records', () => {
  for (const [name, room] of [
    ['with memory for all', 1e9],
    ['with memory for some', 250],
    ['without memory', 0],
  ] as const)
    it(`does what a Map does, ${name}`, () => {
      fc.assert(
        fc.property(
          fc.array(restored, { maxLength: 30 }),
          fc.array(operation, { maxLength: 30 }),
          (records, operations) => {
            const budget = new StateBudget({
              limitBytes: room,
              clock: new VirtualClock(),
              onFailure: assert.fail,
            });
            const map = new SpillingMap(ITEMS, { budget, openDisk: () => new MemoryDiskMap() }, PACKING);
            const model = new Map<string, number>();
            for (const [at, { key, value, trims }] of records.entries()) {
              map.restore(record(key, value, at), at % 3);
              if (key !== null && (value === null || value === 'gone')) model.delete(key);
              else if (key !== null && value !== 'torn') model.set(key, Number(value));
              if (trims) budget.trim();
            }
            for (const { name: operationName, key, n } of operations)
              apply(map, model, operationName, key, n, budget);
            for (const key of [...KEYS, 'new']) assert.equal(map.get(key)?.n, model.get(key));
            // Now that all have been looked for, none is left that only seems to be there.
            assert.equal(map.size, model.size);
            map.close();
            assert.equal(budget.usedBytes, 0);
          },
        ),
        { numRuns: 1500 },
      );
    });
});

function apply(
  map: SpillingMap<Item>,
  model: Map<string, number>,
  name: string,
  key: string,
  n: number,
  budget: StateBudget,
): void {
  switch (name) {
    case 'get':
      assert.equal(map.get(key)?.n, model.get(key));
      break;
    case 'set':
      map.set(key, { key, n, mark: 0 });
      model.set(key, n);
      break;
    case 'change': {
      const item = map.get(key);
      if (item === undefined) break;
      item.n = n;
      map.changed(item);
      model.set(key, n);
      break;
    }
    case 'delete':
      map.delete(key);
      model.delete(key);
      break;
    case 'trim':
      budget.trim();
      budget.trim();
      break;
    case 'values':
      assert.deepEqual(entriesOf(map.values()).sort(), entriesIn(model));
      break;
    default: {
      // Entries go to disk while somebody goes through them: none is missed.
      const seen = new Set<string>();
      for (const item of map.lastingValues()) {
        seen.add(`${item.key} ${item.n}`);
        if (n % 2 === 0) budget.trim();
      }
      assert.deepEqual([...seen].sort(), entriesIn(model));
    }
  }
}

const entriesOf = (items: Iterable<Item>) => Array.from(items, ({ key, n }) => `${key} ${n}`);
const entriesIn = (model: Map<string, number>) => Array.from(model, ([key, n]) => `${key} ${n}`).sort();
