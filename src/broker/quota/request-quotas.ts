import type { Clock } from '../../base/clock.ts';
import type { Draft } from '../../protocol/draft.ts';
import type { ApiName, FetchResponse, Responses } from '../../protocol/messages.gen.ts';
import type { RequestContext } from '../api.ts';
import type { ConnectionContext } from '../dispatcher.ts';
import type { QuotaClient, QuotaEnforcer } from './quota-enforcer.ts';

type Answer = Draft<Responses[ApiName]> | null;
type Context = ConnectionContext & Pick<RequestContext, 'apiVersion' | 'clientId'>;

/** Applies quotas to requests: the answer tells how long the client is not heard, and its connection is muted for it. */
export class RequestQuotas {
  readonly #enforcer: QuotaEnforcer;
  readonly #clock: Clock;

  constructor(enforcer: QuotaEnforcer, clock: Clock) {
    this.#enforcer = enforcer;
    this.#clock = clock;
  }

  /** Undefined while no client has a quota: then a request costs nothing but this call. */
  begin(api: ApiName, requestBytes: number, context: Context): LimitedRequest | undefined {
    if (!this.#enforcer.concernsClients) return undefined;
    return new LimitedRequest(this.#enforcer, this.#clock, api, requestBytes, context);
  }
}

/** One request of a client that may have a quota. */
class LimitedRequest {
  readonly context: RequestContext;
  readonly #enforcer: QuotaEnforcer;
  readonly #clock: Clock;
  readonly #api: ApiName;
  readonly #requestBytes: number;
  readonly #connection: ConnectionContext;
  readonly #client: QuotaClient;
  readonly #startedAtMs: number;
  #throttleMs = 0;

  constructor(enforcer: QuotaEnforcer, clock: Clock, api: ApiName, requestBytes: number, context: Context) {
    this.#enforcer = enforcer;
    this.#clock = clock;
    this.#api = api;
    this.#requestBytes = requestBytes;
    this.#connection = context;
    const { principal } = context.access;
    const client = { user: principal.slice(principal.indexOf(':') + 1), clientId: context.clientId ?? '' };
    this.#client = client;
    this.#startedAtMs = clock.monotonicMs();
    this.context = {
      ...context,
      mutations: enforcer.mutations(client),
      maxResponseBytes: () => Math.min(context.maxResponseBytes(), enforcer.mostBytes(client)),
    };
  }

  /** The handler has done what it does at once; waiting for disks and other clients costs nobody time. */
  worked(): void {
    this.#throttleMs = this.#enforcer.time(this.#client, this.#clock.monotonicMs() - this.#startedAtMs);
  }

  /** The answer with the time it has to tell; from now on the connection is muted for it. */
  end(answer: Answer): Answer {
    const own = (answer as { readonly throttleTimeMs?: number } | null)?.throttleTimeMs ?? 0;
    const throttleTimeMs = Math.ceil(Math.max(own, this.#throttleMs, this.#bytesMs(answer)));
    if (throttleTimeMs === 0) return answer;
    this.#connection.throttle(throttleTimeMs);
    return answer === null ? null : { ...answer, throttleTimeMs };
  }

  #bytesMs(answer: Answer): number {
    if (this.#api === 'Produce')
      return this.#enforcer.bytes('producer_byte_rate', this.#client, this.#requestBytes);
    const isFetch = this.#api === 'Fetch' || this.#api === 'ShareFetch';
    if (!isFetch || answer === null) return 0;
    return this.#enforcer.bytes(
      'consumer_byte_rate',
      this.#client,
      recordBytes(answer as Draft<FetchResponse>),
    );
  }
}

function recordBytes({ responses = [] }: Draft<FetchResponse>): number {
  let bytes = 0;
  for (const { partitions = [] } of responses)
    for (const { records } of partitions) bytes += records?.length ?? 0;
  return bytes;
}
