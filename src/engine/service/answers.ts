import type { Entity } from './entities.ts';
import { type PlainRow, toObjects } from './row-objects.ts';
import type { RowStream, Stream } from './row-stream.ts';

/** Rows (or lines) that go on until their reader stops, the limit is reached or the query ends. */
export interface Changes<Item> extends AsyncIterable<Item> {
  readonly queryId: string;
  /** Ends the query; leaving a `for await` loop does so too. */
  close(): void;
}

type FirstWord<Text extends string> = Text extends ` ${infer Rest}` | `\n${infer Rest}`
  ? FirstWord<Rest>
  : Text extends `${infer Word} ${string}` | `${infer Word}\n${string}`
    ? Uppercase<Word>
    : Uppercase<Text>;

/**
 * What a statement gives, read from its text where that is known to the compiler: rows for SELECT, changes for
 * SELECT ... EMIT CHANGES, lines for PRINT, entities for everything else.
 */
export type SqlResult<Text extends string, Row = PlainRow> = string extends Text
  ? Entity[] | Row[] | Changes<Row> | Changes<string>
  : FirstWord<Text> extends 'SELECT'
    ? Uppercase<Text> extends `${string}EMIT${string}`
      ? Changes<Row>
      : Row[]
    : FirstWord<Text> extends 'PRINT'
      ? Changes<string>
      : Entity[];

/** All rows of an answer that ends by itself. */
export async function collect(rows: RowStream): Promise<PlainRow[]> {
  const toObject = toObjects(rows);
  const objects: PlainRow[] = [];
  for (;;) {
    const batch = await rows.next();
    if (!batch) return objects;
    for (const row of batch) objects.push(toObject(row));
  }
}

export function changes<Item, Out>(
  queryId: string,
  stream: Stream<Item>,
  convert: (item: Item) => Out,
): Changes<Out> {
  async function* iterate(): AsyncGenerator<Out> {
    try {
      for (;;) {
        const batch = await stream.next();
        if (!batch) return;
        for (const item of batch) yield convert(item);
      }
    } finally {
      stream.close();
    }
  }
  return { queryId, close: () => stream.close(), [Symbol.asyncIterator]: iterate };
}
