import type { ResultColumn } from '../../sql/planned.ts';
import type { PulledRows } from '../running-query.ts';
import type { Ending, ResultRow, RowStream } from './row-stream.ts';

/** A pull query's answer, taken from where the table is as its reader asks for it. */
export class PullRows implements RowStream {
  readonly kind = 'pull';
  readonly queryId: string;
  readonly columns: readonly ResultColumn[];
  readonly ending: Ending = 'complete';
  readonly #rows: PulledRows;

  constructor(queryId: string, columns: readonly ResultColumn[], rows: PulledRows) {
    this.queryId = queryId;
    this.columns = columns;
    this.#rows = rows;
  }

  get isShort(): boolean {
    return this.#rows.isShort;
  }

  async next(): Promise<readonly ResultRow[] | undefined> {
    const rows = await this.#rows.next();
    return rows?.map((values) => ({ values, tombstone: false }));
  }

  close(): void {
    this.#rows.close();
  }
}
