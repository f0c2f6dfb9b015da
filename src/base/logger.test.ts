import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from './logger.ts';
import { VirtualClock } from './virtual-clock.ts';

function capture(format: 'text' | 'json', level: 'debug' | 'info' | 'warn' = 'debug') {
  const lines: string[] = [];
  const clock = new VirtualClock(Date.UTC(2024, 1, 29, 12));
  const logger = createLogger({ level, format, clock, write: (line) => lines.push(line) });
  return { lines, logger };
}

test('a text line has time, level, message and fields', () => {
  const { lines, logger } = capture('text');
  logger.child({ topic: 'a-b' }).info('appended', { offset: 5, note: 'two words', gone: undefined });
  assert.deepEqual(lines, ['2024-02-29T12:00:00.000Z INFO  appended topic=a-b offset=5 note="two words"\n']);
});

test('a JSON line carries the fields, errors with their stack, bigints as text', () => {
  const { lines, logger } = capture('json');
  logger.error('failed', { error: new TypeError('why'), big: 2n ** 60n });
  const parsed = JSON.parse(lines[0]!);
  assert.equal(parsed.level, 'error');
  assert.equal(parsed.message, 'failed');
  assert.match(parsed.error, /^TypeError: why\n/);
  assert.equal(parsed.big, '1152921504606846976');
});

test('levels below the least are not written', () => {
  const { lines, logger } = capture('text', 'warn');
  logger.debug('no');
  logger.info('no');
  logger.warn('yes');
  logger.error('yes');
  assert.equal(lines.length, 2);
});

test('input in messages and fields cannot forge a second line', () => {
  const { lines, logger } = capture('text');
  logger.warn('bad name "x\n2024 ERROR forged"', { name: 'y\nforged', odd: { toJSON: () => 'z\n' } });
  assert.equal(lines[0]!.split('\n').length, 2);
});

test('a field that cannot be printed does not lose the line', () => {
  const { lines, logger } = capture('json');
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  logger.info('still here', { circular });
  const parsed = JSON.parse(lines[0]!);
  assert.equal(parsed.message, 'still here');
});
