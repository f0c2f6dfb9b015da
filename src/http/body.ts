import { Buffer, isUtf8 } from 'node:buffer';
import type { Clock } from '../base/clock.ts';
import { BAD_REQUEST, KsqlError } from '../engine/service/ksql-error.ts';
import { decodedBody, decodedStream } from './content-coding.ts';
import type { NodeBindings } from './port.ts';

export type IncomingBody = NodeBindings['incoming'];

export interface BodyLimits {
  readonly clock: Clock;
  readonly maxBytes: number;
  /** For the whole body; a sender slower than this is turned away. */
  readonly timeoutMs: number;
}

/**
 * The whole body as text. Rejects with 413 beyond `maxBytes`, which bounds what is unpacked too, and with 408 when it does
 * not arrive in time. Taken from node's own stream: a web stream for each request costs more than a pull query by key.
 */
export function readText(incoming: IncomingBody, limits: BodyLimits): Promise<string> {
  const { maxBytes, timeoutMs, clock } = limits;
  return new Promise((resolve, reject) => {
    if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) {
      reject(tooLarge(maxBytes));
      return;
    }
    const body = decodedBody(incoming);
    const chunks: Buffer[] = [];
    let length = 0;
    const timer = clock.after(timeoutMs, () =>
      refuse(new KsqlError(40800, `The request body did not arrive within ${timeoutMs} ms.`)),
    );
    const take = (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) refuse(tooLarge(maxBytes));
      else chunks.push(chunk);
    };
    const finish = () => {
      const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length);
      if (!isUtf8(bytes)) return refuse(new KsqlError(BAD_REQUEST, 'The request body is not UTF-8.'));
      leave();
      resolve(bytes.toString());
    };
    const refuse = (error: Error) => {
      leave();
      // The refusal is on its way; the rest of the body is let go by.
      if (body !== incoming) {
        incoming.unpipe();
        body.on('error', () => {}).destroy();
      }
      incoming.resume();
      reject(error);
    };
    const cut = () => refuse(new KsqlError(BAD_REQUEST, 'The request body ended before it was complete.'));
    const fail = ({ code, message }: NodeJS.ErrnoException) =>
      code?.startsWith('Z_')
        ? refuse(new KsqlError(BAD_REQUEST, `The request body cannot be unpacked: ${message}.`))
        : cut();
    const leave = () => {
      timer.cancel();
      body.off('data', take).off('end', finish).off('error', fail).off('close', cut);
    };
    body.on('data', take).on('end', finish).on('error', fail).on('close', cut);
  });
}

/** The body as a JSON object. Rejects with 400 for anything else. */
export async function readJsonObject(
  incoming: IncomingBody,
  limits: BodyLimits,
): Promise<Record<string, unknown>> {
  return parseJsonObject(await readText(incoming, limits), 'The request body');
}

export function parseJsonObject(text: string, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new KsqlError(BAD_REQUEST, `${what} is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new KsqlError(BAD_REQUEST, `${what} must be a JSON object.`);
  return value as Record<string, unknown>;
}

function tooLarge(maxBytes: number): KsqlError {
  return new KsqlError(41300, `The request body is larger than ${maxBytes} bytes.`);
}

/**
 * Lines of a body that arrives bit by bit, with the same limit for each line. Ends with the body;
 * a last line without its newline counts.
 */
export async function* readLines(request: Request, maxLineBytes: number): AsyncGenerator<string> {
  const body = decodedStream(request);
  if (!body) return;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of body) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let start = 0;
    for (;;) {
      const end = rest.indexOf(10, start);
      if (end < 0) break;
      const line = lineText(rest.subarray(start, end));
      start = end + 1;
      if (line !== '') yield line;
    }
    rest = rest.subarray(start);
    if (rest.length > maxLineBytes) throw tooLarge(maxLineBytes);
  }
  const last = lineText(rest);
  if (last !== '') yield last;
}

function lineText(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new KsqlError(BAD_REQUEST, 'A line of the request body is not UTF-8.');
  return bytes.toString().trim();
}
