import type { Clock } from './clock.ts';

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

export interface LoggerOptions {
  /** The least severe level that is written. */
  readonly level: LogLevel;
  readonly format?: 'text' | 'json';
  /** Gets one whole line, newline included; standard error unless given. */
  readonly write?: (line: string) => void;
  readonly clock: Clock;
}

const SEVERITY: Record<LogLevel, number> = { debug: 10, info: 20, warn: 30, error: 40 };

export function createLogger(options: LoggerOptions): Logger {
  return new LineLogger(options, {});
}

const ignore = (): void => {};

export const silentLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLogger,
};

class LineLogger implements Logger {
  readonly #options: LoggerOptions;
  readonly #fields: Record<string, unknown>;

  constructor(options: LoggerOptions, fields: Record<string, unknown>) {
    this.#options = options;
    this.#fields = fields;
  }

  debug(message: string, fields?: Record<string, unknown>): void {
    this.#log('debug', message, fields);
  }

  info(message: string, fields?: Record<string, unknown>): void {
    this.#log('info', message, fields);
  }

  warn(message: string, fields?: Record<string, unknown>): void {
    this.#log('warn', message, fields);
  }

  error(message: string, fields?: Record<string, unknown>): void {
    this.#log('error', message, fields);
  }

  child(fields: Record<string, unknown>): Logger {
    return new LineLogger(this.#options, { ...this.#fields, ...fields });
  }

  #log(level: LogLevel, message: string, fields: Record<string, unknown> | undefined): void {
    const { level: least, format, clock, write = writeToStderr } = this.#options;
    if (SEVERITY[level] < SEVERITY[least]) return;
    const time = new Date(clock.nowMs()).toISOString();
    const all = { ...this.#fields, ...fields };
    write(format === 'json' ? jsonLine(time, level, message, all) : textLine(time, level, message, all));
  }
}

function writeToStderr(line: string): void {
  process.stderr.write(line);
}

// Field by field, so that one that cannot be printed costs only itself.
function jsonLine(time: string, level: LogLevel, message: string, fields: Record<string, unknown>): string {
  let line = JSON.stringify({ time, level, message }).slice(0, -1);
  for (const [name, value] of Object.entries(fields)) {
    const json = toJson(value);
    if (json !== undefined) line += `,${JSON.stringify(name)}:${json}`;
  }
  return `${line}}\n`;
}

function textLine(time: string, level: LogLevel, message: string, fields: Record<string, unknown>): string {
  let line = `${time} ${level.toUpperCase().padEnd(5)} ${oneLine(message)}`;
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) line += ` ${name}=${fieldText(value)}`;
  }
  return `${line}\n`;
}

function fieldText(value: unknown): string {
  if (typeof value === 'string') return /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value);
  return toJson(value) ?? String(value);
}

/** A message may quote input: it must not be able to forge a second line. */
function oneLine(text: string): string {
  return text.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}

function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, plainValue);
  } catch (error) {
    return JSON.stringify(`unprintable: ${String(error)}`);
  }
}

function plainValue(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return value.stack ?? value.message;
  return value;
}
