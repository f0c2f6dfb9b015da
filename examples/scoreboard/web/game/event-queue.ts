/**
 * The moves that are not acknowledged yet, oldest first. One request at a time, one move a request: so
 * the log has every move, in the order played, and the game never waits for the network.
 * Invariant: a move leaves the queue only when the server has answered that it is durable. An answer
 * that got lost makes the move arrive twice, never not at all.
 */
export class EventQueue {
  readonly #send: (statement: string) => Promise<void>;
  readonly #pause: (delayMs: number) => Promise<void>;
  readonly #onChange: (unsent: number, failing: boolean) => void;
  readonly #waiting: string[] = [];
  #sending = false;

  constructor(
    send: (statement: string) => Promise<void>,
    pause: (delayMs: number) => Promise<void>,
    onChange: (unsent: number, failing: boolean) => void = () => {},
  ) {
    this.#send = send;
    this.#pause = pause;
    this.#onChange = onChange;
  }

  get unsent(): number {
    return this.#waiting.length;
  }

  push(statement: string): void {
    this.#waiting.push(statement);
    this.#onChange(this.unsent, false);
    if (!this.#sending) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#sending = true;
    let failures = 0;
    while (this.#waiting.length > 0) {
      try {
        await this.#send(this.#waiting[0]!);
        this.#waiting.shift();
        failures = 0;
      } catch {
        failures++;
      }
      this.#onChange(this.unsent, failures > 0);
      if (failures > 0) await this.#pause(Math.min(200 * 2 ** (failures - 1), 4_000));
    }
    this.#sending = false;
  }
}
