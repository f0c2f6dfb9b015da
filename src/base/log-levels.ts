/** The least severe lines that are written; `trace` means the same as `debug`, `fatal` as `error`. */
export type Threshold = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export const ROOT_LOGGER = 'root';

/**
 * The levels of all loggers of a process, changed while it runs: every line asks. A logger is named after the part of
 * the server it belongs to and has the root's level unless it was given its own.
 */
export class LogLevels {
  readonly #initial: Threshold;
  #root: Threshold;
  readonly #names = new Set<string>();
  readonly #own = new Map<string, Threshold>();

  constructor(root: Threshold) {
    this.#initial = root;
    this.#root = root;
  }

  /** Makes a logger known to whoever lists them. */
  register(name: string): void {
    this.#names.add(name);
  }

  names(): readonly string[] {
    return [ROOT_LOGGER, ...[...this.#names].sort()];
  }

  of(name: string): Threshold {
    return this.#own.get(name) ?? this.#root;
  }

  set(name: string, level: Threshold): void {
    if (name === ROOT_LOGGER) this.#root = level;
    else this.#own.set(name, level);
  }

  /** Back to what it was at start. */
  reset(name: string): void {
    if (name === ROOT_LOGGER) this.#root = this.#initial;
    else this.#own.delete(name);
  }
}
