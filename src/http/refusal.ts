import type { Logger } from '../base/logger.ts';
import { KsqlError, SERVER_ERROR, UNAUTHORIZED } from '../engine/service/ksql-error.ts';
import type { NodeBindings } from './port.ts';

/** An error as an answer, before anything else was answered. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RefusalOptions {
  readonly logger: Logger;
  readonly allowOrigin: string | undefined;
}

/** What is not the asker's fault is logged too. */
export function refusalOf(error: unknown, path: string, { logger, allowOrigin }: RefusalOptions): Refusal {
  if (!(error instanceof KsqlError))
    logger.error('a request failed for a reason of the server', {
      path,
      stack: error instanceof Error ? error.stack : String(error),
    });
  const answer = error instanceof KsqlError ? error : new KsqlError(SERVER_ERROR, messageOf(error));
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (allowOrigin) headers['access-control-allow-origin'] = allowOrigin;
  if (answer.code === UNAUTHORIZED) headers['www-authenticate'] = 'Basic realm="millrace"';
  return { status: answer.httpStatus, headers, body: JSON.stringify(answer) };
}

export function writeRefusal(outgoing: NodeBindings['outgoing'], { status, headers, body }: Refusal): void {
  if (outgoing.headersSent || outgoing.destroyed) {
    outgoing.destroy();
    return;
  }
  outgoing.statusCode = status;
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
  outgoing.end(body);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
