import { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import type { Logger } from '../base/logger.ts';
import { rowToJson } from '../data/json-text.ts';
import type { SqlAccess } from '../engine/service/access.ts';
import { checkProperty } from '../engine/service/properties.ts';
import type { QueryAnswer } from '../engine/service/queries.ts';
import { createSession } from '../engine/service/session.ts';
import { fieldOf } from '../engine/service/source-fields.ts';
import type { SqlService } from '../engine/service/sql-service.ts';
import type { Identify } from './auth.ts';
import { parseJsonObject } from './body.ts';
import type { PageGuard } from './page-guard.ts';
import { requiredText, textMap } from './request-fields.ts';

// RFC 6455 section 5.5: a close frame holds at most 125 bytes, two of them the code.
const MAX_REASON_BYTES = 123;
const NORMAL = 1000;
const BAD_DATA = 1003;
/** A client gets no more rows while this much of earlier ones lies unsent. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

export interface WebSocketOptions {
  readonly logger: Logger;
  readonly identify: Identify;
  readonly guard: PageGuard;
}

/**
 * `GET /ws/query?request={"ksql":"SELECT ..."}` as ksqlDB answers it: a frame with the schema, a frame a row,
 * close 1000 at the end, an error in the close reason.
 */
export function webSocketQueries(
  sql: SqlService,
  { logger, identify, guard }: WebSocketOptions,
): { readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void } {
  // Loaded by the first who asks: most servers never see a WebSocket.
  let server: Promise<WebSocketServer> | undefined;
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Null for a target such as `//`, which is no URL.
    const url = URL.parse(request.url ?? '/', 'http://host');
    const access = identify(request.headers.authorization, request.socket.remoteAddress ?? '');
    const foreign = guard(request.headers);
    if (url?.pathname !== '/ws/query') refuse(socket, '404 Not Found');
    else if (foreign !== undefined) refuse(socket, '403 Forbidden', foreign);
    else if (!access) refuse(socket, '401 Unauthorized');
    else
      accept(url, access, request, socket, head).catch((error: Error) => {
        logger.error('a WebSocket was not accepted', { reason: error.message });
        socket.destroy();
      });
  };
  const accept = async (
    url: URL,
    access: SqlAccess,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> => {
    server ??= import('ws').then((ws) => new ws.WebSocketServer({ noServer: true, maxPayload: 64 * 1024 }));
    (await server).handleUpgrade(request, socket, head, (client) => {
      client.on('error', (error) => logger.debug('WebSocket failed', { reason: error.message }));
      serve(sql, client, access, url.searchParams.get('request') ?? '').catch((error: Error) => {
        client.close(BAD_DATA, reason(error));
      });
    });
  };
  return { onUpgrade };
}

async function serve(sql: SqlService, client: WebSocket, access: SqlAccess, request: string): Promise<void> {
  const body = parseJsonObject(request, 'The parameter "request"');
  const properties = { ...textMap(body, 'streamsProperties'), ...textMap(body, 'requestProperties') };
  for (const [name, value] of Object.entries(properties)) checkProperty(name, value);
  const session = createSession(properties, textMap(body, 'sessionVariables'), access);
  const answer = await sql.query(requiredText(body, 'ksql'), session);
  const stream = answer.kind === 'rows' ? answer.rows : answer.lines;
  client.on('close', () => stream.close());
  if (client.readyState !== client.OPEN) return stream.close();
  await forward(answer, client);
  client.close(NORMAL, 'done');
}

async function forward(answer: QueryAnswer, client: WebSocket): Promise<void> {
  if (answer.kind === 'print') {
    for (;;) {
      const lines = await answer.lines.next();
      if (!lines) return;
      for (const line of lines) await send(client, line);
    }
  }
  const { rows } = answer;
  await send(client, JSON.stringify(rows.columns.map(fieldOf)));
  const toJson = rowToJson(rows.columns);
  for (;;) {
    const batch = await rows.next();
    if (!batch) return;
    for (const { values, tombstone } of batch)
      await send(client, `{"row":{"columns":${toJson(values)}${tombstone ? ',"tombstone":true' : ''}}}`);
    const { continuation } = rows;
    if (continuation !== undefined)
      await send(client, JSON.stringify({ continuationToken: { continuationToken: continuation } }));
  }
}

function send(client: WebSocket, text: string): Promise<void> | undefined {
  if (client.bufferedAmount < MAX_BUFFERED_BYTES) {
    client.send(text);
    return undefined;
  }
  return new Promise((resolve, reject) => client.send(text, (error) => (error ? reject(error) : resolve())));
}

function reason(error: Error): string {
  let text = error.message;
  while (Buffer.byteLength(text) > MAX_REASON_BYTES) text = text.slice(0, -1);
  return text;
}

function refuse(socket: Duplex, status: string, why = ''): void {
  const headers = `content-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(why)}`;
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n${headers}\r\n\r\n${why}`);
}
