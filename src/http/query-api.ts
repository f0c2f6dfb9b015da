import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { KsqlError } from '../engine/service/ksql-error.ts';
import { checkProperty } from '../engine/service/properties.ts';
import type { QueryAnswer } from '../engine/service/queries.ts';
import { createSession } from '../engine/service/session.ts';
import type { SqlService } from '../engine/service/sql-service.ts';
import { type BodyLimits, readJsonObject } from './body.ts';
import { bodyOf } from './body-stream.ts';
import { negotiate } from './negotiate.ts';
import type { NodeBindings } from './port.ts';
import { requiredText, textMap } from './request-fields.ts';
import { headerAndRows, ROW_FORMATS, type RowContentType } from './row-bodies.ts';

const STREAM_TYPES = Object.keys(ROW_FORMATS) as RowContentType[];
const OLD_TYPES = ['application/vnd.ksql.v1+json', 'application/json'] as const;

/** SELECT and PRINT: answers that are streamed. */
export function queryApi(
  sql: SqlService,
  limits: BodyLimits,
  allowOrigin: string | undefined,
): Hono<{ Bindings: NodeBindings }> {
  const app = new Hono<{ Bindings: NodeBindings }>();

  app.post('/query-stream', async (c) => {
    const contentType = negotiate(c.req.header('accept'), STREAM_TYPES);
    if (!contentType) throw notAcceptable(STREAM_TYPES);
    const body = await readJsonObject(c.env.incoming, limits);
    const answer = await start(sql, body, 'sql', 'properties');
    const format = ROW_FORMATS[contentType];
    return (
      (await answerAtOnce(answer, contentType, format, c.env.outgoing, allowOrigin)) ??
      respond(answer, contentType, format, c.env.outgoing)
    );
  });

  app.post('/query', async (c) => {
    const contentType = negotiate(c.req.header('accept'), OLD_TYPES);
    if (!contentType) throw notAcceptable(OLD_TYPES);
    const body = await readJsonObject(c.env.incoming, limits);
    const answer = await start(sql, body, 'ksql', 'streamsProperties');
    return (
      (await answerAtOnce(answer, contentType, headerAndRows, c.env.outgoing, allowOrigin)) ??
      respond(answer, contentType, headerAndRows, c.env.outgoing)
    );
  });
  return app;
}

/** Newer clients call the statement `sql`, older ones `ksql`; each endpoint takes its own name. */
export async function start(
  sql: SqlService,
  body: Record<string, unknown>,
  textField: 'sql' | 'ksql',
  propertiesField: 'properties' | 'streamsProperties',
): Promise<QueryAnswer> {
  const text = requiredText(body, textField);
  const properties = textMap(body, propertiesField);
  for (const [name, value] of Object.entries(properties)) checkProperty(name, value);
  return sql.query(text, createSession(properties, textMap(body, 'sessionVariables')));
}

type Outgoing = NodeBindings['outgoing'];

/**
 * A pull query whose rows are few and here, the usual case, is answered by one write; undefined for others.
 * Streams and a Response for each cost more than finding the row.
 */
async function answerAtOnce(
  answer: QueryAnswer,
  contentType: string,
  format: (typeof ROW_FORMATS)[RowContentType],
  outgoing: Outgoing,
  allowOrigin: string | undefined,
): Promise<Response | undefined> {
  if (answer.kind !== 'rows' || answer.rows.kind !== 'pull' || !answer.rows.isShort) return undefined;
  const { head, item, tail } = format(answer.rows);
  let rows = '';
  let index = 0;
  for (let some = await answer.rows.next(); some; some = await answer.rows.next())
    for (const row of some) rows += item(row, index++);
  if (outgoing.destroyed) return RESPONSE_ALREADY_SENT;
  outgoing.statusCode = 200;
  outgoing.setHeader('content-type', contentType);
  if (allowOrigin !== undefined) outgoing.setHeader('access-control-allow-origin', allowOrigin);
  outgoing.end(`${head}${rows}${tail()}`);
  return RESPONSE_ALREADY_SENT;
}

function respond(
  answer: QueryAnswer,
  contentType: string,
  format: (typeof ROW_FORMATS)[RowContentType],
  outgoing: Outgoing,
): Response {
  const stream = answer.kind === 'rows' ? answer.rows : answer.lines;
  // The client may leave while no row is on its way, when nobody reads the body.
  if (outgoing.destroyed) stream.close();
  else outgoing.once('close', () => stream.close());
  if (answer.kind === 'rows') {
    const body = bodyOf(answer.rows, format(answer.rows));
    return new Response(body, { headers: { 'content-type': contentType } });
  }
  const lines = bodyOf(answer.lines, {
    head: '',
    item: (line) => `${line}\n`,
    tail: () => '',
    failure: (error) => `${JSON.stringify(error)}\n`,
  });
  return new Response(lines, { headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

function notAcceptable(offers: readonly string[]): KsqlError {
  return new KsqlError(40600, `Only these content types can be answered here: ${offers.join(', ')}.`);
}
