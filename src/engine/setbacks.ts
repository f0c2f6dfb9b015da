import { isRegistryOutage } from '../serde/schema-registry.ts';

/** Whose an error is, as ksqlDB says it: of the statement or its data, of the server, or one that nobody foresaw. */
export type ErrorClass = 'USER' | 'SYSTEM' | 'UNKNOWN';

export interface QueryError {
  readonly timestampMs: number;
  readonly message: string;
  readonly type: ErrorClass;
}

/** What a query waits for after a failure. */
export interface Retry {
  /** Counts failures in a row. */
  readonly attempt: number;
  readonly atMs: number;
}

export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

const MOST_KEPT = 10;
/** Of errors in our own code. */
const BUGS: readonly string[] = ['TypeError', 'ReferenceError', 'AssertionError', 'ERR_ASSERTION'];
/** What whoever made the query or its topics can mend. */
const USER_CODES: readonly string[] = [
  'UNKNOWN_TOPIC_OR_PARTITION',
  'TOPIC_AUTHORIZATION_FAILED',
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
];

/** By names and codes, which an error keeps on its way from one thread to another. */
export function errorClassOf(error: Error): ErrorClass {
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && error.name === 'TopicError')
    return USER_CODES.includes(code) ? 'USER' : 'SYSTEM';
  if (error.name === 'LastingError') return 'USER';
  if (error.name === 'ThreadEnded' || isRegistryOutage(error)) return 'SYSTEM';
  if (error.name !== 'RecordFailure') return 'UNKNOWN';
  return error.cause instanceof Error && BUGS.includes(error.cause.name) ? 'UNKNOWN' : 'USER';
}

/** The last failures of a query, newest last. */
export class Setbacks {
  #errors: readonly QueryError[] = [];

  get errors(): readonly QueryError[] {
    return this.#errors;
  }

  add(error: Error, timestampMs: number): void {
    const entry = { timestampMs, message: error.message, type: errorClassOf(error) };
    this.#errors = [...this.#errors, entry].slice(-MOST_KEPT);
  }
}

/** 100 ms, then twice as long each time, up to 10 s, unless the query's properties say otherwise. */
export function backoffOf(properties: Readonly<Record<string, string>>): Backoff {
  const setting = (name: string, otherwise: number) => {
    const ms = Number(properties[`ksql.query.retry.backoff.${name}.ms`] || Number.NaN);
    return ms >= 0 ? ms : otherwise;
  };
  return { firstMs: setting('initial', 100), longestMs: setting('max', 10_000) };
}
