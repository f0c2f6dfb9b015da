import type { SqlAccess } from '../engine/service/access.ts';
import { KsqlError, NOT_ACCEPTABLE } from '../engine/service/ksql-error.ts';
import { checkProperty } from '../engine/service/properties.ts';
import type { QueryAnswer } from '../engine/service/queries.ts';
import { createSession } from '../engine/service/session.ts';
import type { SqlService } from '../engine/service/sql-service.ts';
import type { Identify } from './auth.ts';
import { type BodyLimits, readJsonObject } from './body.ts';
import { type BodyParts, bodyText, writeBody } from './body-stream.ts';
import { negotiate } from './negotiate.ts';
import type { PageGuard } from './page-guard.ts';
import type { NodeBindings } from './port.ts';
import { awaitCommand, requiredText, textMap } from './request-fields.ts';
import { headerAndRows, ROW_FORMATS, type RowContentType, type RowFormat } from './row-bodies.ts';

const STREAM_TYPES = Object.keys(ROW_FORMATS) as RowContentType[];
const OLD_TYPES = ['application/vnd.ksql.v1+json', 'application/json'] as const;

/** One of the two endpoints that take a SELECT or PRINT: what its requests and answers look like. */
interface Endpoint {
  readonly offers: readonly RowContentType[];
  /** Newer clients call the statement `sql`, older ones `ksql`; each endpoint takes its own name. */
  readonly textField: 'sql' | 'ksql';
  readonly format: (contentType: RowContentType) => RowFormat;
}

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  '/query-stream': {
    offers: STREAM_TYPES,
    textField: 'sql',
    format: (contentType) => ROW_FORMATS[contentType],
  },
  '/query': {
    offers: OLD_TYPES,
    textField: 'ksql',
    format: () => headerAndRows,
  },
};

export interface QueryApiOptions {
  readonly limits: BodyLimits;
  readonly allowOrigin: string | undefined;
  readonly identify: Identify;
  readonly guard: PageGuard;
  /** Answers what went wrong before anything was answered. */
  readonly refuse: (outgoing: NodeBindings['outgoing'], path: string, error: unknown) => void;
}

/** Answers a request when it is its own; false leaves it to others. */
type NodeRoute = (incoming: NodeBindings['incoming'], outgoing: NodeBindings['outgoing']) => boolean;

/**
 * SELECT and PRINT, answered on node's own request and response: a Request, a Response and their streams would cost
 * more than finding the row that a pull query asks for.
 */
export function queryRoute(sql: SqlService, options: QueryApiOptions): NodeRoute {
  return (incoming, outgoing) => {
    if (incoming.method !== 'POST') return false;
    const path = pathOf(incoming.url ?? '');
    const endpoint = ENDPOINTS[path];
    if (!endpoint) return false;
    const { authorization } = incoming.headers;
    const access = options.identify(authorization, incoming.socket.remoteAddress ?? '');
    // Who has no right to ask is told so in the common way.
    if (!access || options.guard(incoming.headers) !== undefined) return false;
    answer(sql, endpoint, access, incoming, outgoing, options).catch((error: unknown) =>
      options.refuse(outgoing, path, error),
    );
    return true;
  };
}

function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

async function answer(
  sql: SqlService,
  { offers, textField, format }: Endpoint,
  access: SqlAccess,
  incoming: NodeBindings['incoming'],
  outgoing: NodeBindings['outgoing'],
  { limits, allowOrigin }: QueryApiOptions,
): Promise<void> {
  const contentType = negotiate(incoming.headers.accept, offers);
  if (!contentType)
    throw new KsqlError(
      NOT_ACCEPTABLE,
      `Only these content types can be answered here: ${offers.join(', ')}.`,
    );
  const body = await readJsonObject(incoming, limits);
  const found = await start(sql, body, access, textField);
  outgoing.statusCode = 200;
  outgoing.setHeader('content-type', found.kind === 'rows' ? contentType : 'text/plain; charset=utf-8');
  if (allowOrigin !== undefined) outgoing.setHeader('access-control-allow-origin', allowOrigin);
  if (found.kind === 'print') return writeBody(found.lines, PRINTED, outgoing);
  const { rows } = found;
  const parts = format(contentType)(rows);
  // The usual pull query: its rows are few and here, so they leave with the headers in one write.
  if (rows.kind === 'pull' && rows.isShort) outgoing.end(await bodyText(rows, parts));
  else await writeBody(rows, parts, outgoing);
}

const PRINTED: BodyParts<string> = {
  head: '',
  item: (line) => `${line}\n`,
  tail: () => '',
  failure: (error) => `${JSON.stringify(error)}\n`,
};

async function start(
  sql: SqlService,
  body: Record<string, unknown>,
  access: SqlAccess,
  textField: 'sql' | 'ksql',
): Promise<QueryAnswer> {
  const text = requiredText(body, textField);
  await awaitCommand(sql, body);
  // Some clients call them the same at both endpoints.
  const properties = { ...textMap(body, 'streamsProperties'), ...textMap(body, 'properties') };
  for (const [name, value] of Object.entries(properties)) checkProperty(name, value);
  const ofRequest = textMap(body, 'requestProperties');
  const session = createSession({ ...properties, ...ofRequest }, textMap(body, 'sessionVariables'), access);
  return sql.query(text, session);
}
