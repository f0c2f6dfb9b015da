import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MemoryFileSystem } from '../base/memory-fs.ts';
import { openStore } from '../log/log-fixture.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import { replayBatches } from '../topics/replay-batches.ts';
import { groupCodec } from './group/group-codec.ts';
import type { OffsetEntry } from './group/group-entries.ts';
import { OffsetStore } from './group/offset-store.ts';
import { partitionMachineLog } from './partition-machine-log.ts';

type Step =
  | {
      readonly kind: 'commit';
      readonly producerId: number;
      readonly partition: number;
      readonly isRemoval: boolean;
    }
  | { readonly kind: 'end'; readonly producerId: number; readonly outcome: 'commit' | 'abort' }
  | { readonly kind: 'compact'; readonly afterMs: number };

const PLAIN = -1;
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      producerId: fc.constantFrom(PLAIN, 7, 8),
      partition: fc.integer({ min: 0, max: 3 }),
      isRemoval: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      producerId: fc.constantFrom(7, 8),
      outcome: fc.constantFrom('commit' as const, 'abort' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('compact' as const), afterMs: fc.constantFrom(0, 2000) }),
  },
);

function contents(offsets: OffsetStore): unknown {
  const committed = [...offsets.ofGroup('g')].sort((a, b) => a.partition - b.partition);
  return committed.map(({ partition, value }) => [partition, value.offset]);
}

describe('a coordinator whose log is compacted', () => {
  it('comes to the same answers from what is left', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        const {
          store,
          clock,
          log: open,
        } = await openStore(new MemoryFileSystem(), {
          cleaner: { backoffMs: 1e9, dedupeBytes: 1e6 },
          config: {
            cleanupPolicy: new Set(['compact']),
            segmentBytes: 400,
            minCleanableDirtyRatio: 0,
            deleteRetentionMs: 1000,
          },
        });
        const partition = await open();
        const log = partitionMachineLog(partition);
        const live = new OffsetStore();
        for (const [n, next] of steps.entries()) {
          if (next.kind === 'compact') {
            await clock.advance(next.afterMs);
            await store.runCompaction();
          } else if (next.kind === 'end') {
            const { producerId, outcome } = next;
            const marker = { producerId, producerEpoch: 0, coordinatorEpoch: 1, outcome };
            await log.appendMarker!(marker);
            live.applyMarker(marker);
          } else {
            const value = {
              offset: n,
              leaderEpoch: 0,
              metadata: '',
              committedAtMs: 0,
              expiresAtMs: undefined,
            };
            const entry: OffsetEntry = {
              ...{ kind: 'offset', groupId: 'g', topic: 't', partition: next.partition },
              value: next.isRemoval ? null : value,
            };
            const builder = new BatchBuilder();
            const { key, value: bytes } = groupCodec.encode(entry);
            builder.append(clock.nowMs(), key, bytes);
            const producer =
              next.producerId === PLAIN ? undefined : { producerId: next.producerId, producerEpoch: 0 };
            await log.append(builder.build(), producer);
            live.apply(entry, producer);
          }
        }
        const replayed = new OffsetStore();
        for (let offset = partition.logStartOffset; offset < partition.endOffset; ) {
          const { bytes, nextOffset } = await log.read(offset);
          replayBatches(bytes, offset, groupCodec, {
            replay: (entry, producer) => void (entry.kind === 'offset' && replayed.apply(entry, producer)),
            replayMarker: (marker) => replayed.applyMarker(marker),
            handle: () => assert.fail(),
            wake: () => assert.fail(),
          });
          offset = nextOffset;
        }
        assert.deepEqual(contents(replayed), contents(live));
      }),
      { numRuns: 60 },
    );
  });
});
