import type { Change, Output } from './change.ts';

/** Keeps what reaches it, for tests of the operators above it. */
export class Recorder implements Output {
  readonly changes: Change[] = [];

  push(change: Change): void {
    this.changes.push(change);
  }

  /** What has come since the last call, without the places it came from. */
  take(): Pick<Change, 'row' | 'old' | 'timestampMs'>[] {
    return this.changes.splice(0).map(({ row, old, timestampMs }) => ({ row, old, timestampMs }));
  }
}
