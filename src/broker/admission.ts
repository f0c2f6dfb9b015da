import type { Clock } from '../base/clock.ts';
import type { QuotaWindows } from './quota/quota-enforcer.ts';
import { WindowedRate } from './quota/windowed-rate.ts';

/** How many connections may be, read anew for each so that a change counts at once. */
export interface AdmissionLimits {
  /** max.connections */
  readonly most: number;
  /** max.connections.per.ip and its overrides, by address. */
  readonly mostPerAddress: number;
  readonly overrides: ReadonlyMap<string, number>;
  /** max.connection.creation.rate */
  readonly perSecond: number;
}

export type Admission =
  /** Counted in until `leave`; served after the wait. */
  | { readonly admitted: true; readonly waitMs: number }
  /** Not counted; closed after the wait, so that who asks too often is slowed down. */
  | { readonly admitted: false; readonly waitMs: number; readonly reason: string };

/**
 * Decides on new connections. Above a number they are closed, since waiting would keep what they need anyway; above a rate
 * they wait for their turn; addresses above the rate of their quota wait and are then closed, as with Kafka (KIP-612).
 */
export class Admissions {
  readonly #limits: () => AdmissionLimits;
  readonly #windows: () => QuotaWindows;
  readonly #clock: Clock;
  readonly #addressWaitMs: (address: string) => number;
  readonly #perAddress = new Map<string, number>();
  #count = 0;
  #rate: WindowedRate | undefined;

  constructor(deps: {
    readonly limits: () => AdmissionLimits;
    readonly windows: () => QuotaWindows;
    readonly clock: Clock;
    /** Counts a connection against the quota of its address. */
    readonly addressWaitMs: (address: string) => number;
  }) {
    this.#limits = deps.limits;
    this.#windows = deps.windows;
    this.#clock = deps.clock;
    this.#addressWaitMs = deps.addressWaitMs;
  }

  admit(address: string): Admission {
    const { most, mostPerAddress, overrides, perSecond } = this.#limits();
    const refused = (reason: string, waitMs = 0): Admission => ({ admitted: false, waitMs, reason });
    if (this.#count >= most) return refused(`max.connections=${most} reached`);
    const ofAddress = this.#perAddress.get(address) ?? 0;
    const mostOfAddress = overrides.get(address) ?? mostPerAddress;
    if (ofAddress >= mostOfAddress)
      return refused(`max.connections.per.ip=${mostOfAddress} reached for ${address}`);
    const addressWaitMs = this.#addressWaitMs(address);
    if (addressWaitMs > 0) return refused(`${address} is above its connection_creation_rate`, addressWaitMs);
    this.#count++;
    this.#perAddress.set(address, ofAddress + 1);
    return { admitted: true, waitMs: this.#waitMs(perSecond) };
  }

  leave(address: string): void {
    this.#count--;
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, left);
  }

  #waitMs(perSecond: number): number {
    // The default is so large that nothing can reach it.
    if (perSecond >= 0x7fff_ffff) return 0;
    const { count, ms } = this.#windows();
    this.#rate ??= new WindowedRate(count, ms);
    const nowMs = this.#clock.monotonicMs();
    this.#rate.record(1, nowMs);
    return this.#rate.excessMs(perSecond, nowMs);
  }
}

/** `address:number` pairs as in max.connections.per.ip.overrides. */
export function parseOverrides(text: string): ReadonlyMap<string, number> {
  const overrides = new Map<string, number>();
  for (const pair of text.split(',')) {
    const colon = pair.lastIndexOf(':');
    if (colon < 0) continue;
    const host = pair.slice(0, colon).trim();
    const most = Number(pair.slice(colon + 1));
    for (const address of host === 'localhost' ? ['127.0.0.1', '::1'] : [host]) overrides.set(address, most);
  }
  return overrides;
}
