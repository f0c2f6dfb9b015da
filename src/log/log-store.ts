import { SerialQueue } from '../base/async.ts';
import { BufferPool } from '../base/buffer-pool.ts';
import { type Clock, repeat, type Timer } from '../base/clock.ts';
import type { FileSystem } from '../base/fs.ts';
import type { Logger } from '../base/logger.ts';
import { CheckpointFiles, type DurableOffsets, type PartitionCheckpoint } from './checkpoint.ts';
import { type CleanerOptions, CleanerSchedule } from './cleaner/cleaner-schedule.ts';
import { DELETED_SUFFIX, parsePartitionFolder, partitionFolderName } from './file-names.ts';
import { IndexCache } from './index-file.ts';
import { DEFAULT_LOG_CONFIG, type LogConfig } from './log-config.ts';
import { OpenFiles } from './open-files.ts';
import { PartitionLog, type PartitionOptions } from './partition-log.ts';
import { emptyState, openClean, type PartitionState } from './partition-state.ts';
import { recoverPartition } from './recovery.ts';
import { TailCache } from './tail-cache.ts';

export interface LogStoreOptions {
  readonly fs: FileSystem;
  readonly root: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Higher than at any start before. */
  readonly leaderEpoch: number;
  /** Only when the last process ended with `close`; the caller keeps that mark and removes it before opening. */
  readonly wasCleanStop: boolean;
  /** What topics have unless they say otherwise; see {@link LogStore.config}. */
  readonly defaults?: Partial<LogConfig>;
  readonly tailBytes?: number;
  readonly indexCacheBytes?: number;
  readonly maxOpenFiles?: number;
  readonly producerExpirationMs?: number;
  readonly checkpointIntervalMs?: number;
  /** Kafka's defaults unless given. */
  readonly cleaner?: CleanerOptions;
}

const MEBIBYTE = 1024 * 1024;
/** What a dozen clients have under way. */
const IDLE_BUFFERS_BYTES = 16 * MEBIBYTE;
const DAY_MS = 24 * 60 * 60 * 1000;
const CLEANER_DEFAULTS: CleanerOptions = { backoffMs: 15_000, dedupeBytes: 128 * MEBIBYTE };

/**
 * All partitions of one data folder.
 *
 *   <root>/log-checkpoint, durable-offsets        see checkpoint.ts
 *   <root>/<topic>-<partition>/                   Kafka's files, made with the first append
 *   <root>/<topic>-<partition>.deleted/           on its way out
 */
export class LogStore {
  readonly #environment: PartitionOptions['environment'];
  readonly #defaults: LogConfig;
  readonly #checkpoints: CheckpointFiles;
  readonly #wasCleanStop: boolean;
  /** Folders on disk, and what the last checkpoint said of partitions that are not open yet. */
  readonly #folders: Set<string>;
  readonly #known: Map<string, PartitionCheckpoint>;
  readonly #durableAtStart: Map<string, number>;
  readonly #open = new Map<string, PartitionLog>();
  readonly #opening = new Map<string, Promise<PartitionLog>>();
  readonly #writes = new SerialQueue();
  readonly #cleaner: CleanerSchedule;
  #queuedPersist: Promise<void> | undefined;
  readonly #timer: Timer;
  /** What the files say now, to leave them alone while nothing happens. */
  readonly #seenOffsets = new Map<string, number>();
  #writtenBases = '';

  private constructor(
    options: LogStoreOptions,
    found: {
      readonly checkpoints: CheckpointFiles;
      readonly folders: Set<string>;
      readonly known: Map<string, PartitionCheckpoint>;
      readonly durable: DurableOffsets;
    },
  ) {
    const buffers = new BufferPool(IDLE_BUFFERS_BYTES);
    this.#environment = {
      files: new OpenFiles(options.fs, options.clock, options.maxOpenFiles ?? 256),
      buffers,
      cache: new IndexCache(options.indexCacheBytes ?? 16 * MEBIBYTE),
      tails: new TailCache(options.tailBytes ?? 32 * MEBIBYTE, buffers),
      clock: options.clock,
      logger: options.logger,
      leaderEpoch: options.leaderEpoch,
      // Read at each use: it may change while the store is open.
      get producerExpirationMs() {
        return options.producerExpirationMs ?? DAY_MS;
      },
      root: options.root,
    };
    this.#defaults = { ...DEFAULT_LOG_CONFIG, ...options.defaults };
    this.#checkpoints = found.checkpoints;
    this.#wasCleanStop = options.wasCleanStop;
    this.#folders = found.folders;
    this.#known = found.known;
    this.#durableAtStart = new Map(found.durable);
    this.#cleaner = new CleanerSchedule(
      () => this.#open.values(),
      options,
      options.cleaner ?? CLEANER_DEFAULTS,
    );
    this.#timer = repeat(
      options.clock,
      () => options.checkpointIntervalMs ?? 1000,
      () => this.#writes.run(() => this.#checkpoint()),
      // Only costs time after a crash; the partitions themselves notice what harms them.
      (error) => options.logger.warn('writing a log checkpoint failed', { error: String(error) }),
    );
  }

  /** Reads two small files and one folder listing, however many partitions there are. */
  static async open(options: LogStoreOptions): Promise<LogStore> {
    const { fs, root } = options;
    await fs.makeDirectory(root);
    const names = await fs.list(root);
    if (names.length === 0) await syncAncestors(fs, root);
    const folders = new Set<string>();
    for (const name of names) {
      if (name.endsWith(DELETED_SUFFIX)) await fs.remove(`${root}/${name}`);
      else if (parsePartitionFolder(name) !== undefined) folders.add(name);
    }
    const checkpoints = new CheckpointFiles(fs, root);
    const known = await checkpoints.readPartitions();
    const durable = await checkpoints.readDurableOffsets();
    return new LogStore(options, { checkpoints, folders, known, durable });
  }

  /**
   * Memory for requests and reads. What {@link PartitionLog.append} takes over may come from here and is held until it
   * is durable and out of the tail; who is done with what {@link PartitionLog.read} returned may give it back.
   */
  get buffers(): BufferPool {
    return this.#environment.buffers;
  }

  /** The defaults with a topic's own settings over them. */
  config(overrides: Partial<LogConfig> = {}): LogConfig {
    return { ...this.#defaults, ...overrides };
  }

  /**
   * The partition's log; opened (after a crash: recovered) by the first call. Nothing is on disk until the first
   * append. Rejects with KAFKA_STORAGE_ERROR when acknowledged records are damaged or missing.
   */
  async partition(topic: string, partition: number, config: LogConfig): Promise<PartitionLog> {
    const name = partitionFolderName(topic, partition);
    const open = this.#open.get(name);
    if (open !== undefined) return open;
    const opening = this.#opening.get(name) ?? this.#openPartition(topic, partition, name, config);
    this.#opening.set(name, opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(name);
    }
  }

  /** The log if it is open. */
  find(topic: string, partition: number): PartitionLog | undefined {
    return this.#open.get(partitionFolderName(topic, partition));
  }

  /**
   * Every partition that has left a trace, open or not; some may be of topics whose deletion a crash interrupted:
   * their folder is there, or is gone and the checkpoints still speak of it.
   */
  stored(): { topic: string; partition: number }[] {
    const names = new Set([...this.#folders, ...this.#known.keys(), ...this.#durableAtStart.keys()]);
    return [...names].flatMap((name) => parsePartitionFolder(name) ?? []);
  }

  /** Durable when resolved; a partition that does not exist is fine. */
  async delete(topic: string, partition: number): Promise<void> {
    const name = partitionFolderName(topic, partition);
    // Whoever opens it is told; a damaged partition can be deleted like any other.
    await this.#opening.get(name)?.catch(() => undefined);
    const log = this.#open.get(name);
    this.#open.delete(name);
    await log?.retire();
    const { fs } = this.#environment.files;
    const folder = `${this.#environment.root}/${name}`;
    const isOnDisk = this.#folders.delete(name) || (await fs.list(folder)).length > 0;
    if (isOnDisk) {
      await fs.remove(`${folder}${DELETED_SUFFIX}`);
      await fs.rename(folder, `${folder}${DELETED_SUFFIX}`);
      await fs.syncDirectory(this.#environment.root);
    }
    // What the checkpoints say of this incarnation must not be asked of the next one of the same name.
    const wasKnown = this.#known.delete(name);
    const wasDurable = this.#durableAtStart.delete(name);
    if (wasKnown || wasDurable || isOnDisk) await this.#persist();
    if (isOnDisk) await fs.remove(`${folder}${DELETED_SUFFIX}`);
  }

  /** Appended bytes that are not durable yet, for back-pressure. */
  get dirtyBytes(): number {
    let sum = 0;
    for (const log of this.#open.values()) sum += log.dirtyBytes;
    return sum;
  }

  /** Removes what retention no longer keeps and forgets silent producers; to be called every few minutes. */
  async runRetention(): Promise<void> {
    const logs = [...this.#open.values()];
    const before = logs.map((log) => log.logStartOffset);
    for (const log of logs) await log.applyRetention();
    // Log starts first: whichever files a crash leaves below them, recovery removes.
    if (logs.some((log, i) => log.logStartOffset !== before[i])) await this.#persist();
    for (const log of logs) if (log.failure === undefined) await log.removeDeletedSegments();
  }

  /** Compacts the logs that are due; happens by itself too. */
  runCompaction(): Promise<void> {
    return this.#cleaner.run();
  }

  /** Everything appended is durable and written for a start without recovery when this resolves. */
  async close(): Promise<void> {
    this.#timer.cancel();
    this.#cleaner.stop();
    await Promise.allSettled(this.#opening.values());
    try {
      const entries = await Promise.all([...this.#open.values()].map((log) => log.close()));
      await this.#writes.run(() =>
        this.#checkpoints.writePartitions([...this.#notOpen(), ...entries.filter(holdsAnything)]),
      );
    } finally {
      await this.#environment.files.close();
    }
  }

  async #openPartition(
    topic: string,
    partition: number,
    name: string,
    config: LogConfig,
  ): Promise<PartitionLog> {
    const folder = `${this.#environment.root}/${name}`;
    const { state, isClean } = await this.#load(name, folder, config);
    const log = new PartitionLog({
      environment: this.#environment,
      topic,
      partition,
      folder,
      config,
      state,
      isClean,
      firstDirtyOffset: this.#known.get(name)?.firstDirtyOffset,
      persist: () => this.#persist(),
    });
    this.#open.set(name, log);
    return log;
  }

  async #load(
    name: string,
    folder: string,
    config: LogConfig,
  ): Promise<{ state: PartitionState; isClean: boolean }> {
    const known = this.#known.get(name);
    if (known === undefined && !this.#folders.has(name)) return { state: emptyState(), isClean: true };
    if (this.#wasCleanStop && known?.clean !== undefined) {
      const state = await openClean(this.#environment, folder, known, known.clean);
      if (state !== undefined) return { state, isClean: true };
    }
    const recoveryPoint = known?.recoveryPoint ?? 0;
    const start = {
      logStartOffset: known?.logStartOffset,
      recoveryPoint,
      epochs: known?.epochs ?? [],
      aborted: known?.aborted ?? [],
      hasGaps: known?.firstDirtyOffset !== undefined,
      durableOffset: Math.max(recoveryPoint, known?.logStartOffset ?? 0, this.#durableAtStart.get(name) ?? 0),
    };
    return { state: await recoverPartition(this.#environment, folder, start, config), isClean: false };
  }

  /** Syncs what flush.ms asks for. Writes lower bounds always, the synced checkpoint only when a segment began since. */
  async #checkpoint(): Promise<void> {
    for (const log of this.#open.values()) if (log.isFlushDue) await log.flush();
    const moved = [...this.#open].filter(([name, log]) => this.#seenOffsets.get(name) !== log.highWatermark);
    if (moved.length === 0 && this.#seenOffsets.size === this.#open.size) return;
    const offsets = moved.map(([name, log]) => [name, log.highWatermark] as const);
    for (const [, log] of moved) await log.flushIndexes();
    for (const name of this.#seenOffsets.keys()) if (!this.#open.has(name)) this.#seenOffsets.delete(name);
    await this.#checkpoints.writeDurableOffsets(this.#durableOffsets(), { sync: false });
    const bases = JSON.stringify([...this.#open.values()].map((log) => log.activeBaseOffset));
    if (bases !== this.#writtenBases) await this.#checkpoints.writePartitions(this.#entries());
    this.#writtenBases = bases;
    for (const [name, offset] of offsets) this.#seenOffsets.set(name, offset);
  }

  /** Log starts and deletions, durable when resolved. Callers that wait for the same turn share one write. */
  #persist(): Promise<void> {
    this.#queuedPersist ??= this.#writes.run(async () => {
      this.#queuedPersist = undefined;
      await this.#checkpoints.writeDurableOffsets(this.#durableOffsets(), { sync: true });
      await this.#checkpoints.writePartitions(this.#entries());
    });
    return this.#queuedPersist;
  }

  #entries(): PartitionCheckpoint[] {
    const entries = this.#notOpen().map(withoutClean);
    for (const log of this.#open.values()) entries.push(log.checkpoint());
    return entries.filter(holdsAnything);
  }

  #durableOffsets(): DurableOffsets {
    const offsets = new Map<string, number>();
    for (const [name, offset] of this.#durableAtStart) {
      if (this.#folders.has(name)) offsets.set(name, offset);
    }
    for (const [name, log] of this.#open) offsets.set(name, log.syncedOffset);
    return offsets;
  }

  /** A clean entry stays clean only over a clean stop; see {@link LogStoreOptions.wasCleanStop}. */
  #notOpen(): PartitionCheckpoint[] {
    const entries = [...this.#known].filter(([name]) => !this.#open.has(name)).map(([, entry]) => entry);
    return this.#wasCleanStop ? entries : entries.map(withoutClean);
  }
}

/** Makes the names of a new data folder and of the folders above it durable. */
async function syncAncestors(fs: FileSystem, path: string): Promise<void> {
  for (let end = path.lastIndexOf('/'); end >= 0; end = path.lastIndexOf('/', end - 1)) {
    await fs.syncDirectory(end === 0 ? '/' : path.slice(0, end));
    if (end === 0) return;
  }
}

function withoutClean(entry: PartitionCheckpoint): PartitionCheckpoint {
  const { clean: _, ...rest } = entry;
  return rest;
}

function holdsAnything(entry: PartitionCheckpoint): boolean {
  return entry.recoveryPoint > 0 || entry.logStartOffset > 0;
}
