import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { type Random, randomInt } from '../../src/base/random.ts';

/** Bytes that lengths and counts are made of where parsers go wrong. */
const EDGES = [
  '00',
  'ff',
  '7f',
  '80',
  '7fffffff',
  'ffffffff',
  '80000000',
  'ffffffff0f',
  'feffffff0f',
  '000f4240',
].map((hex) => Buffer.from(hex, 'hex'));

/** The same bytes but for one to four kinds of damage, none before `from`. */
export function damaged(bytes: Buffer, random: Random, from = 0): Buffer {
  let result: Buffer = Buffer.from(bytes);
  for (let times = 1 + randomInt(random, 4); times > 0; times--) result = damagedOnce(result, random, from);
  return result;
}

function damagedOnce(bytes: Buffer, random: Random, from: number): Buffer {
  const at = from + randomInt(random, Math.max(1, bytes.length - from));
  const length = randomInt(random, 9);
  switch (randomInt(random, 5)) {
    case 0: {
      const flipped = Buffer.from(bytes);
      if (at < flipped.length) flipped[at]! ^= 1 << randomInt(random, 8);
      return flipped;
    }
    case 1: {
      const edge = EDGES[randomInt(random, EDGES.length)]!;
      return Buffer.concat([bytes.subarray(0, at), edge, bytes.subarray(at + edge.length)]);
    }
    case 2:
      return Buffer.concat([bytes.subarray(0, at), random.bytes(length), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    default:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, at), bytes.subarray(at)]);
  }
}

/** What went wrong once, or might: lines of `name: hex`, kept under test/corpus. */
export function corpus(file: string): readonly (readonly [name: string, bytes: Buffer])[] {
  const text = readFileSync(new URL(`../corpus/${file}`, import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name, hex] = line.split(': ') as [string, string];
      return [name, Buffer.from(hex, 'hex')] as const;
    });
}
