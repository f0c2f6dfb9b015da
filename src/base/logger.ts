export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Structured log, pino-shaped but message first. Fields never hold secrets or record contents. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  /** A logger whose lines all carry `fields` too. */
  child(fields: Record<string, unknown>): Logger;
}
