import { type Buffer, isUtf8 } from 'node:buffer';
import { CommittedRecords } from '../engine/committed-records.ts';
import type { TopicPartition, Topics } from '../topics/topics.ts';

const READ_BYTES = 256 * 1024;

export interface PageRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: unknown;
  readonly value: unknown;
  readonly headers: readonly { readonly key: string; readonly value: string | null }[];
}

/** Committed records of a partition for people to look at. A negative `from` counts back from the end. */
export async function readRecords(
  topics: Topics,
  partition: TopicPartition,
  from: number,
  limit: number,
): Promise<PageRecord[]> {
  const { logStartOffset, highWatermark } = await topics.offsets(partition);
  let offset = Math.max(logStartOffset, from < 0 ? highWatermark + from : from);
  const records: PageRecord[] = [];
  const visible = new CommittedRecords();
  while (records.length < limit && offset < highWatermark) {
    const chunk = await topics.read(partition, offset, { maxBytes: READ_BYTES, isolation: 'read_committed' });
    if (chunk.nextOffset === offset) break;
    visible.load(chunk, offset);
    while (records.length < limit && visible.next()) {
      const record = visible.cursor;
      records.push({
        partition: partition.partition,
        offset: record.offset,
        timestampMs: record.timestampMs,
        key: readable(record.key()),
        value: readable(record.value()),
        headers: record.headers().map(({ key, value }) => ({ key, value: value && asText(value) })),
      });
    }
    offset = chunk.nextOffset;
  }
  return records;
}

/** JSON where it is a JSON object or array, else text. */
function readable(bytes: Buffer | null): unknown {
  if (bytes === null) return null;
  const text = asText(bytes);
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function asText(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString() : `0x${bytes.toString('hex')}`;
}
