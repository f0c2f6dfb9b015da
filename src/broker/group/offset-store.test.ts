import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OffsetEntry } from './group-entries.ts';
import { OffsetStore } from './offset-store.ts';

const commit = (offset: number | null): OffsetEntry => {
  const value = { leaderEpoch: 0, metadata: '', committedAtMs: 0, expiresAtMs: undefined };
  const key = { kind: 'offset', groupId: 'g', topic: 't', partition: 0 } as const;
  return { ...key, value: offset === null ? null : { ...value, offset } };
};
const producer = (producerId: number) => ({ producerId, producerEpoch: 0 });
const marker = (producerId: number, outcome: 'commit' | 'abort') => {
  return { ...producer(producerId), coordinatorEpoch: 0, outcome };
};

type Step = (store: OffsetStore) => void;
const plain =
  (offset: number | null): Step =>
  (store) =>
    store.apply(commit(offset), undefined);
const within =
  (producerId: number, offset: number): Step =>
  (store) =>
    store.apply(commit(offset), producer(producerId));
const ends =
  (producerId: number, outcome: 'commit' | 'abort' = 'commit'): Step =>
  (store) =>
    store.applyMarker(marker(producerId, outcome));

/** Compaction keeps the last record that counts, so every history must end as if only that had been written. */
const CASES: readonly (readonly [string, readonly Step[], number | undefined])[] = [
  ['a commit in a transaction counts with its marker', [plain(1), within(7, 2), ends(7)], 2],
  ['an aborted one never does', [plain(1), within(7, 2), ends(7, 'abort')], 1],
  ['a later plain commit wins over a transaction that ends after it', [within(7, 1), plain(2), ends(7)], 2],
  ['so does a later removal', [plain(1), within(7, 2), plain(null), ends(7)], undefined],
  ['of two transactions, that with the later commit', [within(7, 1), within(8, 2), ends(8), ends(7)], 2],
  ['unless that was aborted', [within(7, 1), within(8, 2), ends(8, 'abort'), ends(7)], 1],
  ['whichever ends first', [within(7, 1), within(8, 2), ends(7), ends(8)], 2],
  ['of two in one transaction, the later', [within(7, 1), within(7, 2), ends(7)], 2],
];

describe('committed offsets', () => {
  for (const [behaviour, steps, expected] of CASES) {
    it(behaviour, () => {
      const store = new OffsetStore();
      for (const step of steps) step(store);
      assert.equal(store.find('g', 't', 0)?.offset, expected);
      assert.equal(store.isPending('g'), false);
    });
  }
});
