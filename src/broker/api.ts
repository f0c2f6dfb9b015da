import type { Draft } from '../protocol/draft.ts';
import { API_KEYS, type ApiName, type Requests, type Responses } from '../protocol/messages.gen.ts';
import type { Access } from './access.ts';
import type { SaslSession } from './security/sasl-session.ts';

/** Filled in by ApiVersions; of other connections empty. */
export interface ClientSoftware {
  name: string;
  version: string;
}

/** What a handler may know about where its request came from. */
export interface RequestContext {
  readonly apiVersion: number;
  readonly clientId: string | null;
  readonly connectionId: number;
  readonly clientHost: string;
  readonly clientPort: number;
  /** What the client at the other end of the connection is, once ApiVersions has told (KIP-511). */
  readonly software: ClientSoftware;
  readonly access: Access;
  /** Of clients of SASL listeners. */
  readonly sasl?: SaslSession;
  /** The address this client is told to connect to. */
  readonly listener: { readonly host: string; readonly port: number };
  /** Aborted when the connection or the server ends: whoever waits on behalf of this client should answer now. */
  readonly ended: AbortSignal;
  /** What this client may still change of topics; undefined when no quota limits it (KIP-599). */
  readonly mutations?: MutationQuota | undefined;
  /** How much record data an answer may carry now, given what other clients have not yet taken. */
  maxResponseBytes(): number;
}

/** An allowance for creating, growing and deleting topics, counted in partitions. */
export interface MutationQuota {
  /** Until there is something of it again; 0 when there is. */
  waitMs(): number;
  /** May overdraw it. */
  take(partitions: number): void;
}

/** `null` sends no response (Produce with acks=0). */
type Answer<Name extends ApiName> = Draft<Responses[Name]> | null;

export type Handler<Name extends ApiName> = (
  request: Requests[Name],
  context: RequestContext,
) => Answer<Name> | Promise<Answer<Name>>;

/**
 * One Kafka API: what is advertised and what it does. ApiVersions and dispatch are derived from the list of
 * these. A handler answers errors as response data; one that throws ends the connection.
 */
export interface Api<Name extends ApiName = ApiName> {
  readonly name: Name;
  readonly key: number;
  /** The advertised versions; Produce alone accepts fewer (see apis/00-produce.ts). */
  readonly versions: readonly [first: number, last: number];
  /** What is advertised is accepted, even from before what Kafka 4.1 knows. */
  readonly acceptsOldVersions?: true;
  /**
   * A request may start while earlier ones of the same API on its connection are unfinished: its effect is made
   * before `handle` returns, only the answer comes later. All other requests wait for those before them.
   */
  readonly overlaps: boolean;
  /** Nobody refers to the bytes of a request any more when it has been answered, but who holds them (BufferPool). */
  readonly letsGo: boolean;
  handle(request: Requests[Name], context: RequestContext): Answer<Name> | Promise<Answer<Name>>;
}

/**
 * Files are named `apis/NN-name.ts` and export a factory that takes the narrow dependencies it needs:
 *
 *     export const produce = (deps: {...}): Api => api('Produce', [0, 13], async (request, context) => ({...}));
 */
export function api<Name extends ApiName>(
  name: Name,
  versions: readonly [first: number, last: number],
  handle: Handler<Name>,
  options: { readonly overlaps?: boolean; readonly letsGo?: boolean } = {},
): Api {
  // Dispatch decodes by `name`, so the handler only ever sees requests of its own API.
  const { overlaps = false, letsGo = false } = options;
  return { name, key: API_KEYS[name], versions, overlaps, letsGo, handle } as Api<Name> as unknown as Api;
}
