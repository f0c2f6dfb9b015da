import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { KeyTable, NO_KEY } from './key-table.ts';
import { KeyedValues } from './keyed-values.ts';
import type { StoreKey } from './store-key.ts';

interface Item {
  readonly n: number;
}

/** Few enough to meet again, enough to fill and grow a table. */
const key = fc.oneof(
  fc.nat(60).map((n): StoreKey => `k${n}`),
  fc.nat(20).map((n): StoreKey => n * 2 ** 32 + n),
  fc.constantFrom<StoreKey>(
    '',
    '1',
    'true',
    1,
    true,
    false,
    -1,
    4n,
    -(2n ** 70n),
    'Zoë',
    '漢',
    'x'.repeat(2000),
  ),
);

const operation = fc.tuple(
  fc.constantFrom('set', 'set', 'set', 'get', 'delete', 'delete', 'bytes', 'all'),
  fc.constantFrom(0, 1),
  key,
  fc.nat(),
);

/** Does the operations to two maps that share their keys, and to two Maps. */
function compare(operations: readonly (readonly [string, number, StoreKey, number])[]): void {
  const table = new KeyTable();
  const maps = [new KeyedValues<Item>(table), new KeyedValues<Item>(table)];
  const models = [new Map<StoreKey, Item>(), new Map<StoreKey, Item>()];
  for (const [name, index, storeKey, n] of operations) {
    const [map, model] = [maps[index] as KeyedValues<Item>, models[index] as Map<StoreKey, Item>];
    switch (name) {
      case 'set':
        map.set(storeKey, { n });
        model.set(storeKey, { n });
        break;
      case 'get':
        assert.deepEqual(map.get(storeKey), model.get(storeKey));
        assert.equal(map.has(storeKey), model.has(storeKey));
        break;
      case 'delete':
        assert.equal(map.delete(storeKey), model.delete(storeKey));
        break;
      case 'bytes': {
        // What stands there is text, whatever else has the same bytes.
        const bytes = Buffer.from(`"${storeKey}"`);
        const text = bytes.toString('latin1', 1, bytes.length - 1);
        const number = table.findAscii(bytes, 1, bytes.length - 1);
        assert.equal(number, table.find(text));
        if (number !== NO_KEY) assert.equal(table.keyOf(number), text);
        for (const at of [0, 1]) assert.deepEqual(maps[at]?.at(number), models[at]?.get(text));
        break;
      }
      default:
        assert.deepEqual(new Map(map.entries()), model);
        assert.deepEqual(
          Array.from(map.values(), (item) => item.n).sort((a, b) => a - b),
          Array.from(model.values(), (item) => item.n).sort((a, b) => a - b),
        );
    }
    assert.equal(map.size, model.size);
    assert.equal(table.size, new Set(models.flatMap((each) => [...each.keys()])).size);
  }
  for (const index of [0, 1])
    for (const [storeKey, value] of models[index] as Map<StoreKey, Item>)
      assert.deepEqual(maps[index]?.get(storeKey), value);
}

describe('values by keys that have numbers', () => {
  it('are found as in Maps', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 100, maxLength: 400 }), (operations) =>
        compare(operations),
      ),
      { numRuns: 300 },
    );
  });

  it('are found among many, whoever goes and comes back', () => {
    const table = new KeyTable();
    const map = new KeyedValues<Item>(table);
    const count = 20_000;
    for (let n = 0; n < count; n++) map.set(`player${n}`, { n });
    for (let n = 0; n < count; n += 3) map.delete(`player${n}`);
    for (let n = 0; n < count; n += 6) map.set(`player${n}`, { n });
    for (let n = 0; n < count; n++) {
      const name = Buffer.from(`player${n}`);
      const isThere = n % 3 !== 0 || n % 6 === 0;
      assert.equal(map.at(table.findAscii(name, 0, name.length))?.n, isThere ? n : undefined);
    }
    assert.equal(map.size, table.size);
  });

  it('keep their number while one of the maps has the key', () => {
    const table = new KeyTable();
    const [a, b] = [new KeyedValues<Item>(table), new KeyedValues<Item>(table)];
    a.set('bob', { n: 1 });
    const number = table.find('bob');
    b.set('bob', { n: 2 });
    a.delete('bob');
    assert.equal(table.find('bob'), number);
    assert.equal(a.at(number), undefined);
    assert.deepEqual(b.at(number), { n: 2 });
    b.delete('bob');
    assert.equal(table.find('bob'), NO_KEY);
    // The number is another's then, and no map shows what it held before.
    a.set('eve', { n: 3 });
    assert.equal(table.find('eve'), number);
    assert.equal(b.at(number), undefined);
  });

  it('go on from where they are when values go and come', () => {
    const map = new KeyedValues<Item>(new KeyTable());
    for (let n = 0; n < 5; n++) map.set(n, { n });
    const seen: number[] = [];
    for (const { n } of map.values()) {
      seen.push(n);
      if (n === 1) map.delete(2);
      if (n === 3) map.set(5, { n: 5 });
    }
    assert.deepEqual(seen, [0, 1, 3, 4]);
    // The place of a key that went was behind.
    assert.deepEqual(map.get(5), { n: 5 });
  });

  it('are gone when the map is cleared, for it alone', () => {
    const table = new KeyTable();
    const [a, b] = [new KeyedValues<Item>(table), new KeyedValues<Item>(table)];
    a.set('bob', { n: 1 });
    b.set('bob', { n: 2 });
    a.clear();
    assert.equal(a.size, 0);
    assert.equal(a.get('bob'), undefined);
    assert.equal(a.at(table.find('bob')), undefined);
    assert.deepEqual(b.get('bob'), { n: 2 });
  });
});
