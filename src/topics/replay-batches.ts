import type { Buffer } from 'node:buffer';
import {
  batchIsControl,
  batchIsTransactional,
  batchLastOffset,
  batchProducerEpoch,
  batchProducerId,
  walkBatches,
} from '../record/batch.ts';
import { readControlBatch } from '../record/control-record.ts';
import { assertIntact } from '../record/intact.ts';
import { RecordCursor } from '../record/record-cursor.ts';
import type { CallTable, EntryCodec, StateMachine } from './state-machine.ts';

/** Feeds what a log holds from `fromOffset` on to a machine, in the order it was written. */
export function replayBatches<Calls extends CallTable, Entry>(
  bytes: Buffer,
  fromOffset: number,
  codec: EntryCodec<Entry>,
  machine: StateMachine<Calls, Entry>,
): void {
  const cursor = new RecordCursor();
  for (const position of walkBatches(bytes)) {
    if (batchLastOffset(bytes, position) < fromOffset) continue;
    assertIntact(bytes, position);
    const producer = {
      producerId: batchProducerId(bytes, position),
      producerEpoch: batchProducerEpoch(bytes, position),
    };
    if (batchIsControl(bytes, position)) {
      const marker = readControlBatch(bytes, position);
      if (marker !== undefined) machine.replayMarker?.({ ...producer, ...marker });
      continue;
    }
    const transaction = batchIsTransactional(bytes, position) ? producer : undefined;
    cursor.reset(bytes, position);
    while (cursor.next()) {
      const key = cursor.key();
      if (key === null || cursor.offset < fromOffset) continue;
      const entry = codec.decode(key, cursor.value());
      if (entry !== undefined) machine.replay(entry, transaction);
    }
  }
}
