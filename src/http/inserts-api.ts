import { Buffer } from 'node:buffer';
import { Hono } from 'hono';
import type { SqlValue } from '../data/types.ts';
import { BAD_REQUEST, KsqlError, NOT_ACCEPTABLE } from '../engine/service/ksql-error.ts';
import { BoundedStream } from '../engine/service/row-stream.ts';
import type { SqlService } from '../engine/service/sql-service.ts';
import { format } from '../serde/formats.ts';
import type { Source } from '../sql/catalog.ts';
import type { AppTypes } from './app-types.ts';
import { type BodyLimits, parseJsonObject, readLines } from './body.ts';
import { bodyOf } from './body-stream.ts';
import { negotiate } from './negotiate.ts';
import { requiredText } from './request-fields.ts';

const MAX_UNACKNOWLEDGED = 1_000;
const ACK_BYTES = 64;
const CONTENT_TYPES = ['application/vnd.ksqlapi.delimited.v1', 'application/json'] as const;

type Ack =
  | { readonly status: 'ok'; readonly seq: number }
  | { readonly status: 'error'; readonly seq: number; readonly error_code: number; readonly message: string };

/**
 * Rows in, acknowledgements out, both as long as the client likes:
 *
 *   {"target":"S"}   {"A":1}   {"A":2} ...   -->   {"status":"ok","seq":0}   {"status":"ok","seq":1} ...
 *
 * A row is acknowledged when it is durable, in the order of the rows. A row that does not fit gets an error and
 * ends the stream: what follows may depend on it.
 */
export function insertsApi(sql: SqlService, limits: BodyLimits): Hono<AppTypes> {
  const app = new Hono<AppTypes>();
  app.post('/inserts-stream', async (c) => {
    const contentType = negotiate(c.req.header('accept'), CONTENT_TYPES);
    if (!contentType)
      throw new KsqlError(
        NOT_ACCEPTABLE,
        `Only these content types can be answered here: ${CONTENT_TYPES.join(', ')}.`,
      );
    const lines = readLines(c.req.raw, limits.maxBytes);
    const first = await lines.next();
    if (first.done)
      throw new KsqlError(BAD_REQUEST, 'The first line must name the target: {"target":"NAME"}.');
    const target = sql.insertTarget(requiredText(parseJsonObject(first.value, 'The first line'), 'target'));
    sql.checkInsert(target, c.get('access'));
    const acks = new BoundedStream<Ack>({
      maxBytes: MAX_UNACKNOWLEDGED * ACK_BYTES,
      sizeOf: () => ACK_BYTES,
      onClose: () => {},
    });
    const done = { reading: true };
    c.req.raw.signal.addEventListener('abort', () => {
      done.reading = false;
      acks.close();
    });
    insertAll(sql, target, lines, acks, done).catch((error: Error) => acks.fail(unreadable(error)));
    const isArray = contentType === 'application/json';
    const body = bodyOf(acks, {
      head: isArray ? '[' : '',
      item: (ack, index) =>
        isArray ? `${index > 0 ? ',' : ''}${JSON.stringify(ack)}` : `${JSON.stringify(ack)}\n`,
      tail: () => (isArray ? ']' : ''),
      failure: (error, index) =>
        `${isArray && index > 0 ? ',' : ''}${JSON.stringify(error)}${isArray ? ']' : '\n'}`,
    });
    return new Response(body, { headers: { 'content-type': contentType } });
  });
  return app;
}

async function insertAll(
  sql: SqlService,
  target: Source,
  lines: AsyncIterable<string>,
  acks: BoundedStream<Ack>,
  state: { reading: boolean },
): Promise<void> {
  const toRow = rowReader(target);
  let previous: Promise<void> = Promise.resolve();
  let unacknowledged = 0;
  let seq = 0;
  for await (const line of lines) {
    if (!state.reading) break;
    const at = seq++;
    const inserted = insertLine(sql, target, toRow, line);
    unacknowledged += 1;
    previous = previous.then(async () => {
      const error = await inserted;
      unacknowledged -= 1;
      if (!state.reading) return;
      if (error) state.reading = false;
      acks.add(error ? failed(at, error) : { status: 'ok', seq: at });
    });
    if (unacknowledged >= MAX_UNACKNOWLEDGED) await previous;
    await acks.hold();
  }
  await previous;
  acks.end('complete');
}

/** Resolves with what was wrong, so that rows may fail while earlier ones are still on their way. */
async function insertLine(
  sql: SqlService,
  target: Source,
  toRow: (line: string) => SqlValue[],
  line: string,
): Promise<Error | undefined> {
  try {
    await sql.insert(target, toRow(line));
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function failed(seq: number, error: Error): Ack {
  const code = error instanceof KsqlError ? error.code : BAD_REQUEST;
  return { status: 'error', seq, error_code: code, message: error.message };
}

/** Rows have errors of their own: what is left is a body that ends early or cannot be unpacked. */
function unreadable(error: Error): KsqlError {
  if (error instanceof KsqlError) return error;
  return new KsqlError(BAD_REQUEST, `The request body cannot be read: ${error.message}.`);
}

/** A JSON object's fields as the target's columns, by the same rules as JSON records. */
function rowReader({ schema }: Source): (line: string) => SqlValue[] {
  const columns = [...schema.key, ...schema.value];
  const decode = format('JSON').decoder(columns, { part: 'value', wrapSingle: true });
  const known = new Set(columns.map(({ name }) => name.toUpperCase()));
  return (line) => {
    const names = Object.keys(parseJsonObject(line, 'A row'));
    const unknown = names.find((name) => !known.has(name.toUpperCase()));
    if (unknown !== undefined)
      throw new KsqlError(BAD_REQUEST, `There is no column ${unknown} in the target.`);
    const row = new Array<SqlValue>(columns.length).fill(null);
    const bytes = Buffer.from(line);
    decode(bytes, 0, bytes.length, row, 0);
    return row;
  };
}
