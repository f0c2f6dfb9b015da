import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { testDiskMap } from './disk-map-contract.ts';
import { openLmdbDiskMap } from './lmdb-disk-map.ts';
import { MemoryDiskMap } from './memory-disk-map.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-disk-map-'));
after(() => rmSync(folder, { recursive: true }));

testDiskMap('lmdb', openLmdbDiskMap, join(folder, 'made/when/needed'));
testDiskMap('memory', () => new MemoryDiskMap(), '/nowhere');

test('lmdb: leaves no file', () => {
  const map = openLmdbDiskMap(join(folder, 'alone/map'));
  map.write([['a', Buffer.from('1')]], []);
  assert.notDeepEqual(readdirSync(join(folder, 'alone')), []);
  map.close();
  assert.deepEqual(readdirSync(join(folder, 'alone')), []);
});
