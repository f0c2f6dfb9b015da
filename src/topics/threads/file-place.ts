import type { TopicPartition } from '../topics.ts';
import type { SharedOffsets } from './shared-offsets.ts';

/** Where a partition's file holds the batch of an offset, or one before it. */
export interface FilePlace {
  readonly path: string;
  readonly position: number;
  /** Of the partition in {@link SharedOffsets}. */
  readonly slot: number;
  /** The place holds as long as the slot has this generation. */
  readonly generation: bigint;
}

/** Lets other threads read the files of partitions by themselves. */
export interface PlaceFinder {
  readonly offsets: SharedOffsets;
  /** Undefined when no file holds it, or readers may not go by themselves. */
  find(partition: TopicPartition, offset: number): Promise<FilePlace | undefined>;
}
