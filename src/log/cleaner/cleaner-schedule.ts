import { type Clock, repeat, type Timer } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { PartitionLog } from '../partition-log.ts';

export interface CleanerOptions {
  /** Pause when nothing is due. */
  readonly backoffMs: number;
  /** Memory for the keys of one partition; more keys take more rounds. */
  readonly dedupeBytes: number;
}

/** Compacts the partitions of a store, one at a time, that with the largest dirty share first. */
export class CleanerSchedule {
  readonly #logs: () => Iterable<PartitionLog>;
  readonly #options: CleanerOptions;
  readonly #timer: Timer;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(
    logs: () => Iterable<PartitionLog>,
    effects: { readonly clock: Clock; readonly logger: Logger },
    options: CleanerOptions,
  ) {
    this.#logs = logs;
    this.#options = options;
    this.#timer = repeat(
      effects.clock,
      () => options.backoffMs,
      () => this.run(),
      (error) => effects.logger.error('compaction failed', { error: String(error) }),
    );
  }

  /** Compacts what is due now. Callers that come while it runs wait for the same end. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** No partition is looked at any more; one at work is ended by its own close. */
  stop(): void {
    this.#isStopped = true;
    this.#timer.cancel();
  }

  async #run(): Promise<void> {
    // Each at most once, so that one that cannot be compacted does not keep the others waiting.
    const done = new Set<PartitionLog>();
    while (!this.#isStopped) {
      const log = this.#dirtiest(done);
      if (log === undefined) return;
      done.add(log);
      await log.compact(this.#options.dedupeBytes);
    }
  }

  #dirtiest(except: ReadonlySet<PartitionLog>): PartitionLog | undefined {
    let dirtiest: PartitionLog | undefined;
    let largest = -1;
    for (const log of this.#logs()) {
      const share = except.has(log) ? undefined : log.dirtyShare();
      if (share === undefined || share <= largest) continue;
      dirtiest = log;
      largest = share;
    }
    return dirtiest;
  }
}
