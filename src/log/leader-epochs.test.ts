import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LeaderEpochs } from './leader-epochs.ts';

/** As `epoch@start` pairs. */
function epochs(...pairs: [epoch: number, startOffset: number][]): LeaderEpochs {
  const made = new LeaderEpochs();
  for (const [epoch, startOffset] of pairs) made.assign(epoch, startOffset);
  return made;
}

describe('the end of a leader epoch', () => {
  const log = epochs([2, 0], [5, 10], [6, 25]);
  const cases: [asked: number, leaderEpoch: number, endOffset: number][] = [
    [6, 6, 100],
    [5, 5, 25],
    [2, 2, 10],
    [3, 2, 10],
    [4, 2, 10],
    [7, -1, -1],
    [1, 1, 0],
    [-1, -1, -1],
  ];
  for (const [asked, leaderEpoch, endOffset] of cases) {
    it(`${asked} is (${leaderEpoch}, ${endOffset})`, () => {
      assert.deepEqual(log.end(asked, 100), { leaderEpoch, endOffset });
    });
  }

  it('is unknown in a log without epochs', () => {
    assert.deepEqual(epochs().end(0, 5), { leaderEpoch: -1, endOffset: -1 });
  });
});

describe('leader epochs', () => {
  const pairsOf = (log: LeaderEpochs) => log.entries.map(({ epoch, startOffset }) => [epoch, startOffset]);

  it('give way when they wrote nothing', () => {
    assert.deepEqual(pairsOf(epochs([1, 0], [2, 7], [3, 7])), [
      [1, 0],
      [3, 7],
    ]);
  });

  it('are assigned once, whatever is appended under them', () => {
    assert.deepEqual(pairsOf(epochs([1, 0], [1, 5], [2, 9], [2, 12])), [
      [1, 0],
      [2, 9],
    ]);
  });

  it('follow the log start', () => {
    const log = epochs([1, 0], [2, 5], [3, 9]);
    log.dropBelow(7);
    assert.deepEqual(pairsOf(log), [
      [2, 7],
      [3, 9],
    ]);
  });

  it('follow a cut', () => {
    const log = epochs([1, 0], [2, 5], [3, 9]);
    log.cutFrom(5);
    assert.deepEqual(pairsOf(log), [[1, 0]]);
  });

  it("print as Kafka's checkpoint", () => {
    assert.equal(epochs([1, 0], [4, 12]).toCheckpointText(), '0\n2\n1 0\n4 12\n');
  });
});
