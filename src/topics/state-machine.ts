import type { Buffer } from 'node:buffer';

/** The calls a machine answers: name -> what goes in and what comes out. */
export type CallTable = Record<string, { readonly request: unknown; readonly reply: unknown }>;

/** One call on its way into a machine; `token` addresses the reply, which may leave in a later outcome. */
export type Call<Calls extends CallTable> = {
  readonly [Kind in keyof Calls & string]: {
    readonly kind: Kind;
    readonly token: number;
    readonly request: Calls[Kind]['request'];
  };
}[keyof Calls & string];

export interface Answer<Calls extends CallTable> {
  readonly token: number;
  readonly reply: Calls[keyof Calls & string]['reply'];
}

/** Who wrote a transactional record; what it wrote counts only after the commit marker. */
export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface TransactionMarker extends ProducerIdentity {
  readonly coordinatorEpoch: number;
  readonly outcome: 'commit' | 'abort';
  /** KIP-890: it ends the epoch before its own, so a producer that reached its own has gone on since. */
  readonly isBumped?: boolean;
}

/** What a call or a deadline led to. */
export interface Outcome<Calls extends CallTable, Entry> {
  /** Appended as one batch, all or nothing, and replayed at once. */
  readonly entries: readonly Entry[];
  /** Set when the batch belongs to a transaction of this producer. */
  readonly producer?: ProducerIdentity | undefined;
  /** Leave only when everything replayed so far is durable. */
  readonly replies: readonly Answer<Calls>[];
  /** The machine's earliest deadline after this outcome; replaces any earlier one. */
  readonly wakeAtMs: number | undefined;
}

/**
 * Everything of the server that must survive a restart is one of these over an internal topic.
 *
 * ```
 *  call ──handle──> entries ──append──> log ──durable──> replies leave
 *                      │                 │
 *                      └────replay───────┴──(at start)──> replay
 * ```
 * What survives changes only in `replay`, which therefore rebuilds it; what may be forgotten (who waits,
 * who was heard of when) may change in `handle` too. No timers, no I/O: a deadline is data.
 */
export interface StateMachine<Calls extends CallTable, Entry> {
  handle(call: Call<Calls>, nowMs: number): Outcome<Calls, Entry>;
  /** Called at or after `wakeAtMs`. */
  wake(nowMs: number): Outcome<Calls, Entry>;
  /** Must not fail: what was written was checked before. */
  replay(entry: Entry, producer?: ProducerIdentity): void;
  /** A transaction whose entries this machine holds has ended. */
  replayMarker?(marker: TransactionMarker): void;
  /** Everything written before the start has been replayed: the deadlines begin to run. */
  loaded?(nowMs: number): Outcome<Calls, Entry>;
}

/** Entries as records of the internal topic. */
export interface EntryCodec<Entry> {
  encode(entry: Entry): { readonly key: Buffer; readonly value: Buffer | null };
  /** `undefined` for a record of a kind this version does not know. */
  decode(key: Buffer, value: Buffer | null): Entry | undefined;
}
