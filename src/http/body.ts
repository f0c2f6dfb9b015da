import { Buffer } from 'node:buffer';
import type { Clock } from '../base/clock.ts';
import { BAD_REQUEST, KsqlError } from '../engine/service/ksql-error.ts';

export interface BodyLimits {
  readonly clock: Clock;
  readonly maxBytes: number;
  /** For the whole body; a sender slower than this is turned away. */
  readonly timeoutMs: number;
}

/** The whole body as text. Rejects with 413 beyond `maxBytes`, with 408 when it does not arrive in time. */
export async function readText(request: Request, limits: BodyLimits): Promise<string> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > limits.maxBytes) throw tooLarge(limits.maxBytes);
  if (!request.body) return '';
  const reader = request.body.getReader();
  const late = Promise.withResolvers<never>();
  const timer = limits.clock.after(limits.timeoutMs, () => {
    late.reject(new KsqlError(40800, `The request body did not arrive within ${limits.timeoutMs} ms.`));
  });
  // Nobody waits for it once the body is there.
  late.promise.catch(() => {});
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late.promise]);
      if (done) break;
      length += value.length;
      if (length > limits.maxBytes) throw tooLarge(limits.maxBytes);
      chunks.push(value);
    }
  } catch (error) {
    // The refusal is on its way; how the rest of the body ends changes nothing.
    reader.cancel().catch(() => {});
    throw error;
  } finally {
    timer.cancel();
  }
  return Buffer.concat(chunks, length).toString();
}

/** The body as a JSON object. Rejects with 400 for anything else. */
export async function readJsonObject(request: Request, limits: BodyLimits): Promise<Record<string, unknown>> {
  return parseJsonObject(await readText(request, limits), 'The request body');
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
  if (!request.body) return;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of request.body as ReadableStream<Uint8Array>) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let start = 0;
    for (;;) {
      const end = rest.indexOf(10, start);
      if (end < 0) break;
      const line = rest.toString('utf8', start, end).trim();
      start = end + 1;
      if (line !== '') yield line;
    }
    rest = rest.subarray(start);
    if (rest.length > maxLineBytes) throw tooLarge(maxLineBytes);
  }
  const last = rest.toString().trim();
  if (last !== '') yield last;
}
