import { appendFileSync, writeFileSync } from 'node:fs';
import { ClientError } from './client-error.ts';
import { BoxWriter, type Cut, displayWidth, textTable } from './text-table.ts';

export type OutputFormat = 'tabular' | 'json';

const LIVE_COLUMN_WIDTH = 20;

/** Where answers go and how they look, as the commands of the shell set it. */
export class Display {
  readonly #write: (text: string) => void;
  #spool: string | undefined;
  output: OutputFormat;
  /** What is too long for its column goes on below, or is cut. */
  cut: Cut = 'wrap';
  /** Of a query's columns; 0: as wide as their content, or 20 where that is not known yet. */
  columnWidth = 0;

  constructor(output: OutputFormat, write: (text: string) => void) {
    this.output = output;
    this.#write = write;
  }

  write(text: string): void {
    this.#write(text);
    if (this.#spool !== undefined) appendFileSync(this.#spool, text);
  }

  /** From now on everything that is shown is written to a file too; undefined ends that. */
  spool(path: string | undefined): void {
    if (path !== undefined)
      try {
        writeFileSync(path, '');
      } catch (error) {
        throw new ClientError(`cannot write ${path}: ${(error as Error).message}`);
      }
    this.#spool = path;
  }

  get spoolFile(): string | undefined {
    return this.#spool;
  }

  /** All rows of a query at once. */
  table(header: readonly string[], rows: readonly (readonly unknown[])[]): string {
    return textTable(header, rows, { width: this.columnWidth, cut: this.cut });
  }

  /** A box for rows that are still to come. */
  liveBox(header: readonly string[]): BoxWriter {
    const widths = header.map((name) => this.columnWidth || Math.max(displayWidth(name), LIVE_COLUMN_WIDTH));
    return new BoxWriter(widths, [], this.cut);
  }
}
