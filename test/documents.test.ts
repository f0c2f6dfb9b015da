// What the documents promise is what the code has.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { SETTINGS } from '../src/cli/settings.ts';

it('docs/operations.md lists every setting', () => {
  const text = readFileSync('docs/operations.md', 'utf8');
  const missing = Object.keys(SETTINGS).filter((name) => !text.includes(`\`${name}\``));
  assert.deepEqual(missing, []);
});
