import type { Buffer } from 'node:buffer';
import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import type { MachineLog } from './machine-log.ts';
import { replayBatches } from './replay-batches.ts';
import type {
  Call,
  CallTable,
  EntryCodec,
  Outcome,
  StateMachine,
  TransactionMarker,
} from './state-machine.ts';
import { TopicError } from './topics.ts';

interface Waiter<Reply> {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

export interface RunnerOptions<Calls extends CallTable, Entry> {
  readonly machine: StateMachine<Calls, Entry>;
  readonly codec: EntryCodec<Entry>;
  readonly log: MachineLog;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A timer that fires so much too late means that the process stood still: SIGSTOP, a suspended laptop, a starved CPU. */
const STALL_MS = 1_000;
/** So often, while there are deadlines: a pause shows as a late timer only if one was to fire in it. */
const LOOK_MS = 500;
/**
 * For what was sent meanwhile to be read, and for clients that stood still too. Some heartbeat only between fetches, which
 * wait 5 s in kafkajs.
 */
const GRACE_MS = 6_000;

/**
 * Runs one state machine over one internal partition.
 *
 * Calls take effect one after another and at once; their replies wait until everything replayed before them is
 * durable, so nobody is told of a state that a power cut could undo. Many calls share one sync. A failed append
 * fences the runner: the log's end is unknown then, and only a restart finds out.
 */
export class StateMachineRunner<Calls extends CallTable, Entry> {
  readonly #machine: StateMachine<Calls, Entry>;
  readonly #codec: EntryCodec<Entry>;
  readonly #log: MachineLog;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #waiters = new Map<number, Waiter<Calls[keyof Calls & string]['reply']>>();
  /** Machine time follows the monotonic clock, so a jump of the wall clock expires nothing. */
  readonly #machineEpochMs: number;
  #nextToken = 1;
  #unsynced: Promise<void> | undefined;
  #timer: Timer | undefined;
  /** Monotonic: when the timer is to fire, and before when no deadline counts. */
  #timerDueMs = Number.POSITIVE_INFINITY;
  #graceUntilMs = 0;
  #failure: TopicError | undefined;

  static async open<Calls extends CallTable, Entry>(
    options: RunnerOptions<Calls, Entry>,
  ): Promise<StateMachineRunner<Calls, Entry>> {
    const runner = new StateMachineRunner(options);
    await runner.#load();
    return runner;
  }

  private constructor(options: RunnerOptions<Calls, Entry>) {
    this.#machine = options.machine;
    this.#codec = options.codec;
    this.#log = options.log;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#machineEpochMs = options.clock.nowMs() - options.clock.monotonicMs();
  }

  /** The replies still owed, parked ones included. */
  get pendingCount(): number {
    return this.#waiters.size;
  }

  /** Rejects with KAFKA_STORAGE_ERROR once an append has failed; every other refusal is part of the reply. */
  submit<Kind extends keyof Calls & string>(
    kind: Kind,
    request: Calls[Kind]['request'],
  ): Promise<Calls[Kind]['reply']> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const token = this.#nextToken++;
    return new Promise((resolve, reject) => {
      this.#waiters.set(token, { resolve, reject });
      this.#step((nowMs) => this.#machine.handle({ kind, token, request } as Call<Calls>, nowMs));
    });
  }

  /** Ends a transaction whose entries lie in this log; resolves when the marker is durable. */
  endTransaction(marker: TransactionMarker): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const { appendMarker } = this.#log;
    if (appendMarker === undefined) throw new Error('this log takes no transactions');
    const durable = this.#guard(() => appendMarker.call(this.#log, marker));
    if (durable === undefined) return Promise.reject(this.#failure);
    this.#machine.replayMarker?.(marker);
    this.#trackSync(durable);
    return durable;
  }

  /** Stops the deadlines and turns away whoever still waits. */
  close(): void {
    this.#fail(new TopicError('COORDINATOR_NOT_AVAILABLE', 'The coordinator is stopping.'));
  }

  async #load(): Promise<void> {
    try {
      await this.#replayAll();
    } catch (cause) {
      // Without one of its records a machine would go on from a state that never was.
      const { message } = cause as Error;
      throw new TopicError('KAFKA_STORAGE_ERROR', `${this.#log.name} cannot be read: ${message}`, { cause });
    }
    if (this.#machine.loaded !== undefined) this.#step((nowMs) => this.#machine.loaded!(nowMs));
  }

  async #replayAll(): Promise<void> {
    let offset = await this.#log.firstOffset();
    for (;;) {
      const { bytes, nextOffset } = await this.#log.read(offset);
      if (bytes.length === 0) return;
      replayBatches(bytes, offset, this.#codec, this.#machine);
      offset = nextOffset;
    }
  }

  #step(decide: (machineMs: number) => Outcome<Calls, Entry>, nowMs = this.#readClock()): void {
    const outcome = decide(Math.floor(this.#machineEpochMs + nowMs));
    if (outcome.entries.length > 0) {
      const batch = this.#encode(outcome.entries);
      const durable = this.#guard(
        () => this.#log.append(batch, outcome.producer),
        (error) => this.#refuse(outcome, nowMs, error),
      );
      if (durable === undefined) return;
      for (const entry of outcome.entries) this.#machine.replay(entry, outcome.producer);
      this.#trackSync(durable);
    }
    if (outcome.replies.length > 0) this.#release(outcome.replies);
    this.#wakeAt(outcome.wakeAtMs, nowMs);
  }

  #release(replies: Outcome<Calls, Entry>['replies']): void {
    const send = () => {
      for (const { token, reply } of replies) {
        const waiter = this.#waiters.get(token);
        this.#waiters.delete(token);
        waiter?.resolve(reply);
      }
    };
    if (this.#unsynced === undefined) send();
    // A sync that fails fences the runner, which turns all waiters away.
    else this.#unsynced.then(send, () => {});
  }

  #wakeAt(atMs: number | undefined, nowMs: number): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (atMs === undefined || this.#failure !== undefined) return;
    const dueMs = Math.max(atMs - this.#machineEpochMs, this.#graceUntilMs);
    const delayMs = Math.ceil(Math.min(Math.max(0, dueMs - nowMs), LOOK_MS));
    this.#timerDueMs = nowMs + delayMs;
    this.#timer = this.#clock.after(delayMs, () => {
      const firedMs = this.#readClock();
      if (firedMs < Math.max(dueMs, this.#graceUntilMs)) this.#wakeAt(atMs, firedMs);
      else this.#step((machineMs) => this.#machine.wake(machineMs), firedMs);
    });
  }

  /**
   * Who could not be heard is not silent: after a stall deadlines wait until everybody could speak. One reading serves a
   * whole step, its next timer included: the process may stop at any instruction, and of two readings the second would
   * find deadlines over without a timer that is late.
   */
  #readClock(): number {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#timerDueMs > STALL_MS) this.#graceUntilMs = nowMs + GRACE_MS;
    this.#timerDueMs = Number.POSITIVE_INFINITY;
    return nowMs;
  }

  #encode(entries: readonly Entry[]): Buffer {
    const builder = new BatchBuilder();
    const timestampMs = this.#clock.nowMs();
    for (const entry of entries) {
      const { key, value } = this.#codec.encode(entry);
      builder.append(timestampMs, key, value);
    }
    return builder.build();
  }

  /** An append that fails at once is as bad as one that fails later, unless the log only refused the batch. */
  #guard(
    append: () => Promise<void>,
    onRefusal = (error: Refusal) => this.#fence(error),
  ): Promise<void> | undefined {
    try {
      return append();
    } catch (error) {
      if (isRefusal(error)) onRefusal(error);
      else this.#fence(error);
      return undefined;
    }
  }

  /** Nothing was written and nothing replayed: those who would have been answered learn why, everybody else goes on. */
  #refuse({ replies, wakeAtMs }: Outcome<Calls, Entry>, nowMs: number, cause: Refusal): void {
    this.#logger.warn('A call was refused: the log does not take its entries', { cause: cause.message });
    for (const { token } of replies) {
      this.#waiters.get(token)?.reject(new TopicError(cause.code, cause.message));
      this.#waiters.delete(token);
    }
    this.#wakeAt(wakeAtMs, nowMs);
  }

  #trackSync(durable: Promise<void>): void {
    this.#unsynced = durable;
    durable.then(
      () => {
        if (this.#unsynced === durable) this.#unsynced = undefined;
      },
      (error: unknown) => this.#fence(error),
    );
  }

  #fence(cause: unknown): void {
    if (this.#failure !== undefined) return;
    this.#logger.error('State machine stopped: its log cannot be written', { cause: String(cause) });
    this.#fail(new TopicError('KAFKA_STORAGE_ERROR', `The coordinator's log cannot be written: ${cause}`));
  }

  #fail(failure: TopicError): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const waiter of this.#waiters.values()) waiter.reject(failure);
    this.#waiters.clear();
  }
}

type Refusal = Error & { readonly code: string };

/** The log found the batch wrong and wrote nothing: too large, or of a producer that somebody has fenced there. */
const REFUSALS: readonly unknown[] = [
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_TXN_STATE',
];

function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && 'code' in error && REFUSALS.includes(error.code);
}
