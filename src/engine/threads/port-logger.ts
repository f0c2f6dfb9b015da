import { LevelLogger, type Logger, type LogLevel } from '../../base/logger.ts';

type Send = (level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>) => void;

/** A thread's log: its lines are written by the main thread. */
export class PortLogger extends LevelLogger {
  readonly #send: Send;
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(send: Send, fields: Readonly<Record<string, unknown>> = {}) {
    super();
    this.#send = send;
    this.#fields = fields;
  }

  child(fields: Record<string, unknown>): Logger {
    return new PortLogger(this.#send, { ...this.#fields, ...fields });
  }

  protected log(level: LogLevel, message: string, fields: Record<string, unknown> | undefined): void {
    const all: Record<string, unknown> = { ...this.#fields, ...fields };
    for (const [name, value] of Object.entries(all)) all[name] = portable(value);
    this.#send(level, message, all);
  }
}

/** Not everything that can be printed can be cloned. */
function portable(value: unknown): unknown {
  if (value instanceof Error) return value.stack ?? value.message;
  return typeof value === 'object' || typeof value === 'function' ? String(value) : value;
}
