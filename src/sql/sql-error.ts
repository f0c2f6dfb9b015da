/**
 * A statement that cannot be accepted. The message is for the person who wrote it: what is wrong, where
 * (`line 2:14: ` in front, both counted from 1 as ksqlDB prints them) and, where known, what to do instead.
 */
export class SqlError extends Error {
  readonly line: number;
  readonly column: number;

  /** Line 0: no position is known. */
  constructor(message: string, line = 0, column = 0) {
    super(line > 0 ? `line ${line}:${column}: ${message}` : message);
    this.name = 'SqlError';
    this.line = line;
    this.column = column;
  }
}
