import type { Buffer } from 'node:buffer';
import { errorCode } from '../protocol/errors.ts';
import {
  apiName,
  decodeRequest,
  decodeRequestHeader,
  encodeResponse,
  type RequestHeader,
} from '../protocol/frame.ts';
import { MESSAGES } from '../protocol/messages.gen.ts';
import { ProtocolError } from '../protocol/protocol-error.ts';
import type { Api, RequestContext } from './api.ts';
import { ConnectionError } from './connection-error.ts';
import type { RequestQuotas } from './quota/request-quotas.ts';
import type { RequestMetrics } from './request-metrics.ts';

/** What of a request's context belongs to its connection. */
export type ConnectionContext = Omit<RequestContext, 'apiVersion' | 'clientId' | 'mutations'> & {
  /** Nothing more of this client is read for so long (KIP-219). */
  throttle(ms: number): void;
};

/** A response frame, or null when the request gets none. */
export type Response = Buffer[] | null;

/** What a connection does with its frames. */
export interface FrameHandler {
  /** Whether this request may start while requests of the same API before it are unfinished. */
  overlaps(frame: Buffer): boolean;
  /** Whether the memory of this frame may be given back once it is answered. */
  letsGo(frame: Buffer): boolean;
  /** Throws or rejects with ConnectionError when the connection must end. */
  handle(frame: Buffer, connection: ConnectionContext): Response | Promise<Response>;
}

/** From a request frame to its API and back to a response frame. The only list of what is served. */
export class Dispatcher implements FrameHandler {
  readonly #apis = new Map<number, Api>();
  readonly #metrics: RequestMetrics;
  readonly #quotas: RequestQuotas | undefined;

  constructor(apis: readonly Api[], metrics: RequestMetrics, quotas?: RequestQuotas) {
    for (const api of apis) this.#apis.set(api.key, api);
    this.#metrics = metrics;
    this.#quotas = quotas;
  }

  overlaps(frame: Buffer): boolean {
    return frame.length >= 2 && this.#apis.get(frame.readInt16BE(0))?.overlaps === true;
  }

  letsGo(frame: Buffer): boolean {
    return frame.length >= 2 && this.#apis.get(frame.readInt16BE(0))?.letsGo === true;
  }

  handle(frame: Buffer, connection: ConnectionContext): Response | Promise<Response> {
    const header = parse(() => decodeRequestHeader(frame));
    const { apiVersion, clientId } = header;
    const api = this.#apis.get(header.apiKey);
    if (api === undefined) throw unsupported(header);
    if (!accepts(api, apiVersion)) {
      if (api.name === 'ApiVersions') return refuseApiVersions(api, header);
      throw unsupported(header);
    }
    const metrics = this.#metrics.of(api.name);
    const receivedAtMs = metrics.received(apiVersion, frame.length);
    const request = parse(() => decodeRequest(api.name, apiVersion, frame, header.bodyPosition));
    const context = { ...connection, apiVersion, clientId };
    const quota = this.#quotas?.begin(api.name, frame.length, context);
    const result = api.handle(request, quota?.context ?? context);
    quota?.worked();
    const respond = (answer: Awaited<typeof result>) => {
      const message = quota === undefined ? answer : quota.end(answer);
      const response =
        message === null ? null : encodeResponse(api.name, apiVersion, header.correlationId, message);
      metrics.answered(receivedAtMs, message, response);
      return response;
    };
    return result instanceof Promise ? result.then(respond) : respond(result);
  }
}

function parse<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw error instanceof ProtocolError ? new ConnectionError(error.message) : error;
  }
}

/** Produce is advertised from 0 for old librdkafka (KAFKA-18659), but its table begins at 3. */
function accepts(api: Api, version: number): boolean {
  const [firstKnown] = MESSAGES[`${api.name}Request`].versions;
  const first = api.acceptsOldVersions ? api.versions[0] : Math.max(api.versions[0], firstKnown);
  return version >= first && version <= api.versions[1];
}

/** KIP-511: answered as version 0, which every client can read, so that it can ask again. */
function refuseApiVersions({ key, versions }: Api, { correlationId }: RequestHeader): Buffer[] {
  const apiKeys = [{ apiKey: key, minVersion: versions[0], maxVersion: versions[1] }];
  return encodeResponse('ApiVersions', 0, correlationId, {
    errorCode: errorCode('UNSUPPORTED_VERSION'),
    apiKeys,
  });
}

function unsupported({ apiKey, apiVersion, clientId }: RequestHeader): ConnectionError {
  const name = apiName(apiKey) ?? `API key ${apiKey}`;
  return new ConnectionError(
    `${name} version ${apiVersion} is not supported (client id ${JSON.stringify(clientId)})`,
  );
}
