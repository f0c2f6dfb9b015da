import type { Clock, Timer } from '../base/clock.ts';
import type { PartitionBatch, Position } from '../topics/topics.ts';
import type { Inputs } from './inputs.ts';
import type { RoundResult } from './operators/outlet.ts';
import type { PartitionReader } from './partition-reader.ts';
import type { QuerySession } from './query-session.ts';
import type { RoundOutput } from './round-output.ts';
import type { Pace } from './running-query.ts';
import type { Topology } from './topology.ts';

/** What one commit makes durable and visible. */
export interface RoundWork {
  readonly batches: readonly PartitionBatch[];
  readonly positions: readonly Position[];
}

export interface TaskOptions {
  readonly topology: Topology;
  readonly inputs: Inputs;
  readonly output: RoundOutput;
  readonly session: QuerySession;
  readonly clock: Clock;
  readonly commitIntervalMs: number;
  /** Moves state to disk if there is too much of it; to be called between records. */
  readonly trimState: () => void;
  /** Changelog topic of each store; empty for push queries, which keep nothing. */
  readonly changelogs: readonly string[];
  /** What is not there yet of what records meet. */
  readonly prepare?: (isStopped: () => boolean) => Promise<void>;
  /** Resolves when the work is durable. */
  readonly commit: (work: RoundWork) => Promise<unknown>;
  /** Tells of changes that reading does not show; they end the task. */
  readonly watch?: (onChange: (error: Error) => void) => Timer;
  /** Of a push query's reader, and whether it has enough for once. */
  readonly pace?: Pace;
  readonly isHelpingFull?: () => boolean;
  /** What goes on beside the task ends with it. */
  readonly onEnd?: () => Promise<unknown>;
  /** Resolves when this task may do its next slice. */
  readonly nextTurn: () => Promise<void>;
  /** Called after a round's commit, or at once for a round without anything to write. */
  readonly onCommitted: (result: RoundResult, positions: readonly Position[]) => void;
}

/** Others in the thread (sockets, messages, tasks) wait for one slice at most. */
const SLICE_MS = 1;
const CLOCK_EVERY_RECORDS = 64;
/** Groups that are told or written between two looks at the clock. */
const CLOCK_EVERY_GROUPS = 256;
const ROUND_BYTES = 4 * 1024 * 1024;
const ROUND_KEYS = 100_000;

/** The record at which a query could not go on. */
export class RecordFailure extends Error {
  readonly position: Position;

  constructor(position: Position, cause: Error) {
    super(`${position.topic}-${position.partition} at offset ${position.offset}: ${cause.message}`, {
      cause,
    });
    this.name = 'RecordFailure';
    this.position = position;
  }
}

/**
 * Runs one query: rounds of reading and pushing, each closed by one commit of everything it caused.
 *
 *   inputs --rows--> operators --+--> batches, changelogs, positions --commit--> onCommitted
 *      ^                         |          (one in flight, the next round runs meanwhile)
 *      +------- slices ----------+
 *
 * Invariant: operators' state is what all rows handed out have made of it. When a commit fails, that state is of no use;
 * the task ends and a new one starts from what is durable.
 */
export class Task {
  readonly #options: TaskOptions;
  #stopping = false;
  #records = 0;
  #committedAtMs: number;
  /** `Inputs.progress` when the last round was closed, and when positions were last handed to the log. */
  #closedAt: number;
  #committedProgress: number;
  #inFlight: Promise<void> | undefined;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(options: TaskOptions) {
    this.#options = options;
    this.#committedAtMs = options.clock.monotonicMs();
    this.#closedAt = options.inputs.progress;
    this.#committedProgress = options.inputs.progress;
    options.inputs.onAdvance(() => this.#signal());
  }

  /** Resolves after `stop`, rejects when the query cannot go on from here. */
  async run(): Promise<void> {
    const { inputs, watch, nextTurn, prepare } = this.#options;
    const watching = watch?.((error) => {
      this.#failure ??= error;
      this.#signal();
    });
    try {
      await prepare?.(() => this.#stopping);
      while (!this.#stopping) {
        if (this.#failure) throw this.#failure;
        const hold = this.#options.pace?.hold();
        if (hold) {
          await Promise.race([hold, this.#idle()]);
          continue;
        }
        await inputs.ready();
        if (!inputs.areAtEnd) {
          await nextTurn();
          this.#slice();
          this.#options.trimState();
        }
        const isCaughtUp = inputs.areAtEnd;
        if (this.#isDue(isCaughtUp)) await this.#closeRound(false);
        else if (isCaughtUp) await this.#idle();
      }
      await this.#closeRound(true);
      await this.#inFlight;
      if (this.#failure) throw this.#failure;
    } finally {
      watching?.cancel();
      inputs.close();
      // Whoever goes on from here must not meet a commit that is still on its way.
      await this.#inFlight;
      await this.#options.onEnd?.();
    }
  }

  stop(): void {
    this.#stopping = true;
    this.#signal();
  }

  #slice(): void {
    const { inputs, clock, isHelpingFull, trimState } = this.#options;
    const checkEvery = isHelpingFull ? 1 : CLOCK_EVERY_RECORDS;
    const deadlineMs = clock.monotonicMs() + SLICE_MS;
    let reader: PartitionReader | undefined;
    try {
      do {
        for (let left = checkEvery; left > 0; ) {
          reader = inputs.next();
          if (reader === undefined) return;
          left -= this.#consume(reader, inputs.othersTimestampMs, left);
        }
        trimState();
      } while (clock.monotonicMs() < deadlineMs && !this.#isFull());
    } catch (error) {
      throw reader ? failureAt(reader, error as Error) : error;
    }
  }

  /** The head of the reader and what may follow it before another reader's turn comes. */
  #consume(reader: PartitionReader, untilMs: number, most: number): number {
    const { session } = this.#options;
    session.current = reader;
    session.muted = reader.position < reader.quietBelow;
    const count = reader.consume(untilMs, reader.quietBelow > 0 ? 1 : most);
    this.#records += count;
    session.counters.consumed += count;
    return count;
  }

  #isDue(isCaughtUp: boolean): boolean {
    // Caught up also means: behind a transaction's marker, which is no record but moves the position on.
    if (isCaughtUp) return this.#inFlight === undefined && this.#options.inputs.progress !== this.#closedAt;
    return this.#records > 0 && (this.#isIntervalOver() || this.#isFull());
  }

  #isIntervalOver(): boolean {
    return this.#options.clock.monotonicMs() - this.#committedAtMs >= this.#options.commitIntervalMs;
  }

  #isFull(): boolean {
    const { output, topology, isHelpingFull } = this.#options;
    if (isHelpingFull?.()) return true;
    if (output.sizeBytes >= ROUND_BYTES || topology.outlet.pendingRows >= ROUND_KEYS) return true;
    return topology.states.some(({ changelog }) => changelog.dirtyCount >= ROUND_KEYS);
  }

  /** Hands the round to the log; waits only for the commit before it. */
  async #closeRound(isLast: boolean): Promise<void> {
    await this.#inFlight;
    if (this.#failure) return;
    const { topology, output, inputs, clock } = this.#options;
    for (const { operator } of topology.states)
      await this.#inSlices(operator.toTell(), (groups) => operator.tell(groups));
    const outlet = topology.outlet.flush();
    const settle = await this.#writeChangelogs();
    const result = {
      ...outlet,
      show: () => {
        settle();
        outlet.show();
      },
    };
    const work = { batches: output.take(), positions: inputs.positions() };
    const hasMoved = inputs.progress !== this.#committedProgress;
    this.#records = 0;
    this.#closedAt = inputs.progress;
    if (work.batches.length === 0 && !(hasMoved && (isLast || this.#isIntervalOver()))) {
      // Nothing to make visible, and how far it has read may wait: a restart would only read these records again.
      this.#options.onCommitted(result, work.positions);
      return;
    }
    this.#committedAtMs = clock.monotonicMs();
    this.#committedProgress = this.#closedAt;
    this.#inFlight = this.#commit(work, result);
  }

  async #commit(work: RoundWork, result: RoundResult): Promise<void> {
    try {
      await this.#options.commit(work);
      this.#options.onCommitted(result, work.positions);
      this.#options.trimState();
    } catch (error) {
      this.#failure = error as Error;
    } finally {
      this.#inFlight = undefined;
      this.#signal();
    }
  }

  /** What is to be called once that is committed. */
  async #writeChangelogs(): Promise<() => void> {
    const { topology, output, changelogs } = this.#options;
    const written = topology.states.map(({ changelog }, index) => {
      return { changelog, groups: changelog.takeDirty(), topic: changelogs[index] };
    });
    for (const { changelog, groups, topic } of written)
      if (topic !== undefined)
        await this.#inSlices(groups, (some) => changelog.write(some, output.topic(topic)));
    return () => {
      for (const { changelog, groups } of written) changelog.settle(groups);
    };
  }

  /** A round may have touched many groups: others in the thread have their turns in between. */
  async #inSlices<Group>(groups: readonly Group[], work: (some: readonly Group[]) => void): Promise<void> {
    const { clock, nextTurn } = this.#options;
    let deadlineMs = clock.monotonicMs() + SLICE_MS;
    for (let at = 0; at < groups.length; at += CLOCK_EVERY_GROUPS) {
      work(groups.slice(at, at + CLOCK_EVERY_GROUPS));
      if (clock.monotonicMs() < deadlineMs) continue;
      await nextTurn();
      deadlineMs = clock.monotonicMs() + SLICE_MS;
    }
  }

  /** Until the log grows, a commit ends or the task is stopped. */
  #idle(): Promise<void> {
    if (this.#stopping || this.#failure) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #signal(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function failureAt({ topic, partition, position }: PartitionReader, error: Error): RecordFailure {
  return new RecordFailure({ topic, partition, offset: position }, error);
}
