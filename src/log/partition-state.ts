import { Buffer } from 'node:buffer';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { CleanPartition, PartitionCheckpoint } from './checkpoint.ts';
import { segmentFileName } from './file-names.ts';
import { LeaderEpochs } from './leader-epochs.ts';
import { decodeProducerSnapshot } from './producer-snapshot.ts';
import { ProducerStates } from './producer-state.ts';
import { Segment, type SegmentEnvironment } from './segment.ts';
import { readWholeFile } from './whole-file.ts';

/** What the parts of a store share. */
export interface LogEnvironment extends SegmentEnvironment {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly leaderEpoch: number;
  /** How long a silent producer is remembered. */
  readonly producerExpirationMs: number;
}

/** A partition as it is opened: everything its log needs to go on. */
export interface PartitionState {
  /** In the order of base offsets; empty until the first append. */
  readonly segments: Segment[];
  readonly logStartOffset: number;
  readonly endOffset: number;
  readonly epochs: LeaderEpochs;
  readonly producers: ProducerStates;
}

export function emptyState(): PartitionState {
  return {
    segments: [],
    logStartOffset: 0,
    endOffset: 0,
    epochs: new LeaderEpochs(),
    producers: new ProducerStates(),
  };
}

/** After a clean stop the checkpoint says it all. Undefined when a file it counts on is not as it was. */
export async function openClean(
  environment: LogEnvironment,
  folder: string,
  checkpoint: PartitionCheckpoint,
  clean: CleanPartition,
): Promise<PartitionState | undefined> {
  const producers =
    clean.producers === undefined
      ? await readProducers(environment, folder, clean.endOffset)
      : decodeProducers(environment, Buffer.from(clean.producers, 'base64'));
  if (producers === undefined) return undefined;
  const options = { fresh: false, nowMs: environment.clock.nowMs() };
  const segments = clean.segments.map((summary) => new Segment(environment, folder, summary, options));
  const crcs = new Map(checkpoint.aborted);
  for (const segment of segments) {
    const crc = crcs.get(segment.baseOffset);
    if (crc !== undefined && !(await segment.adoptAborted(crc))) return undefined;
  }
  return {
    segments,
    logStartOffset: checkpoint.logStartOffset,
    endOffset: clean.endOffset,
    epochs: new LeaderEpochs(checkpoint.epochs),
    producers,
  };
}

export async function readProducers(
  environment: LogEnvironment,
  folder: string,
  offset: number,
): Promise<ProducerStates | undefined> {
  const bytes = await readWholeFile(environment.files.fs, `${folder}/${segmentFileName(offset, 'snapshot')}`);
  return bytes && decodeProducers(environment, bytes);
}

function decodeProducers(environment: LogEnvironment, bytes: Buffer): ProducerStates | undefined {
  const entries = decodeProducerSnapshot(bytes, environment.clock.nowMs());
  return entries && new ProducerStates(entries);
}
