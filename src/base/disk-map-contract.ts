import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DiskKey, type DiskMap, fitsOnDisk, type OpenDiskMap } from './disk-map.ts';

const anyKey = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  // Halves of surrogate pairs too, and characters of Latin-1.
  fc.array(fc.nat(0xffff), { maxLength: 5 }).map((codes) => String.fromCharCode(...codes)),
  fc.array(fc.nat(0xff), { maxLength: 5 }).map((codes) => String.fromCharCode(...codes)),
  fc.double({ noNaN: true }),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
);

const bytesOf = (map: DiskMap, key: DiskKey) => {
  const bytes = map.get(key);
  return bytes && Buffer.from(bytes).toString('latin1');
};

const contentOf = (map: DiskMap) =>
  new Map(Array.from(map.entries(), ([key, bytes]) => [key, Buffer.from(bytes).toString('latin1')]));

/** What every DiskMap does. */
export function testDiskMap(name: string, open: OpenDiskMap, folder: string): void {
  let opened = 0;
  const inMap = (behaviour: string, run: (map: DiskMap, path: string) => void): void => {
    test(`${name}: ${behaviour}`, () => {
      const path = `${folder}/map-${opened++}`;
      const map = open(path);
      try {
        run(map, path);
      } finally {
        map.close();
      }
    });
  };
  const put = (map: DiskMap, key: DiskKey, text: string) => map.write([[key, Buffer.from(text)]], []);

  inMap('finds what was put, each kind of key apart from the others', (map) => {
    const keys: DiskKey[] = [
      '',
      '1',
      'true',
      'Zoë',
      '日本',
      '\ud800',
      '\udc00',
      'a\0b',
      1,
      1.5,
      -1,
      0,
      1n,
      2n ** 70n,
    ];
    map.write(
      [...keys, true, false].map((key, index) => [key, Buffer.from(`${index}`)] as const),
      [],
    );
    for (const [index, key] of [...keys, true, false].entries()) assert.equal(bytesOf(map, key), `${index}`);
    assert.deepEqual(
      [...contentOf(map).keys()].map(String).sort(),
      [...keys, true, false].map(String).sort(),
    );
    for (const missing of ['2', 2, 3n, 'Zoé']) assert.equal(map.get(missing), undefined);
  });

  inMap('finds 0 by -0', (map) => {
    put(map, -0, 'zero');
    assert.equal(bytesOf(map, 0), 'zero');
  });

  inMap('takes the longest keys that are said to fit, and values of any length', (map) => {
    for (const unit of ['a', '日']) {
      const longest = unit.repeat(960);
      assert.ok(fitsOnDisk(longest) && !fitsOnDisk(`${longest}a`));
      put(map, longest, 'x'.repeat(100_000));
      assert.equal(bytesOf(map, longest)?.length, 100_000);
    }
    put(map, 'empty', '');
    assert.equal(bytesOf(map, 'empty'), '');
  });

  inMap('removes before it puts, and writes all or nothing', (map) => {
    put(map, 'a', '1');
    map.write([['a', Buffer.from('2')]], ['a', 'b']);
    assert.equal(bytesOf(map, 'a'), '2');
    assert.throws(() =>
      map.write(
        (function* () {
          yield ['c', Buffer.from('3')] as const;
          throw new Error('stop');
        })(),
        ['a'],
      ),
    );
    assert.deepEqual(contentOf(map), new Map([['a', '2']]));
  });

  inMap('begins empty, whatever a crash has left', (map, path) => {
    put(map, 'a', '1');
    map.close();
    const next = open(path);
    assert.deepEqual(contentOf(next), new Map());
    next.close();
  });

  inMap('does what a Map does', (map) => {
    const model = new Map<DiskKey, string>();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyKey, fc.string({ maxLength: 30 })), { maxLength: 20 }),
        fc.nat(5),
        (puts, gone) => {
          const removals = [...model.keys()].slice(0, gone);
          for (const key of removals) model.delete(key);
          for (const [key, text] of puts) model.set(key, Buffer.from(text).toString('latin1'));
          map.write(
            puts.map(([key, text]) => [key, Buffer.from(text)] as const),
            removals,
          );
          for (const key of removals) assert.equal(bytesOf(map, key), model.get(key));
          for (const [key] of puts) assert.equal(bytesOf(map, key), model.get(key));
          assert.deepEqual(contentOf(map), model);
        },
      ),
      { numRuns: 50 },
    );
  });
}
