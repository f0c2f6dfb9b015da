import type { Row } from '../../data/schema.ts';
import type { ResultColumn } from '../../sql/planned.ts';
import { approximateRowBytes } from '../row-size.ts';
import type { PulledRows } from '../running-query.ts';
import type { QueryLimits } from './query-limits.ts';
import type { Ending, ResultRow, RowStream } from './row-stream.ts';

/** A pull query's answer, taken from where the table is as its reader asks for it. */
export class PullRows implements RowStream {
  readonly kind = 'pull';
  readonly queryId: string;
  readonly columns: readonly ResultColumn[];
  readonly ending: Ending = 'complete';
  readonly #rows: PulledRows;
  readonly #limits: QueryLimits;
  #end: (() => void) | undefined;

  constructor(
    queryId: string,
    columns: readonly ResultColumn[],
    rows: PulledRows,
    limited: { readonly limits: QueryLimits; readonly end: (() => void) | undefined },
  ) {
    this.queryId = queryId;
    this.columns = columns;
    this.#rows = rows;
    this.#limits = limited.limits;
    this.#end = limited.end;
  }

  get isShort(): boolean {
    return this.#rows.isShort;
  }

  async next(): Promise<readonly ResultRow[] | undefined> {
    try {
      const rows = await this.#rows.next();
      if (rows === undefined) this.#ended();
      else this.#limits.pulled(bytesOf(rows));
      return rows?.map((values) => ({ values, tombstone: false }));
    } catch (error) {
      this.#ended();
      throw error;
    }
  }

  close(): void {
    this.#rows.close();
    this.#ended();
  }

  #ended(): void {
    this.#end?.();
    this.#end = undefined;
  }
}

function bytesOf(rows: readonly Row[]): number {
  let bytes = 0;
  for (const row of rows) bytes += approximateRowBytes(row);
  return bytes;
}
