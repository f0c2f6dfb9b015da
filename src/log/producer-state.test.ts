import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LogError } from './log-error.ts';
import { decodeProducerSnapshot, encodeProducerSnapshot } from './producer-snapshot.ts';
import { advanceSequence, type ProducerBatch, ProducerStates } from './producer-state.ts';

const MAX = 2 ** 31 - 1;
const NOW_MS = 1_000_000;

function batch(baseSequence: number, count = 1, more: Partial<ProducerBatch> = {}): ProducerBatch {
  return {
    producerId: 1,
    producerEpoch: 0,
    baseSequence,
    lastOffsetDelta: count - 1,
    maxTimestampMs: 5,
    transactional: false,
    ...more,
  };
}

/** Appends what is accepted; the error's code or the offset of the original otherwise. */
function play(states: ProducerStates, sent: readonly ProducerBatch[]): (string | number)[] {
  let offset = 0;
  return sent.map((next) => {
    try {
      const original = states.check(next);
      if (original !== undefined) return original.baseOffset;
    } catch (error) {
      assert.ok(error instanceof LogError);
      return error.code;
    }
    states.append(next, offset, NOW_MS);
    offset += next.lastOffsetDelta + 1;
    return 'appended';
  });
}

const OK = 'appended';
const GAP = 'OUT_OF_ORDER_SEQUENCE_NUMBER';
const FENCED = 'INVALID_PRODUCER_EPOCH';

describe('sequences', () => {
  const epoch = (producerEpoch: number) => ({ producerEpoch });
  const cases: [name: string, sent: ProducerBatch[], outcomes: (string | number)[]][] = [
    ['follow on', [batch(0, 3), batch(3), batch(4, 2)], [OK, OK, OK]],
    ['may start anywhere when the producer is unknown (KIP-360)', [batch(77), batch(78)], [OK, OK]],
    ['must have no gap', [batch(0), batch(2), batch(1)], [OK, GAP, OK]],
    ['of a retry find the original', [batch(0, 2), batch(2), batch(0, 2), batch(2)], [OK, OK, 0, 2]],
    ['of a retry must match in length', [batch(0, 2), batch(0, 1)], [OK, GAP]],
    ['wrap to 0', [batch(MAX - 1, 2), batch(0), batch(MAX - 1, 2)], [OK, OK, 0]],
    ['wrap inside a batch', [batch(MAX, 3), batch(2), batch(MAX, 3)], [OK, OK, 0]],
    [
      'are remembered for five batches',
      [0, 1, 2, 3, 4, 5].map((sequence) => batch(sequence)).concat(batch(1), batch(0)),
      [OK, OK, OK, OK, OK, OK, 1, GAP],
    ],
    ['start at 0 in a new epoch', [batch(5), batch(6, 1, epoch(1)), batch(0, 1, epoch(1))], [OK, GAP, OK]],
    ['of an older epoch are fenced', [batch(0, 1, epoch(2)), batch(1, 1, epoch(1))], [OK, FENCED]],
    [
      'of an older epoch are fenced though known',
      [batch(0), batch(0, 1, epoch(1)), batch(0)],
      [OK, OK, FENCED],
    ],
  ];
  for (const [name, sent, outcomes] of cases) {
    it(name, () => assert.deepEqual(play(new ProducerStates(), sent), outcomes));
  }

  it('start at 0 after a marker raised the epoch', () => {
    const states = new ProducerStates();
    play(states, [batch(0, 1, { transactional: true })]);
    states.complete({ producerId: 1, producerEpoch: 1, coordinatorEpoch: 0, outcome: 'commit' }, 1, NOW_MS);
    assert.deepEqual(play(states, [batch(1), batch(1, 1, epoch(1)), batch(0, 1, epoch(1))]), [
      FENCED,
      GAP,
      OK,
    ]);
  });

  it('go on after a marker of the same epoch', () => {
    const states = new ProducerStates();
    play(states, [batch(0, 1, { transactional: true })]);
    states.complete({ producerId: 1, producerEpoch: 0, coordinatorEpoch: 0, outcome: 'commit' }, 1, NOW_MS);
    assert.deepEqual(play(states, [batch(1)]), [OK]);
  });

  it('advance within non-negative int32', () => {
    assert.deepEqual([advanceSequence(MAX, 1), advanceSequence(MAX, 3), advanceSequence(0, 5)], [0, 2, 5]);
  });
});

describe('expiry', () => {
  it('forgets silent producers, not those in a transaction', () => {
    const states = new ProducerStates();
    play(states, [batch(0), batch(0, 1, { producerId: 2, transactional: true })]);
    states.expire(NOW_MS);
    assert.equal(states.count, 2);
    states.expire(NOW_MS + 1);
    assert.deepEqual(
      states.active().map((producer) => producer.producerId),
      [2],
    );
  });
});

describe('snapshot', () => {
  const sequence = fc.integer({ min: 0, max: MAX });
  const arbitraryBatch = fc
    .record({
      lastSequence: sequence,
      count: fc.integer({ min: 1, max: 1000 }),
      lastOffset: fc.integer({ min: 1000, max: 2 ** 50 }),
      timestampMs: fc.integer({ min: -1, max: 2 ** 45 }),
    })
    .map(({ lastSequence, count, lastOffset, timestampMs }) => ({
      firstSequence: advanceSequence(lastSequence, 2 ** 31 - (count - 1)),
      lastSequence,
      baseOffset: lastOffset - count + 1,
      lastOffset,
      timestampMs,
    }));
  const arbitraryEntries = fc.uniqueArray(
    fc.record({
      producerId: fc.integer({ min: 0, max: 2 ** 50 }),
      epoch: fc.integer({ min: 0, max: 32767 }),
      batches: fc.array(arbitraryBatch, { maxLength: 5 }),
      lastTimestampMs: fc.integer({ min: -1, max: 2 ** 45 }),
      lastSeenMs: fc.constant(NOW_MS),
      coordinatorEpoch: fc.integer({ min: -1, max: MAX }),
      transactionFirstOffset: fc.integer({ min: -1, max: 2 ** 50 }),
    }),
    { selector: (entry) => entry.producerId, maxLength: 20 },
  );

  it('brings back what was written', () => {
    fc.assert(
      fc.property(arbitraryEntries, (entries) => {
        // The last batch and the producer share one timestamp in the file, as in Kafka's.
        const expected = entries.map((entry) => ({
          ...entry,
          batches: entry.batches.map((known, i) =>
            i === entry.batches.length - 1 ? { ...known, timestampMs: entry.lastTimestampMs } : known,
          ),
        }));
        assert.deepEqual(decodeProducerSnapshot(encodeProducerSnapshot(entries), NOW_MS), expected);
      }),
    );
  });

  it('is refused when any bit is wrong or bytes are missing', () => {
    const states = new ProducerStates();
    play(states, [batch(0, 2), batch(2), batch(0, 1, { producerId: 7 })]);
    const bytes = encodeProducerSnapshot([...states.entries]);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      assert.equal(decodeProducerSnapshot(damaged, NOW_MS), undefined, `bit ${bit}`);
    }
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(decodeProducerSnapshot(bytes.subarray(0, length), NOW_MS), undefined, `${length} bytes`);
    }
  });
});
