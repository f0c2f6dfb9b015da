/** Kafka's file names: offsets are padded to 20 digits so that names sort as numbers. */
export type SegmentFile = 'log' | 'index' | 'timeindex' | 'txnindex' | 'snapshot';

export const LEADER_EPOCH_FILE = 'leader-epoch-checkpoint';

/** A rename to this suffix takes a file or folder out of the log in one step; what is left is swept at the next open. */
export const DELETED_SUFFIX = '.deleted';

/** A compacted file that is being written; means nothing after a crash. */
export const CLEANED_SUFFIX = '.cleaned';

/** A compacted file that is whole and durable, about to take the place of the segments it was made from. */
export const SWAP_SUFFIX = '.swap';

export const INDEX_KINDS = ['index', 'timeindex', 'txnindex'] as const;

export function segmentFileName(baseOffset: number, kind: SegmentFile): string {
  return `${String(baseOffset).padStart(20, '0')}.${kind}`;
}

export function partitionFolderName(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}

/** The offset in a name of this kind, or undefined for any other name. */
export function offsetInName(name: string, kind: SegmentFile): number | undefined {
  const match = /^(\d{20})\.([a-z]+)$/.exec(name);
  return match?.[2] === kind ? Number(match[1]) : undefined;
}

/** Topic names may contain `-`, so the partition is what follows the last one. */
export function parsePartitionFolder(name: string): { topic: string; partition: number } | undefined {
  const match = /^(.+)-(\d+)$/.exec(name);
  return match === null ? undefined : { topic: match[1]!, partition: Number(match[2]) };
}
