import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateText } from '../expression-test-kit.ts';
import { javaRegex } from './java-regex.ts';

test('matches what Java matches', () => {
  const cases: readonly (readonly [pattern: string, text: string, match: string | null])[] = [
    ['a-b', 'a-b', 'a-b'],
    ['[a-c&&[^b]]+', 'abcac', 'a'],
    ['[a-b[x-y]]+', 'cbxya', 'bxya'],
    ['[\\w.-]+@x', 'me.you-2@x', 'me.you-2@x'],
    ['[-+*/]', '3*4', '*'],
    ['[^-]+', 'a-b', 'a'],
    ['\\p{Alpha}+\\p{Punct}', 'ab1cd!', 'cd!'],
    ['[\\p{Lower}\\d]+', 'A1b2', '1b2'],
    ['\\P{Digit}+', '1ab2', 'ab'],
    ['\\p{IsGreek}+', 'aβγ', 'βγ'],
    ['\\p{Lu}', 'aB', 'B'],
    ['(?i)ABC', 'xabc', 'abc'],
    ['a(?i)B|C', 'ac', 'c'],
    ['a(?i:b)c', 'aBc', 'aBc'],
    ['\\Qa.b\\E+', 'a.ba.b', 'a.ba.b'],
    ['a++a', 'aaa', null],
    ['(?>a|ab)c', 'abc', null],
    ['\\Aab\\z', 'ab', 'ab'],
    ['b$', 'ab\n', 'b'],
    ['b\\Z', 'ab\n', 'b'],
    ['(?m)^b$', 'a\nb\nc', 'b'],
    ['(?m:^b$)|c$', 'c\n', 'c'],
    ['((?m)^b$)|c$', 'c\n', 'c'],
    ['(?m)(?-m:c$)', 'c\n', 'c'],
    ['(?<atomic1>a)(?>b)(?<atomic2>c)', 'abc', 'abc'],
    ['[a-z\\Q&&\\E]+', 'ab&c', 'ab&c'],
    ['[\\Q~~--\\E]+', 'a-~', '-~'],
    ['\\Qa-b&\\E', 'a-b&', 'a-b&'],
    ['\\x41\\u0042\\x{43}\\0104', 'ABCD', 'ABCD'],
    ['\\h+', 'a \t b', ' \t '],
    ['(a)(b)\\2\\1', 'abba', 'abba'],
    ['(?<n>a)\\k<n>', 'aa', 'aa'],
    ['\\/\\-\\_\\:', '/-_:', '/-_:'],
    ['}]', 'x}]', '}]'],
    ['\\s', '\u00a0', null],
    ['(?<=\\$)\\d+', 'a$12', '12'],
    ['(?<!a)b', 'ab b', 'b'],
    ['(?:(a)|(b))++c', 'abc', 'abc'],
    ['(?>(a+))(b)\\2\\1', 'aabbaa', 'aabbaa'],
    ['(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\\10', 'abcdefghijj', 'abcdefghijj'],
    ['(a)\\10', 'aa0', 'aa0'],
    ['(?x) a b # and no more\n c', 'abc', 'abc'],
    ['(?x)a\\ b[ c ]', 'a bc', 'a bc'],
    ['(?x: a b )c d', 'abc d', 'abc d'],
    ['\\p{IsDigit}\\p{Digit}', '١1', '١1'],
    ['\\p{IsAlphabetic}+', '1éa', 'éa'],
    ['\\cA', '\u0001', '\u0001'],
  ];
  for (const [pattern, text, match] of cases)
    assert.equal(javaRegex(pattern).regex.exec(text)?.[0] ?? null, match, pattern);
});

test('what is wrong says so', () => {
  for (const pattern of ['(a', 'a)', '[a', '\\', '\\y', '(?U)a', 'a**', '\\1(a)'])
    assert.throws(() => javaRegex(pattern), /is no regular expression/, pattern);
});

test('functions count the groups of the pattern, and a replacement may name them', () => {
  const cases = {
    "REGEXP_EXTRACT('a++(b)', 'xaab', 1)": 'b',
    "REGEXP_REPLACE('2024-05', '(\\d+)-(\\d+)', '$2/$1')": '05/2024',
    "REGEXP_REPLACE('aab', 'a+', 'x$0')": 'xaab',
    "REGEXP_REPLACE('a', 'a', '\\$1')": '$1',
    "REGEXP_REPLACE('a', '(a)', '$10')": 'a0',
    "REGEXP_REPLACE('2024-05', '(?<y>\\d+)-(?<m>\\d+)', '${m}/${y}')": '05/2024',
    "REGEXP_EXTRACT('(?>(x+))((a)|b)++', 'xxba', 3)": 'a',
    "REGEXP_EXTRACT('(a)(b)?', 'a', 2)": null,
    "REGEXP_EXTRACT('(a)', 'a', 2)": null,
    "REGEXP_EXTRACT_ALL('(a)', 'a', 2)": null,
  };
  for (const [text, expected] of Object.entries(cases)) assert.equal(evaluateText(text), expected, text);
  assert.deepEqual(evaluateText("REGEXP_SPLIT_TO_ARRAY('a1b2c', '([0-9])')"), ['a', 'b', 'c']);
  assert.match(String(evaluateText("REGEXP_REPLACE('a', 'a', '$1')")), /error: no group 1/);
  assert.match(String(evaluateText("REGEXP_REPLACE('a', 'a', '${b}')")), /error: no group of the name b/);
});

test('texts are cut as ksqlDB cuts them', () => {
  const cases: readonly (readonly [text: string, pattern: string, parts: readonly string[]])[] = [
    ['a,b,,', ',', ['a', 'b', '', '']],
    [',a', ',', ['', 'a']],
    ['abc', '', ['a', 'b', 'c']],
    ['', '', ['']],
    ['aab', 'a*', ['', '', 'b']],
    ['baa', 'a*', ['b']],
    ['aaa', 'a*', []],
    ['bab', '(?=b)', ['ba', 'b']],
    ['ab1', '(?<=b)', ['ab', '1']],
    ['ab', '(?<=b)', ['ab']],
    ['a1b22c', '\\d+', ['a', 'b', 'c']],
    ['abc', 'x', ['abc']],
  ];
  for (const [text, pattern, parts] of cases)
    assert.deepEqual(
      evaluateText(`REGEXP_SPLIT_TO_ARRAY('${text}', '${pattern}')`),
      parts,
      `${text} by ${pattern}`,
    );
});
