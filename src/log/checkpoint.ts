import { Buffer } from 'node:buffer';
import type { FileSystem } from '../base/fs.ts';
import { crc32c } from '../record/crc32c.ts';
import { partitionFolderName } from './file-names.ts';
import type { EpochEntry } from './leader-epochs.ts';
import { LogError } from './log-error.ts';
import type { SegmentSummary } from './segment.ts';
import { readWholeFile, replaceWholeFile } from './whole-file.ts';

/** What the store remembers of a partition outside its own folder. */
export interface PartitionCheckpoint {
  readonly topic: string;
  readonly partition: number;
  readonly logStartOffset: number;
  /** Everything below was durable; recovery scans from the segment that holds it. */
  readonly recoveryPoint: number;
  /** The leader epochs below the recovery point; recovery finds later ones in the batches. */
  readonly epochs: readonly EpochEntry[];
  /** The log has gaps, and below this offset it was compacted; absent when it never was. */
  readonly firstDirtyOffset?: number;
  /** Base offsets of segments with aborted transactions, each with the CRC of its `.txnindex`. */
  readonly aborted?: AbortedCrcs;
  /** Only in the checkpoint of a clean stop: with it no file of the partition has to be opened. */
  readonly clean?: CleanPartition;
}

export type AbortedCrcs = readonly (readonly [baseOffset: number, crc: number])[];

export interface CleanPartition {
  readonly endOffset: number;
  readonly segments: readonly SegmentSummary[];
  /** The producer snapshot in base64; absent when it is large and must be read from its file at `endOffset`. */
  readonly producers?: string;
}

/** Lower bounds of what is durable, by the name of the partition's folder. */
export type DurableOffsets = ReadonlyMap<string, number>;

const CHECKPOINT_FILE = 'log-checkpoint';
const DURABLE_FILE = 'durable-offsets';
const VERSION = 1;

/**
 * Two files of a store, each one line `<name> <version> <crc32c of the rest, hex>` and then JSON.
 *
 * `log-checkpoint` is synced, rarely written, and must be right: log start offsets have no other home.
 * `durable-offsets` is written about every second and never synced: it may be old, missing or torn after a power cut
 * and is then ignored. It narrows what recovery may take for a torn tail, since all below was acknowledged.
 */
export class CheckpointFiles {
  readonly #fs: FileSystem;
  readonly #root: string;

  constructor(fs: FileSystem, root: string) {
    this.#fs = fs;
    this.#root = root;
  }

  async readPartitions(): Promise<Map<string, PartitionCheckpoint>> {
    const path = `${this.#root}/${CHECKPOINT_FILE}`;
    const bytes = await readWholeFile(this.#fs, path);
    if (bytes === undefined) return new Map();
    const partitions = decode<PartitionCheckpoint[]>(CHECKPOINT_FILE, bytes);
    if (partitions === undefined) {
      throw new LogError(
        'KAFKA_STORAGE_ERROR',
        `${path} is damaged; remove it to rebuild everything from the segments (records removed by DeleteRecords may come back)`,
      );
    }
    return new Map(partitions.map((entry) => [partitionFolderName(entry.topic, entry.partition), entry]));
  }

  async writePartitions(partitions: Iterable<PartitionCheckpoint>): Promise<void> {
    await replaceWholeFile(
      this.#fs,
      `${this.#root}/${CHECKPOINT_FILE}`,
      encode(CHECKPOINT_FILE, [...partitions]),
      {
        sync: true,
      },
    );
    await this.#fs.syncDirectory(this.#root);
  }

  async readDurableOffsets(): Promise<DurableOffsets> {
    const bytes = await readWholeFile(this.#fs, `${this.#root}/${DURABLE_FILE}`);
    return new Map(bytes === undefined ? [] : (decode<[string, number][]>(DURABLE_FILE, bytes) ?? []));
  }

  async writeDurableOffsets(offsets: DurableOffsets, options: { readonly sync: boolean }): Promise<void> {
    await replaceWholeFile(
      this.#fs,
      `${this.#root}/${DURABLE_FILE}`,
      encode(DURABLE_FILE, [...offsets]),
      options,
    );
    if (options.sync) await this.#fs.syncDirectory(this.#root);
  }
}

function encode(name: string, content: unknown): Buffer {
  const json = Buffer.from(`${JSON.stringify(content)}\n`);
  return Buffer.concat([Buffer.from(`${name} ${VERSION} ${crc32c(json).toString(16)}\n`), json]);
}

/** The writer is this program and the CRC holds, so the content has the type it was written with. */
function decode<T>(name: string, bytes: Buffer): T | undefined {
  const lineEnd = bytes.indexOf('\n');
  const [foundName, version, crc] = bytes.toString('latin1', 0, Math.max(0, lineEnd)).split(' ');
  const json = bytes.subarray(lineEnd + 1);
  if (foundName !== name || version !== String(VERSION) || crc !== crc32c(json).toString(16))
    return undefined;
  return JSON.parse(json.toString()) as T;
}
