import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { carriedError, plainError } from '../base/calls.ts';
import { SchemaRegistryError } from '../serde/schema-registry.ts';
import { TopicError } from '../topics/topics.ts';
import { LastingError } from './lasting-error.ts';
import { type ErrorClass, errorClassOf, Setbacks } from './setbacks.ts';
import { RecordFailure } from './task.ts';

const at = { topic: 't', partition: 0, offset: 5 };

describe('the class of an error', () => {
  const cases: [what: string, error: Error, expected: ErrorClass][] = [
    ['a topic that is gone', new LastingError('gone'), 'USER'],
    ['a record that cannot be processed', new RecordFailure(at, new RangeError('overflow')), 'USER'],
    ['a bug that a record met', new RecordFailure(at, new TypeError('x is not a function')), 'UNKNOWN'],
    ['a record that is too large', new TopicError('MESSAGE_TOO_LARGE', 'large'), 'USER'],
    ['a full disk', new TopicError('KAFKA_STORAGE_ERROR', 'disk'), 'SYSTEM'],
    ['another owner', new TopicError('PRODUCER_FENCED', 'fenced'), 'SYSTEM'],
    ['a registry that is away', new SchemaRegistryError('not reached', 0), 'SYSTEM'],
    ['the same, told by another thread', plainError(carriedError(new SchemaRegistryError('', 0))), 'SYSTEM'],
    ['a registry with troubles', new SchemaRegistryError('store', 50001), 'SYSTEM'],
    ['a proxy before a registry', new SchemaRegistryError('bad gateway', 502), 'SYSTEM'],
    ['a registry that refuses', new SchemaRegistryError('who are you?', 401), 'UNKNOWN'],
    ['anything else', new Error('?'), 'UNKNOWN'],
  ];
  for (const [what, error, expected] of cases)
    it(`${expected}: ${what}`, () => assert.equal(errorClassOf(error), expected));
});

it('the last ten setbacks are kept', () => {
  const setbacks = new Setbacks();
  for (let n = 0; n < 12; n++) setbacks.add(new Error(`${n}`), n);
  assert.deepEqual(
    setbacks.errors.map(({ timestampMs }) => timestampMs),
    [2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  );
});
