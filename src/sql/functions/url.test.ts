import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SqlValue } from '../../data/types.ts';
import { evaluateText } from '../expression-test-kit.ts';

const SHOP = "'https://ann:pw@Shop.example:8443/a%20b/c?q=x+y&q=z&empty=&flag#top%21'";

const CASES: Readonly<Record<string, SqlValue>> = {
  [`URL_EXTRACT_PROTOCOL(${SHOP})`]: 'https',
  [`URL_EXTRACT_HOST(${SHOP})`]: 'Shop.example',
  [`URL_EXTRACT_PORT(${SHOP})`]: 8443,
  [`URL_EXTRACT_PATH(${SHOP})`]: '/a b/c',
  [`URL_EXTRACT_QUERY(${SHOP})`]: 'q=x+y&q=z&empty=&flag',
  [`URL_EXTRACT_FRAGMENT(${SHOP})`]: 'top!',
  [`URL_EXTRACT_PARAMETER(${SHOP}, 'q')`]: 'x+y',
  [`URL_EXTRACT_PARAMETER(${SHOP}, 'empty')`]: '',
  [`URL_EXTRACT_PARAMETER(${SHOP}, 'flag')`]: '',
  [`URL_EXTRACT_PARAMETER(${SHOP}, 'none')`]: null,
  "URL_EXTRACT_PORT('http://[::1]:80/')": 80,
  "URL_EXTRACT_HOST('http://[::1]:80/')": '[::1]',
  "URL_EXTRACT_PORT('http://a.example/')": null,
  "URL_EXTRACT_PROTOCOL('a.example/b')": null,
  "URL_EXTRACT_HOST('a.example/b')": null,
  "URL_EXTRACT_PATH('http://a.example')": '',
  "URL_EXTRACT_QUERY('http://a.example/?')": '',
  "URL_EXTRACT_PATH('mailto:ann@a.example')": null,
  "URL_EXTRACT_PROTOCOL('mailto:ann@a.example')": 'mailto',
  "URL_EXTRACT_QUERY('http://a.example/?x[]=1')": 'x[]=1',
  "URL_EXTRACT_PORT('http://a:99999999999/')": null,
  "URL_ENCODE_PARAM('a b&c=1~(d)!*')": 'a+b%26c%3D1%7E%28d%29%21*',
  "URL_DECODE_PARAM('a+b%26c')": 'a b&c',
  "URL_DECODE_PARAM('%ffa%C3%BC')": '\ufffdaü',
  "URL_EXTRACT_PARAMETER('http://a/?x%20y=1%202=3', 'x y')": '1 2=3',
  "URL_EXTRACT_PATH('http://a/%ff')": '/\ufffd',
};

test('parts of URLs', () => {
  for (const [text, expected] of Object.entries(CASES)) assert.deepEqual(evaluateText(text), expected, text);
});

test('what is no URL is an error of the expression', () => {
  for (const url of ['http://a b/', 'http://a/%zz', 'http://a/{b}', 'http://a/[b]'])
    assert.match(String(evaluateText(`URL_EXTRACT_HOST('${url}')`)), /^error: .*not a URL/, url);
});
