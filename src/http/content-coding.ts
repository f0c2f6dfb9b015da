import type { Readable, Transform } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { KsqlError, UNSUPPORTED_MEDIA_TYPE } from '../engine/service/ksql-error.ts';
import type { IncomingBody } from './body.ts';

const DECODERS: Readonly<Record<'gzip' | 'deflate', () => Transform>> = {
  gzip: createGunzip,
  deflate: createInflate,
};

/** What a client has sent, as it was before it was compressed. Throws 415 for a coding that is not known here. */
export function decodedBody(incoming: IncomingBody): Readable {
  const coding = codingOf(incoming.headers['content-encoding']);
  if (coding === 'identity') return incoming;
  const decoder = DECODERS[coding]();
  // A client that leaves in the middle would leave the decoder waiting.
  incoming.once('close', () => {
    if (!incoming.readableEnded) decoder.destroy();
  });
  return incoming.pipe(decoder);
}

/** As {@link decodedBody}, of a web request. */
export function decodedStream({ body, headers }: Request): ReadableStream<Uint8Array> | null {
  const coding = codingOf(headers.get('content-encoding'));
  if (coding === 'identity' || !body) return body;
  return (body as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(new DecompressionStream(coding));
}

/** RFC 9110 section 8.4.1. */
function codingOf(header: string | null | undefined): 'identity' | 'gzip' | 'deflate' {
  switch (header?.trim().toLowerCase() ?? '') {
    case '':
    case 'identity':
      return 'identity';
    case 'gzip':
    case 'x-gzip':
      return 'gzip';
    case 'deflate':
      return 'deflate';
    default:
      throw new KsqlError(
        UNSUPPORTED_MEDIA_TYPE,
        `A request body in the content coding ${header} cannot be read; gzip and deflate can, and a body as it is.`,
      );
  }
}
