import type { Compression } from '../record/recompress.ts';

/** What a topic's configuration means to its log. Names follow Kafka's topic configs, with units. */
export interface LogConfig {
  readonly segmentBytes: number;
  readonly segmentMs: number;
  /** A share of at most this is taken off `segmentMs`, another one for each segment. */
  readonly segmentJitterMs: number;
  /** Of the offset index of a segment. */
  readonly segmentIndexBytes: number;
  /** Infinity keeps for ever. */
  readonly retentionMs: number;
  /** Per partition; Infinity keeps everything. */
  readonly retentionBytes: number;
  readonly indexIntervalBytes: number;
  /** Largest batch, headers included. */
  readonly maxMessageBytes: number;
  readonly messageTimestampType: 'CreateTime' | 'LogAppendTime';
  readonly timestampBeforeMaxMs: number;
  readonly timestampAfterMaxMs: number;
  readonly cleanupPolicy: ReadonlySet<'delete' | 'compact'>;
  /** How long tombstones and transaction markers stay after the compaction that first saw them. */
  readonly deleteRetentionMs: number;
  /** Share of the bytes not compacted yet from which a compaction is worth while. */
  readonly minCleanableDirtyRatio: number;
  readonly minCompactionLagMs: number;
  /** Infinity: the ratio alone decides. */
  readonly maxCompactionLagMs: number;
  /** Of stored batches; undefined keeps what the producer sent. */
  readonly compression: Compression | undefined;
  /** `sync`: acknowledged after fdatasync. `os`: acknowledged once the operating system has the bytes. */
  readonly durability: 'sync' | 'os';
  /** `os` only: so many records or so long after the last sync there is another. Infinity: not for this reason. */
  readonly flushMessages: number;
  readonly flushMs: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Kafka 4.1's defaults, except that an acknowledgement means durable. */
export const DEFAULT_LOG_CONFIG: LogConfig = {
  segmentBytes: 1024 * 1024 * 1024,
  segmentMs: 7 * DAY_MS,
  segmentJitterMs: 0,
  segmentIndexBytes: 10 * 1024 * 1024,
  retentionMs: 7 * DAY_MS,
  retentionBytes: Number.POSITIVE_INFINITY,
  indexIntervalBytes: 4096,
  maxMessageBytes: 1024 * 1024 + 12,
  messageTimestampType: 'CreateTime',
  timestampBeforeMaxMs: Number.POSITIVE_INFINITY,
  timestampAfterMaxMs: 60 * 60 * 1000,
  cleanupPolicy: new Set(['delete']),
  deleteRetentionMs: DAY_MS,
  minCleanableDirtyRatio: 0.5,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Number.POSITIVE_INFINITY,
  compression: undefined,
  durability: 'sync',
  flushMessages: Number.POSITIVE_INFINITY,
  flushMs: Number.POSITIVE_INFINITY,
};
