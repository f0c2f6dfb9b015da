import type { PartitionLog } from '../log/partition-log.ts';
import { sealBatch } from '../record/batch-builder.ts';
import type { MachineLog } from '../topics/machine-log.ts';

const READ_BYTES = 4 * 1024 * 1024;

/** A state machine's log straight over a partition of this process. */
export function partitionMachineLog(log: PartitionLog): MachineLog {
  return {
    name: `${log.topic}-${log.partition}`,
    firstOffset: async () => log.logStartOffset,
    read: (offset) => log.read(offset, { maxBytes: READ_BYTES, isolation: 'read_uncommitted' }),
    append: (batch, producer) => {
      // A coordinator's batch in a transaction has no sequence: the coordinator itself keeps the order.
      sealBatch(batch, producer === undefined ? {} : { ...producer, transactional: true });
      return log.append(batch, { origin: 'internal' }).durable;
    },
    appendMarker: (marker) => log.appendMarker(marker).durable,
  };
}
