import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { batchOf } from '../../../test/support/records.ts';
import { patchBaseOffset } from '../../record/batch.ts';
import { controlBatch, sealBatch } from '../../record/batch-builder.ts';
import { areWellFormed } from './acknowledgement-check.ts';
import { AcquiredRanges } from './acquired-ranges.ts';
import { acquiredBytes, readBatches } from './fetched-batches.ts';
import { coordinatorKey } from './share-entries.ts';
import { FINAL_EPOCH, ShareSessions } from './share-sessions.ts';
import { parseReset } from './share-settings.ts';

describe('acknowledgements of one request', () => {
  const cases: readonly (readonly [boolean, readonly (readonly [number, number, ...number[]])[]])[] = [
    [true, []],
    [true, [[0, 4, 1]]],
    [
      true,
      [
        [0, 2, 0, 1, 3],
        [3, 3, 2],
      ],
    ],
    [false, [[4, 0, 1]]],
    [false, [[0, 4]]],
    [false, [[0, 4, 1, 1]]],
    [false, [[0, 0, 4]]],
    [false, [[0, 0, -1]]],
    [
      false,
      [
        [0, 4, 1],
        [4, 5, 1],
      ],
    ],
    [
      false,
      [
        [5, 6, 1],
        [0, 1, 1],
      ],
    ],
  ];
  for (const [isGood, batches] of cases)
    it(`${JSON.stringify(batches)} are ${isGood ? 'in order' : 'refused'}`, () => {
      const acknowledgements = batches.map(([firstOffset, lastOffset, ...types]) => ({
        firstOffset,
        lastOffset,
        types,
      }));
      assert.equal(areWellFormed(acknowledgements), isGood);
    });
});

describe('where a share group begins', () => {
  const HOUR_MS = 3_600_000;
  const cases = [
    ['latest', 'latest'],
    ['EARLIEST', 'earliest'],
    ['by_duration:PT1H', { agoMs: HOUR_MS }],
    ['by_duration:P1DT2H3M4.5S', { agoMs: 26 * HOUR_MS + 184_500 }],
    ['by_duration:PT0S', { agoMs: 0 }],
  ] as const;
  for (const [text, reset] of cases) it(text, () => assert.deepEqual(parseReset(text), reset));
});

it('a share partition has the coordinator key that Kafka prints', () => {
  const key = { groupId: 'g', topicId: '00112233445566778899aabbccddeeff', partition: 3 };
  assert.equal(coordinatorKey(key), 'g:ABEiM0RVZneImaq7zN3u_w:3');
});

it('acquired ranges end where batches end, when they have about the batch size', () => {
  const ranges = new AcquiredRanges(10);
  for (const [firstOffset, lastOffset, deliveryCount] of [
    [0, 5, 1],
    [6, 11, 1],
    [12, 13, 1],
    [14, 14, 2],
    [16, 16, 2],
  ] as const)
    ranges.add({ firstOffset, lastOffset, deliveryCount });
  const texts = ranges.all.map((range) => `${range.firstOffset}-${range.lastOffset}x${range.deliveryCount}`);
  assert.deepEqual(texts, ['0-11x1', '12-13x1', '14-14x2', '16-16x2']);
  assert.equal(ranges.recordCount, 16);
});

describe('batches of a read', () => {
  const owned = (baseOffset: number, producerId: number) => {
    const batch = batchOf('x', 'y');
    sealBatch(batch, { producerId, producerEpoch: 0, baseSequence: 0, transactional: true });
    patchBaseOffset(batch, 0, baseOffset);
    return batch;
  };
  const marker = (offset: number, producerId: number, outcome: 'commit' | 'abort') => {
    const batch = controlBatch({
      producerId,
      producerEpoch: 0,
      coordinatorEpoch: 0,
      outcome,
      timestampMs: 0,
    });
    patchBaseOffset(batch, 0, offset);
    return batch;
  };
  const first = Buffer.concat([owned(0, 7), owned(2, 8), marker(4, 7, 'abort')]);
  const second = Buffer.concat([owned(5, 7), marker(7, 7, 'commit'), marker(8, 8, 'commit')]);
  const read = (producers: readonly (readonly [producerId: number, firstOffset: number])[]) =>
    readBatches({
      ...{ pieces: [first, second], bytes: first, nextOffset: 9 },
      ...{ logStartOffset: 0, highWatermark: 9, lastStableOffset: 9 },
      abortedTransactions: producers.map(([producerId, firstOffset]) => ({ producerId, firstOffset })),
    });

  it('are aborted from the first of their transaction to its marker', () => {
    assert.deepEqual(
      read([[7, 0]]).map(({ firstOffset, lastOffset, isAborted }) => [firstOffset, lastOffset, isAborted]),
      [
        [0, 1, true],
        [2, 3, false],
        [4, 4, false],
        [5, 6, false],
        [7, 7, false],
        [8, 8, false],
      ],
    );
  });

  it('are sent when they hold something acquired, neighbours as one piece', () => {
    const range = (firstOffset: number, lastOffset: number) => ({
      firstOffset,
      lastOffset,
      deliveryCount: 1,
    });
    const bytes = acquiredBytes(read([]), [range(0, 0), range(3, 4), range(7, 7)]);
    assert.deepEqual(
      bytes.pieces.map((piece) => piece.length),
      [first.length, marker(7, 7, 'commit').length],
    );
    assert.equal(bytes.length, first.length + marker(7, 7, 'commit').length);
  });
});

describe('share sessions', () => {
  const setUp = (maxSessions = 2) => {
    const over: string[] = [];
    const sessions = new ShareSessions({
      maxSessions: () => maxSessions,
      onEnd: ({ memberId }) => over.push(memberId),
    });
    const begin = (memberId: string, ended = new AbortController().signal) =>
      sessions.begin('g', memberId, [], ended);
    return { over, sessions, begin };
  };

  it('are as many as allowed; a member takes the place of its own', () => {
    const { over, begin } = setUp();
    for (const memberId of ['a', 'b', 'a']) assert.equal(typeof begin(memberId), 'object');
    assert.equal(begin('c'), 'SHARE_SESSION_LIMIT_REACHED');
    assert.deepEqual(over, []);
  });

  it('count their epochs, past the end of the numbers too', () => {
    const { sessions, begin } = setUp();
    const session = begin('a');
    assert.ok(typeof session === 'object');
    assert.equal(typeof sessions.use('g', 'a', 1), 'object');
    assert.equal(sessions.use('g', 'a', 1), 'INVALID_SHARE_SESSION_EPOCH');
    session.epoch = 0x7fff_ffff;
    assert.equal(typeof sessions.use('g', 'a', 0x7fff_ffff), 'object');
    assert.equal(typeof sessions.use('g', 'a', 1), 'object');
    assert.equal(typeof sessions.use('g', 'a', FINAL_EPOCH), 'object');
    assert.equal(sessions.use('g', 'b', 1), 'SHARE_SESSION_NOT_FOUND');
  });

  it('end with their connection, once, and not with an earlier one', () => {
    const { over, sessions, begin } = setUp();
    const [earlier, later] = [new AbortController(), new AbortController()];
    begin('a', earlier.signal);
    begin('a', later.signal);
    earlier.abort();
    assert.deepEqual(over, []);
    later.abort();
    sessions.finish('g', 'a');
    assert.deepEqual(over, ['a']);
    assert.equal(sessions.size, 0);
  });
});
