import type { Clock } from '../../base/clock.ts';
import type { ClientQuotas } from './client-quotas.ts';
import type { QuotaEntity, QuotaKey } from './quota-entity.ts';
import { TokenBucket } from './token-bucket.ts';
import { WindowedRate } from './windowed-rate.ts';

/** How rates are measured: quota.window.num and the like. */
export interface QuotaWindows {
  readonly count: number;
  readonly ms: number;
}

/** One client of a quota: quotas know users and client ids. */
export interface QuotaClient {
  readonly user: string;
  readonly clientId: string;
}

interface Limit {
  readonly perSecond: number;
  /** Who shares it. */
  readonly bucket: string;
}

type ClientLimits = { readonly [Key in QuotaKey]?: Limit };

/** A throttled client would rather come back than wait for ever for a quota near zero. */
const LONGEST_MS = 3_600_000;

/**
 * Measures what clients use and says how long they have to be silent. Without quotas it is asked nothing:
 * `concernsClients` is one look at a flag.
 *
 * A client is limited by the nearest quota, and shares it with whom that quota is for:
 *
 *     user + client id  >  user + any client id  >  user  >  any user + client id  >  any user + any client id
 *       >  any user  >  client id  >  any client id
 */
export class QuotaEnforcer {
  readonly #quotas: ClientQuotas;
  readonly #clock: Clock;
  readonly #windows: () => QuotaWindows;
  readonly #mutationWindows: () => QuotaWindows;
  readonly #limits = new Map<string, ClientLimits>();
  readonly #rates = new Map<string, WindowedRate>();
  readonly #tokens = new Map<string, TokenBucket>();
  #version = 0;

  constructor(deps: {
    readonly quotas: ClientQuotas;
    readonly clock: Clock;
    readonly windows: () => QuotaWindows;
    readonly mutationWindows: () => QuotaWindows;
  }) {
    this.#quotas = deps.quotas;
    this.#clock = deps.clock;
    this.#windows = deps.windows;
    this.#mutationWindows = deps.mutationWindows;
  }

  get concernsClients(): boolean {
    return this.#quotas.concernsClients;
  }

  /** Counts bytes produced or consumed; the answer is how long the client has to be silent. */
  bytes(key: 'producer_byte_rate' | 'consumer_byte_rate', client: QuotaClient, bytes: number): number {
    return Math.min(LONGEST_MS, this.#count(key, client, bytes));
  }

  /** Counts time in which the server worked for a client; 100 percent is one second each second. */
  time(client: QuotaClient, ms: number): number {
    return Math.min(this.#windows().ms, this.#count('request_percentage', client, ms / 10));
  }

  /** What a client may be given at once, so that one answer does not outgrow all windows. */
  mostBytes(client: QuotaClient): number {
    const limit = this.#limitsOf(client).consumer_byte_rate;
    if (limit === undefined) return Number.POSITIVE_INFINITY;
    const { count, ms } = this.#windows();
    return Math.max(1, Math.floor((limit.perSecond * (count - 1) * ms) / 1000));
  }

  /** What a client may change of topics; undefined when it has no quota for it. */
  mutations(client: QuotaClient): { waitMs(): number; take(count: number): void } | undefined {
    const limit = this.#limitsOf(client).controller_mutation_rate;
    if (limit === undefined) return undefined;
    const nowMs = () => this.#clock.monotonicMs();
    const { count, ms } = this.#mutationWindows();
    let bucket = this.#tokens.get(limit.bucket);
    if (bucket === undefined) {
      bucket = new TokenBucket(limit.perSecond, (count * ms) / 1000, nowMs());
      this.#tokens.set(limit.bucket, bucket);
    }
    return { waitMs: () => bucket.waitMs(nowMs()), take: (taken) => bucket.take(taken, nowMs()) };
  }

  /** Counts a connection; the answer is how long this address has to wait for its next. */
  connection(address: string): number {
    if (!this.#quotas.concernsAddresses) return 0;
    this.#refresh();
    const perSecond =
      this.#quotas.find({ ip: address }, 'connection_creation_rate') ??
      this.#quotas.find({ ip: null }, 'connection_creation_rate');
    if (perSecond === undefined) return 0;
    const rate = this.#rate(`ip ${address}`);
    const nowMs = this.#clock.monotonicMs();
    rate.record(1, nowMs);
    return Math.min(this.#windows().ms, rate.excessMs(perSecond, nowMs));
  }

  #count(key: QuotaKey, client: QuotaClient, amount: number): number {
    const limit = this.#limitsOf(client)[key];
    if (limit === undefined) return 0;
    const rate = this.#rate(limit.bucket);
    const nowMs = this.#clock.monotonicMs();
    rate.record(amount, nowMs);
    return rate.excessMs(limit.perSecond, nowMs);
  }

  #limitsOf(client: QuotaClient): ClientLimits {
    this.#refresh();
    const key = JSON.stringify([client.user, client.clientId]);
    let limits = this.#limits.get(key);
    if (limits === undefined) {
      limits = this.#resolve(client);
      if (this.#limits.size >= MOST_CLIENTS) this.#limits.clear();
      this.#limits.set(key, limits);
    }
    return limits;
  }

  /** What was derived from quotas before a change is derived anew; what was measured stays. */
  #refresh(): void {
    if (this.#version === this.#quotas.version) return;
    this.#version = this.#quotas.version;
    this.#limits.clear();
    this.#tokens.clear();
  }

  #resolve({ user, clientId }: QuotaClient): ClientLimits {
    const places: readonly (readonly [entity: QuotaEntity, sharedBy: readonly string[]])[] = [
      [{ user, 'client-id': clientId }, [user, clientId]],
      [{ user, 'client-id': null }, [user, clientId]],
      [{ user }, [user]],
      [{ user: null, 'client-id': clientId }, [user, clientId]],
      [{ user: null, 'client-id': null }, [user, clientId]],
      [{ user: null }, [user]],
      [{ 'client-id': clientId }, ['', clientId]],
      [{ 'client-id': null }, ['', clientId]],
    ];
    const limits: { [Key in QuotaKey]?: Limit } = {};
    for (const [entity, sharedBy] of places) {
      for (const key of CLIENT_KEYS) {
        const perSecond = this.#quotas.find(entity, key);
        if (perSecond !== undefined)
          limits[key] ??= { perSecond, bucket: `${key} ${JSON.stringify(sharedBy)}` };
      }
    }
    return limits;
  }

  #rate(bucket: string): WindowedRate {
    let rate = this.#rates.get(bucket);
    if (rate === undefined) {
      if (this.#rates.size >= MOST_CLIENTS) this.#forgetIdle();
      const { count, ms } = this.#windows();
      rate = new WindowedRate(count, ms);
      this.#rates.set(bucket, rate);
    }
    return rate;
  }

  #forgetIdle(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [bucket, rate] of this.#rates) {
      rate.forget(nowMs);
      if (rate.isIdle) this.#rates.delete(bucket);
    }
  }
}

const CLIENT_KEYS = [
  'producer_byte_rate',
  'consumer_byte_rate',
  'request_percentage',
  'controller_mutation_rate',
] as const;

/** Client ids are whatever clients say: idle ones must not pile up. */
const MOST_CLIENTS = 10_000;
