import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyseText, evaluateText, typeText } from '../expression-test-kit.ts';

test('a bare NULL has no type to compute with, a typed one gives NULL', () => {
  for (const text of ['1 + NULL', 'NULL * 2.5', "'a' + NULL", 'NULL - NULL'])
    assert.throws(() => analyseText(text), /there is no arithmetic of/, text);
  assert.equal(evaluateText('1 + CAST(NULL AS INT)'), null);
  assert.equal(evaluateText('A / 5', { A: ['DOUBLE', null] }), null);
});

test('a sign is no digit of a DECIMAL', () => {
  const types: Readonly<Record<string, string>> = {
    '1.50': 'DECIMAL(3, 2)',
    '-1.50': 'DECIMAL(3, 2)',
    '+1.50': 'DECIMAL(3, 2)',
    '-0.05': 'DECIMAL(2, 2)',
    '-.5': 'DECIMAL(1, 1)',
  };
  for (const [text, type] of Object.entries(types)) assert.equal(typeText(text), type, text);
});
