import type { Clock } from '../../base/clock.ts';
import type { PlannedOf } from '../../sql/planned.ts';
import type { TopicDescription, TopicPartition, Topics } from '../../topics/topics.ts';
import { CommittedRecords } from '../committed-records.ts';
import type { PrintedValues } from './printed-values.ts';
import { RecordPrinter } from './record-printer.ts';
import { BoundedStream } from './row-stream.ts';

const READ_BYTES = 256 * 1024;
const MAX_WAITING_BYTES = 256 * 1024;
const STALL_MS = 60_000;

/**
 * PRINT: records of a topic as lines of text, in the order they arrive. A reader that is slow is waited for:
 * the log keeps what it has not seen yet.
 */
export class PrintLines extends BoundedStream<string> {
  static start(
    planned: PlannedOf<'print'>,
    topic: TopicDescription,
    topics: Topics,
    clock: Clock,
    values: PrintedValues,
  ): PrintLines {
    const partitions = Array.from({ length: topic.partitionCount }, (_, partition) => ({
      topic: topic.name,
      partition,
    }));
    const work = { closed: false, wake: (): void => {} };
    const stopWatching = topics.watch(partitions, () => work.wake());
    const lines = new PrintLines({
      maxBytes: MAX_WAITING_BYTES,
      sizeOf: (line) => line.length,
      stall: { afterMs: STALL_MS, clock },
      ...(planned.limit !== undefined && { limit: planned.limit }),
      onClose: () => {
        work.closed = true;
        stopWatching();
        work.wake();
      },
    });
    feed(lines, planned, partitions, topics, values, work).catch((error: Error) => lines.fail(error));
    return lines;
  }
}

interface FeedState {
  closed: boolean;
  wake: () => void;
}

async function feed(
  lines: PrintLines,
  planned: PlannedOf<'print'>,
  partitions: readonly TopicPartition[],
  topics: Topics,
  values: PrintedValues,
  state: FeedState,
): Promise<void> {
  const next = new Map<TopicPartition, number>();
  for (const partition of partitions) {
    const { logStartOffset, highWatermark } = await topics.offsets(partition);
    next.set(partition, planned.fromBeginning ? logStartOffset : highWatermark);
  }
  const interval = Math.max(1, planned.interval ?? 1);
  const records = new CommittedRecords();
  const printer = new RecordPrinter(values);
  let count = 0;
  while (!state.closed) {
    const advanced = new Promise<void>((resolve) => {
      state.wake = resolve;
    });
    let idle = true;
    for (const partition of partitions) {
      const offset = next.get(partition)!;
      const chunk = await topics.read(partition, offset, {
        maxBytes: READ_BYTES,
        isolation: 'read_committed',
      });
      next.set(partition, chunk.nextOffset);
      if (chunk.nextOffset > offset) idle = false;
      records.load(chunk, offset);
      while (records.next())
        if (count++ % interval === 0)
          lines.add((await printer.lines(records.cursor, partition.partition)).join('\n'));
    }
    await lines.hold();
    if (idle && !state.closed) await advanced;
  }
}
