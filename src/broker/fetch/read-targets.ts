import type { ByteRun } from '../../base/buffers.ts';
import { LogError } from '../../log/log-error.ts';
import type { AbortedRange, Isolation } from '../../log/log-types.ts';
import type { PartitionLog } from '../../log/partition-log.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { TopicRegistry } from '../topic-registry.ts';
import { divergence, type FetchTarget, locate } from './fetch-target.ts';

/** What a fetch found in one partition. */
export interface FetchResult {
  readonly target: FetchTarget;
  readonly error: ErrorName;
  /** -1 when the partition does not exist. */
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly diverging: { readonly epoch: number; readonly endOffset: number } | null;
  /** Null for read_uncommitted readers, who do not want to know. */
  readonly abortedTransactions: readonly AbortedRange[] | null;
  readonly records: ByteRun;
}

const NO_RECORDS: ByteRun = { length: 0, pieces: [] };

/**
 * Reads partitions in the order asked for until `maxBytes` are used up. The first batch of all is returned
 * whatever its size, or a batch larger than the limits would block its reader for ever (KIP-74).
 */
export async function readTargets(
  targets: readonly FetchTarget[],
  {
    topics,
    maxBytes,
    isolation,
  }: { readonly topics: TopicRegistry; readonly maxBytes: number; readonly isolation: Isolation },
): Promise<FetchResult[]> {
  const results: FetchResult[] = [];
  let leftBytes = maxBytes;
  let isFirst = true;
  for (const target of targets) {
    const result = await readTarget(
      topics,
      target,
      isolation,
      isFirst ? Number.POSITIVE_INFINITY : leftBytes,
      leftBytes,
    );
    leftBytes -= result.records.length;
    if (result.records.length > 0) isFirst = false;
    results.push(result);
  }
  return results;
}

/** Returns no more than `mostBytes`; asks the log for what `target` and `leftBytes` allow. */
async function readTarget(
  topics: TopicRegistry,
  target: FetchTarget,
  isolation: Isolation,
  mostBytes: number,
  leftBytes: number,
): Promise<FetchResult> {
  const found = locate(topics, target);
  if ('error' in found) return unread(target, found.error, found.log, isolation);
  const { log } = found;
  const diverging = divergence(log, target);
  if (diverging !== null) return { ...unread(target, 'NONE', log, isolation), diverging };
  const askedBytes = Math.min(target.maxBytes, leftBytes);
  if (mostBytes <= 0 || log.bytesAvailable(target.fetchOffset, isolation) === 0)
    return unread(target, 'NONE', log, isolation);
  try {
    const read = await log.read(target.fetchOffset, { maxBytes: Math.max(1, askedBytes), isolation });
    let length = 0;
    for (const piece of read.pieces) length += piece.length;
    if (length > Math.max(mostBytes, 0)) return unread(target, 'NONE', log, isolation);
    return {
      target,
      error: 'NONE',
      highWatermark: read.highWatermark,
      lastStableOffset: read.lastStableOffset,
      logStartOffset: read.logStartOffset,
      diverging: null,
      abortedTransactions: isolation === 'read_committed' ? read.abortedTransactions : null,
      records: { length, pieces: read.pieces },
    };
  } catch (error) {
    if (error instanceof LogError) return unread(target, error.code, log, isolation);
    throw error;
  }
}

/** Of a client that may not know more. */
export function refusedTarget(target: FetchTarget, error: ErrorName): FetchResult {
  return unread(target, error, undefined, 'read_uncommitted');
}

function unread(
  target: FetchTarget,
  error: ErrorName,
  log: PartitionLog | undefined,
  isolation: Isolation,
): FetchResult {
  return {
    target,
    error,
    highWatermark: log?.highWatermark ?? -1,
    lastStableOffset: log?.lastStableOffset ?? -1,
    logStartOffset: log?.logStartOffset ?? -1,
    diverging: null,
    abortedTransactions: isolation === 'read_committed' ? [] : null,
    records: NO_RECORDS,
  };
}
