import type { Buffer } from 'node:buffer';
import {
  decodeRecordKey,
  decodeRecordValue,
  encodeRecordKey,
  encodeRecordValue,
  recordType,
} from '../../protocol/coordinator-record.ts';
import { MESSAGES, type ShareSnapshotValue } from '../../protocol/messages.gen.ts';
import type { EntryCodec } from '../../topics/state-machine.ts';
import type { SettledState } from './delivery-runs.ts';
import type { ShareEntry, StateBatch } from './share-entries.ts';

const VERSION = 0;
const STATES: Readonly<Record<SettledState, number>> = { available: 0, acknowledged: 2, archived: 4 };
const STATE_NAMES = new Map(Object.entries(STATES).map(([name, code]) => [code, name as SettledState]));

type RecordedBatch = ShareSnapshotValue['stateBatches'][number];

/** `__share_group_state` in Kafka's own record schemas. */
export const shareCodec: EntryCodec<ShareEntry> = {
  encode(entry) {
    if (entry.kind === 'snapshot') {
      const { key, value } = entry;
      return {
        key: encodeRecordKey('ShareSnapshotKey', key),
        value:
          value &&
          encodeRecordValue('ShareSnapshotValue', VERSION, {
            snapshotEpoch: value.snapshotEpoch,
            stateEpoch: value.stateEpoch,
            leaderEpoch: value.leaderEpoch,
            startOffset: value.startOffset,
            createTimestamp: value.createdAtMs,
            writeTimestamp: value.writtenAtMs,
            stateBatches: value.batches.map(encodeBatch),
          }),
      };
    }
    const { key, value } = entry;
    return {
      key: encodeRecordKey('ShareUpdateKey', key),
      value:
        value &&
        encodeRecordValue('ShareUpdateValue', VERSION, {
          snapshotEpoch: value.snapshotEpoch,
          leaderEpoch: value.leaderEpoch,
          startOffset: value.startOffset,
          stateBatches: value.batches.map(encodeBatch),
        }),
    };
  },

  decode(key, value) {
    switch (recordType(key)) {
      case MESSAGES.ShareSnapshotKey.key:
        return {
          kind: 'snapshot',
          key: decodeRecordKey('ShareSnapshotKey', key),
          value: value && snapshot(value),
        };
      case MESSAGES.ShareUpdateKey.key:
        return { kind: 'update', key: decodeRecordKey('ShareUpdateKey', key), value: value && update(value) };
      default:
        return undefined;
    }
  },
};

function snapshot(bytes: Buffer) {
  const value = decodeRecordValue('ShareSnapshotValue', bytes);
  const { snapshotEpoch, stateEpoch, leaderEpoch, startOffset } = value;
  return {
    ...{ snapshotEpoch, stateEpoch, leaderEpoch, startOffset },
    createdAtMs: value.createTimestamp,
    writtenAtMs: value.writeTimestamp,
    batches: value.stateBatches.map(decodeBatch),
  };
}

function update(bytes: Buffer) {
  const { snapshotEpoch, leaderEpoch, startOffset, stateBatches } = decodeRecordValue(
    'ShareUpdateValue',
    bytes,
  );
  return { snapshotEpoch, leaderEpoch, startOffset, batches: stateBatches.map(decodeBatch) };
}

function encodeBatch({ firstOffset, lastOffset, state, deliveryCount }: StateBatch): RecordedBatch {
  return { firstOffset, lastOffset, deliveryState: STATES[state], deliveryCount };
}

/** A state of a later Kafka is kept as available: delivered once too often rather than lost. */
function decodeBatch({ firstOffset, lastOffset, deliveryState, deliveryCount }: RecordedBatch): StateBatch {
  return { firstOffset, lastOffset, state: STATE_NAMES.get(deliveryState) ?? 'available', deliveryCount };
}
