import type { Clock } from './clock.ts';
import { LogLevels, ROOT_LOGGER, type Threshold } from './log-levels.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Structured log, pino-shaped but message first. Fields never hold secrets or record contents. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  /** A logger whose lines all carry `fields` too; a field `part` gives it a name and so a level of its own. */
  child(fields: Record<string, unknown>): Logger;
}

export interface LoggerOptions {
  /** The least severe level that is written, or the levels that whoever holds them may change. */
  readonly level?: LogLevel;
  readonly levels?: LogLevels;
  readonly format?: 'text' | 'json';
  /** Gets one whole line, newline included; standard error unless given. */
  readonly write?: (line: string) => void;
  readonly clock: Clock;
}

const SEVERITY: Record<Threshold, number> = {
  trace: 10,
  debug: 10,
  info: 20,
  warn: 30,
  error: 40,
  fatal: 40,
};

export function createLogger(options: LoggerOptions): Logger {
  const levels = options.levels ?? new LogLevels(options.level ?? 'info');
  return new LineLogger({ ...options, levels }, ROOT_LOGGER, {});
}

type LineOptions = LoggerOptions & { readonly levels: LogLevels };

const ignore = (): void => {};

export const silentLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLogger,
};

/** A logger but for where its lines go. */
export abstract class LevelLogger implements Logger {
  abstract child(fields: Record<string, unknown>): Logger;
  protected abstract log(level: LogLevel, message: string, fields: Record<string, unknown> | undefined): void;

  debug(message: string, fields?: Record<string, unknown>): void {
    this.log('debug', message, fields);
  }

  info(message: string, fields?: Record<string, unknown>): void {
    this.log('info', message, fields);
  }

  warn(message: string, fields?: Record<string, unknown>): void {
    this.log('warn', message, fields);
  }

  error(message: string, fields?: Record<string, unknown>): void {
    this.log('error', message, fields);
  }
}

class LineLogger extends LevelLogger {
  readonly #options: LineOptions;
  readonly #name: string;
  readonly #fields: Record<string, unknown>;

  constructor(options: LineOptions, name: string, fields: Record<string, unknown>) {
    super();
    this.#options = options;
    this.#name = name;
    this.#fields = fields;
  }

  child(fields: Record<string, unknown>): Logger {
    const name = typeof fields.part === 'string' ? `millrace.${fields.part}` : this.#name;
    if (name !== this.#name) this.#options.levels.register(name);
    return new LineLogger(this.#options, name, { ...this.#fields, ...fields });
  }

  protected log(level: LogLevel, message: string, fields: Record<string, unknown> | undefined): void {
    const { levels, format, clock, write = writeToStderr } = this.#options;
    if (SEVERITY[level] < SEVERITY[levels.of(this.#name)]) return;
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
