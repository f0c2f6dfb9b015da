import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateText } from '../expression-test-kit.ts';

/** Results as text, so that the tables below can be read. */
function check(cases: Readonly<Record<string, string | readonly string[] | null>>): void {
  for (const [text, expected] of Object.entries(cases)) {
    const value = evaluateText(text);
    const shown = Array.isArray(value) ? value.map((part) => String(Buffer.from(part))) : value;
    assert.deepEqual(shown instanceof Uint8Array ? String(Buffer.from(shown)) : shown, expected, text);
  }
}

const b = (text: string) => `TO_BYTES('${text}', 'utf8')`;

test('string functions on bytes', () => {
  check({
    [`SUBSTRING(${b('stream')}, 2)`]: 'tream',
    [`SUBSTRING(${b('stream')}, -3, 2)`]: 'ea',
    [`SUBSTRING(${b('stream')}, 9)`]: '',
    [`LPAD(${b('7')}, 4, ${b('ab')})`]: 'aba7',
    [`RPAD(${b('7')}, 4, ${b('ab')})`]: '7aba',
    [`RPAD(${b('abc')}, 2, ${b('-')})`]: 'ab',
    [`RPAD(${b('abc')}, -1, ${b('-')})`]: null,
    [`LPAD(${b('abc')}, 5, ${b('')})`]: null,
    [`SPLIT(${b('a--b-')}, ${b('--')})`]: ['a', 'b-'],
    [`SPLIT(${b('ab')}, ${b('')})`]: ['a', 'b'],
    [`SPLIT(${b('')}, ${b('')})`]: [''],
    "SPLIT('', '')": [''],
    "SPLIT('', ',')": [''],
  });
});

test('encodings as Java knows them', () => {
  check({
    "ENCODE('4a6f', 'hex', 'utf8')": 'Jo',
    "ENCODE('0x4a6f', 'hex', 'utf8')": 'Jo',
    "ENCODE('X''4a6f''', 'hex', 'utf8')": 'Jo',
    "ENCODE('0xa', 'hex', 'hex')": '0a',
    "ENCODE('c3a9', 'hex', 'ascii')": '\ufffd\ufffd',
    "ENCODE('é', 'ascii', 'utf8')": '?',
    "ENCODE('é', 'utf8', 'hex')": 'c3a9',
  });
  for (const text of ['abc', "X''4a", "x''4''", '0x0x', 'zz'])
    assert.match(String(evaluateText(`ENCODE('${text}', 'hex', 'utf8')`)), /^error: .*is not hex/, text);
});

test('parts of JSON texts', () => {
  check({
    'EXTRACTJSONFIELD(\'{"a": [1.50, {"b": 1e2}]}\', \'$.a[0]\')': '1.50',
    'EXTRACTJSONFIELD(\'{"a": [1.50, {"b": 1e2}]}\', \'$.a\')': '[1.50,{"b":1E+2}]',
    'EXTRACTJSONFIELD(\'{"a": "}"} and more\', \'$.a\')': '}',
    "EXTRACTJSONFIELD('{\"a\": 1', '$.a')": null,
    "EXTRACTJSONFIELD('{\"a\": 1}', '$.a.text')": null,
  });
});
