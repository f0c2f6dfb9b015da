import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutPrefix } from './buffers.ts';

test('a short write at any byte leaves the rest', () => {
  const buffers = ['ab', 'c', '', 'defg'].map((text) => Buffer.from(text));
  for (let byteCount = 0; byteCount <= 7; byteCount++) {
    const rest = withoutPrefix(buffers, byteCount);
    assert.equal(Buffer.concat(rest).toString(), 'abcdefg'.slice(byteCount));
    assert.ok(byteCount === 7 || rest[0]!.length > 0);
  }
  assert.equal(Buffer.concat(buffers).toString(), 'abcdefg', 'the buffers themselves stay as they are');
});
