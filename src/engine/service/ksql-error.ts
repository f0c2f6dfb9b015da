import type { Entity } from './entities.ts';

/**
 * What went wrong with a request, as ksqlDB's clients expect it: the code is the HTTP status x 100 + n,
 * and a statement's error carries its text and the entities of the statements that were done before it.
 */
export class KsqlError extends Error {
  readonly code: number;
  readonly statementText: string | undefined;
  readonly entities: readonly Entity[];
  /** By which a push query that was cut off can be asked to go on. */
  readonly continuationToken: string | undefined;

  constructor(
    code: number,
    message: string,
    statement?: { readonly text: string; readonly entities?: readonly Entity[] },
    continuationToken?: string,
  ) {
    super(message);
    this.name = 'KsqlError';
    this.code = code;
    this.statementText = statement?.text;
    this.entities = statement?.entities ?? [];
    this.continuationToken = continuationToken;
  }

  get httpStatus(): number {
    return Math.trunc(this.code / 100);
  }

  /** The body of the answer. */
  toJSON(): Record<string, unknown> {
    const { continuationToken } = this;
    const head = {
      error_code: this.code,
      message: this.message,
      ...(continuationToken !== undefined && { continuationToken }),
    };
    if (this.statementText === undefined) return { '@type': 'generic_error', ...head };
    return {
      '@type': 'statement_error',
      ...head,
      statementText: this.statementText,
      entities: this.entities,
    };
  }
}

export const BAD_REQUEST = 40000;
export const BAD_STATEMENT = 40001;
export const USE_QUERY_ENDPOINT = 40002;
export const TOO_MANY_QUERIES = 40003;
export const UNAUTHORIZED = 40100;
/** Not for this asker: by the permissions of the user, or by the rules for a topic. */
export const FORBIDDEN = 40300;
export const FORBIDDEN_TOPIC = 40301;
export const NOT_FOUND = 40400;
/** Asked for in a way that this path does not know. */
export const METHOD_NOT_ALLOWED = 40500;
export const NOT_ACCEPTABLE = 40600;
export const UNSUPPORTED_MEDIA_TYPE = 41500;
export const ASSERTION_FAILED = 41700;
export const UPGRADE_REQUIRED = 42600;
/** No schema registry is configured. */
export const NO_REGISTRY = 42801;
export const TOO_MANY_REQUESTS = 42900;
export const SERVER_ERROR = 50000;
/** The schema registry could not be asked. */
export const REGISTRY_AWAY = 50300;
export const NOT_CAUGHT_UP = 50301;
export const SHUTTING_DOWN = 50302;
