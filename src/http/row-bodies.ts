import { rowToJson } from '../data/json-text.ts';
import type { Row } from '../data/schema.ts';
import { formatColumn, formatType } from '../data/type-text.ts';
import { BAD_STATEMENT, KsqlError } from '../engine/service/ksql-error.ts';
import type { ResultRow, RowStream } from '../engine/service/row-stream.ts';
import { type Encode, encoderOf, SerdeError } from '../serde/format.ts';
import { format } from '../serde/formats.ts';
import { schemaText } from '../serde/protobuf/schema-text.ts';
import type { ResultColumn } from '../sql/planned.ts';
import type { BodyParts } from './body-stream.ts';

/** The ways in which rows are written, by content type. */
export const ROW_FORMATS = {
  'application/vnd.ksqlapi.delimited.v1': delimited,
  'application/json': jsonArray,
  'application/vnd.ksql.v1+json': headerAndRows,
  'application/vnd.ksql.v1+protobuf': protobufRows,
} satisfies Record<string, RowFormat>;

export type RowFormat = (rows: RowStream) => BodyParts<ResultRow>;

export type RowContentType = keyof typeof ROW_FORMATS;

/** The texts of rows that many readers get, made once for each format. */
class SharedTexts {
  readonly #texts = new WeakMap<ResultRow, string>();

  of(rows: RowStream, format: (row: ResultRow) => string): (row: ResultRow) => string {
    return (row) => {
      if (rows.isShared !== true) return format(row);
      let text = this.#texts.get(row);
      if (text === undefined) {
        text = format(row);
        this.#texts.set(row, text);
      }
      return text;
    };
  }
}

/** What the same columns have in common in every answer: made once for who asks for one row after another. */
interface ColumnsText {
  readonly toJson: (row: Row) => string;
  /** Of the metadata, behind the id. */
  readonly namesAndTypes: string;
}

const COLUMNS_TEXTS = new WeakMap<readonly ResultColumn[], ColumnsText>();

function textOf(columns: readonly ResultColumn[]): ColumnsText {
  const known = COLUMNS_TEXTS.get(columns);
  if (known) return known;
  const columnNames = JSON.stringify(columns.map(({ name }) => name));
  const columnTypes = JSON.stringify(columns.map(({ type }) => formatType(type)));
  const made = {
    toJson: rowToJson(columns),
    namesAndTypes: `"columnNames":${columnNames},"columnTypes":${columnTypes}`,
  };
  COLUMNS_TEXTS.set(columns, made);
  return made;
}

const DELIMITED_TEXTS = new SharedTexts();
const JSON_TEXTS = new SharedTexts();
const ROW_TEXTS = new SharedTexts();

/** `{"queryId":...,"columnNames":[...],"columnTypes":[...]}` and then a row a line. */
export function delimited(rows: RowStream): BodyParts<ResultRow> {
  const { toJson } = textOf(rows.columns);
  return {
    head: `${metadata(rows)}\n`,
    item: DELIMITED_TEXTS.of(rows, ({ values }) => `${toJson(values)}\n`),
    ...marked(rows, (token) => `${token}\n`),
    tail: () => '',
    failure: (error) => `${JSON.stringify(error)}\n`,
  };
}

/** One array: the metadata object, then the rows. */
function jsonArray(rows: RowStream): BodyParts<ResultRow> {
  const { toJson } = textOf(rows.columns);
  return {
    head: `[${metadata(rows)}`,
    item: JSON_TEXTS.of(rows, ({ values }) => `,${toJson(values)}`),
    ...marked(rows, (token) => `,${token}`),
    tail: () => ']',
    failure: (error) => `,${JSON.stringify(error)}]`,
  };
}

/**
 * The format of /query: an array of header, rows and, except for a table's pull query, a final message. A push query's
 * rows end with `,\n`, so that a client that reads lines has each row at once.
 */
export function headerAndRows(rows: RowStream): BodyParts<ResultRow> {
  const { toJson } = textOf(rows.columns);
  // As ksqlDB writes it: columns of headers before those of the value, wherever they are in the rows.
  const rank = (column: ResultColumn) => (column.key ? 0 : column.fromHeaders ? 1 : 2);
  const listed = rows.columns.some(({ fromHeaders }) => fromHeaders)
    ? rows.columns.toSorted((a, b) => rank(a) - rank(b))
    : rows.columns;
  const schema = listed
    .map((column) =>
      column.key && rows.kind === 'pull' ? `${formatColumn(column)} KEY` : formatColumn(column),
    )
    .join(', ');
  return framed(
    rows,
    { schema },
    ({ values, tombstone }) => `{"row":{"columns":${toJson(values)}${tombstone ? ',"tombstone":true' : ''}}}`,
  );
}

/** As {@link headerAndRows}, but each row is a message of the schema in the header, in base64. */
function protobufRows(rows: RowStream): BodyParts<ResultRow> {
  try {
    const encode: Encode = encoderOf(format('PROTOBUF_NOSR').writer(rows.columns, { part: 'value' }));
    return framed(rows, { protoSchema: schemaText(rows.columns) }, ({ values, tombstone }) => {
      const bytes = Buffer.from(encode(values, 0) ?? []).toString('base64');
      return `{"row":{"protobufBytes":"${bytes}"${tombstone ? ',"tombstone":true' : ''}}}`;
    });
  } catch (error) {
    rows.close();
    if (!(error instanceof SerdeError)) throw error;
    throw new KsqlError(BAD_STATEMENT, `The rows cannot be answered in Protocol Buffers. ${error.message}`);
  }
}

function framed(
  rows: RowStream,
  schema: Readonly<Record<string, string>>,
  row: (item: ResultRow) => string,
): BodyParts<ResultRow> {
  const header = JSON.stringify({ header: { queryId: rows.queryId, ...schema } });
  if (rows.kind === 'pull')
    return {
      head: `[${header}`,
      item: (item) => `,\n${row(item)}`,
      tail: () => ']\n',
      failure: (error) => `,\n${JSON.stringify({ errorMessage: error })}]\n`,
    };
  return {
    head: `[${header},\n`,
    item: ROW_TEXTS.of(rows, (item) => `${row(item)},\n`),
    ...marked(rows, (token) => `{"continuationToken":${token}},\n`),
    tail: () => `{"finalMessage":"${rows.ending === 'limit' ? 'Limit Reached' : 'Query Completed'}"}]\n`,
    failure: (error) => `${JSON.stringify({ errorMessage: error })}]\n`,
  };
}

/** By which the reader may go on later, after each helping, where it asked for that. */
function marked(rows: RowStream, format: (token: string) => string): Pick<BodyParts<ResultRow>, 'mark'> {
  if (rows.continuation === undefined) return {};
  return { mark: () => format(JSON.stringify({ continuationToken: rows.continuation })) };
}

function metadata({ queryId, columns }: RowStream): string {
  return `{"queryId":${JSON.stringify(queryId)},${textOf(columns).namesAndTypes}}`;
}
