import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateText } from '../expression-test-kit.ts';
import { javaRegex } from './java-regex.ts';
import { LinearRegex } from './linear-regex.ts';

test('what could try for ever is matched in one pass', () => {
  const text = `${'a'.repeat(5_000)}!`;
  for (const pattern of [
    '(a+)+$',
    '(a|a)*$',
    '(?:a*)*b',
    '(?i)(A+)+\\Z',
    '(?:(?:a|aa)+)+c',
    '(\\w+\\s?)*$',
    '(.*)*x$',
  ]) {
    const { regex } = javaRegex(pattern);
    assert.ok(regex instanceof LinearRegex, pattern);
    regex.exec(text);
  }
});

test('what only trying can match, or matches at once, stays with it', () => {
  for (const pattern of [
    'a+b+',
    '(a+)b',
    '(?:ab)*',
    '(a+)?b',
    '(?=a)(a+)+',
    '(a+)+\\1',
    '(?:[a-z&&[^b]]+)+',
    '(?m)(a+)+$',
  ])
    assert.ok(!(javaRegex(pattern).regex instanceof LinearRegex), pattern);
});

test('both engines agree', () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  const pick = <T>(values: readonly T[]): T => values[random(values.length)]!;
  const atoms = [
    'a',
    'b',
    'é',
    '😀',
    '.',
    '\\w',
    '\\s',
    '[^a]',
    '\\d',
    '\\p{L}',
    '\\x{e9}',
    '\\b',
    '\\h',
    '\\n',
  ];
  const letters = atoms.filter((atom) => atom !== '\\b');
  const expression = (depth: number): string => {
    const parts = Array.from({ length: 1 + random(3) }, () => {
      const atom = depth > 0 && random(3) === 0 ? `(?:${expression(depth - 1)})` : pick(atoms);
      return atom === '\\b' ? atom : atom + pick(['', '', '+', '*', '?', '{1,2}', '+?', '*?']);
    });
    // What is repeated takes a letter at least: of repeated nothing JavaScript knows more than Java and RE2.
    if (depth < 2) parts.push(pick(letters));
    return parts.join('') + (random(4) === 0 ? `|${pick(letters)}` : '');
  };
  let compared = 0;
  for (let n = 0; n < 1_500; n++) {
    const body = expression(2);
    const pattern = `${pick(['', '(?i)', '(?s)', '^'])}(${body})(?:x+|y)*${pick(['', '$', '\\z', '\\Z'])}`;
    const { regex } = javaRegex(pattern, 'g');
    if (!(regex instanceof LinearRegex)) continue;
    // V8 looks around amid letters of two units too.
    const wide = /[$zZ]$/.test(pattern) ? 'b' : '😀';
    const trying = new RegExp(regex.source, regex.flags);
    const text = Array.from({ length: random(9) }, () =>
      pick(['a', 'b', 'A', 'é', wide, ' ', '1', '\n', '\r\n', 'x']),
    ).join('');
    const all = (by: RegExp) => Array.from(text.matchAll(by), (match) => [match.index, match[0], match[1]]);
    assert.deepEqual(all(regex), all(trying), `${pattern} in ${JSON.stringify(text)}`);
    assert.equal(
      text.replace(regex, '<$1>'),
      text.replace(trying, '<$1>'),
      `${pattern} in ${JSON.stringify(text)}`,
    );
    compared++;
  }
  assert.ok(compared > 500, `${compared}`);
});

test('functions work alike with it', () => {
  assert.equal(evaluateText("REGEXP_EXTRACT('((a|b)+)-$', 'xab-', 1)"), 'ab');
  assert.equal(evaluateText("REGEXP_REPLACE('1a22b', '(?:[0-9]|a)+', '<$0>')"), '<1a22>b');
  assert.deepEqual(evaluateText("REGEXP_EXTRACT_ALL('(a|b)*', 'ab1')"), ['ab', '', '']);
  assert.deepEqual(evaluateText("REGEXP_SPLIT_TO_ARRAY('a, ;b', '(?:,|;| )+')"), ['a', 'b']);
});
