import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SqlValue } from '../../data/types.ts';
import { evaluateText } from '../expression-test-kit.ts';

function check(cases: Readonly<Record<string, SqlValue>>): void {
  for (const [text, expected] of Object.entries(cases)) assert.deepEqual(evaluateText(text), expected, text);
}

test('masking characters by their kind', () => {
  check({
    "MASK('Ab 12-ÉÖ')": 'Xx-nn-XX',
    "MASK('Ab12!', 'U', NULL, '#', '*')": 'Ub##*',
    'MASK(CAST(NULL AS STRING))': null,
    "MASK('')": '',
    "MASK_LEFT('Card-123', 4)": 'Xxxx-123',
    "MASK_LEFT('ab', 9)": 'xx',
    "MASK_RIGHT('Card-123', 3)": 'Card-nnn',
    "MASK_RIGHT('Card-123', 3, 'A', 'a', '0', NULL)": 'Card-000',
    "MASK_KEEP_LEFT('Card-123', 4)": 'Card-nnn',
    "MASK_KEEP_RIGHT('Card-123', 3)": 'Xxxx-123',
    "MASK_KEEP_RIGHT('Card-123', NULL)": null,
  });
  assert.match(String(evaluateText("MASK_LEFT('ab', -1)")), /^error: MASK_LEFT needs/);
});

test('identifiers', () => {
  check({
    "MD5('abc')": '900150983cd24fb0d6963f7d28e17f72',
    "MD5('')": 'd41d8cd98f00b204e9800998ecf8427e',
    "UUID(TO_BYTES('00112233445566778899aabbccddeeff', 'hex'))": '00112233-4455-6677-8899-aabbccddeeff',
    "UUID(TO_BYTES('0011', 'hex'))": null,
  });
  // The test kit's random numbers are all a quarter.
  assert.equal(evaluateText('UUID()'), '40404040-4040-4040-8040-404040404040');
});
