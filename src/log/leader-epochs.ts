/** Batches from `startOffset` on were appended under `epoch`, up to the next entry. */
export interface EpochEntry {
  readonly epoch: number;
  readonly startOffset: number;
}

/**
 * Which leader epoch wrote which offsets; epochs and start offsets both rise strictly. Clients compare it with
 * what they read to notice that a log was cut (KIP-101, KIP-320).
 */
export class LeaderEpochs {
  #entries: EpochEntry[];

  constructor(entries: readonly EpochEntry[] = []) {
    this.#entries = [...entries];
  }

  get entries(): readonly EpochEntry[] {
    return this.#entries;
  }

  /** Notes that `epoch` begins at `startOffset`; an epoch that wrote nothing gives way to its successor. */
  assign(epoch: number, startOffset: number): void {
    const latest = this.#entries.at(-1);
    if (latest !== undefined && latest.epoch >= epoch && latest.startOffset <= startOffset) return;
    this.#entries = this.#entries.filter((entry) => entry.epoch < epoch && entry.startOffset < startOffset);
    this.#entries.push({ epoch, startOffset });
  }

  /** Forgets what begins at or above `offset`, after the log was cut there or to scan again from there. */
  cutFrom(offset: number): void {
    this.#entries = this.#entries.filter((entry) => entry.startOffset < offset);
  }

  /** Forgets epochs that lie wholly below the log start; the one in force there stays and begins there. */
  dropBelow(logStartOffset: number): void {
    const inForce = this.#entries.findLastIndex((entry) => entry.startOffset <= logStartOffset);
    if (inForce < 0) return;
    const { epoch } = this.#entries[inForce]!;
    this.#entries = [{ epoch, startOffset: logStartOffset }, ...this.#entries.slice(inForce + 1)];
  }

  /**
   * Where `epoch` ended. The latest epoch ends at the log's end; an unknown one falls back to the epoch before it;
   * a later one than any is (-1, -1); one before the first known begins and ends where the log does.
   */
  end(epoch: number, logEndOffset: number): { leaderEpoch: number; endOffset: number } {
    const latest = this.#entries.at(-1);
    if (latest === undefined || epoch > latest.epoch || epoch < 0) return { leaderEpoch: -1, endOffset: -1 };
    if (epoch === latest.epoch) return { leaderEpoch: epoch, endOffset: logEndOffset };
    const next = this.#entries.findIndex((entry) => entry.epoch > epoch);
    const floor = this.#entries[next - 1];
    return { leaderEpoch: floor?.epoch ?? epoch, endOffset: this.#entries[next]!.startOffset };
  }

  /** Text of Kafka's `leader-epoch-checkpoint`: version 0, the number of lines, then `epoch startOffset`. */
  toCheckpointText(): string {
    const lines = this.#entries.map((entry) => `${entry.epoch} ${entry.startOffset}`);
    return `${['0', String(lines.length), ...lines].join('\n')}\n`;
  }
}
