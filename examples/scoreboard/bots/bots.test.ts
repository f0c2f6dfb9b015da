import assert from 'node:assert/strict';
import { test } from 'node:test';
import { botName } from './bots.ts';

test('bots never share a name', () => {
  const names = Array.from({ length: 200 }, (_, index) => botName(index));
  assert.equal(new Set(names).size, names.length);
});
