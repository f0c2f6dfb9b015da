import type { Buffer } from 'node:buffer';
import { type Clock, sleep } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { Access } from '../access.ts';
import { SaslError, type SaslExchange, type SaslIdentity, type SaslMechanism } from './sasl-mechanism.ts';

/** How clients of one listener prove who they are. */
export interface SaslSettings {
  /** In the order they are told of. */
  readonly mechanisms: readonly SaslMechanism[];
  /** connections.max.reauth.ms of a mechanism; 0: a session lasts as long as its connection. */
  readonly maxReauthMs: (mechanism: string) => number;
  /** connection.failed.authentication.delay.ms: how long a client waits to hear that it failed. */
  readonly failureDelayMs: number;
  /** sasl.server.max.receive.size: of clients that have not proved anything. */
  readonly maxReceiveBytes: number;
}

export interface SaslSessionOptions extends SaslSettings {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly host: string;
  readonly accessOf: (principal: string) => Access;
  /** The client may ask for anything from now on. */
  readonly onOpen: () => void;
  /** The connection is to be closed once what is under way is answered. */
  readonly onFailed: () => void;
}

export type SaslAnswer =
  | { readonly error: 'NONE'; readonly reply: Buffer; readonly sessionLifetimeMs: number }
  | { readonly error: ErrorName; readonly message: string };

/** KIP-368: more often than that is an attack or a mistake. */
const MIN_REAUTH_INTERVAL_MS = 1000;

/**
 * Who one client of a SASL listener is.
 *
 *     handshake ──mechanism──> exchange ──last token──> open ──handshake (KIP-368)──> exchange ...
 *                                 └──────── wrong ────> failed
 *
 * Invariant: `access` is there exactly while the client has proved who it is.
 */
export class SaslSession {
  readonly #options: SaslSessionOptions;
  #state: 'handshake' | 'exchange' | 'open' | 'failed' = 'handshake';
  #access: Access | undefined;
  #mechanism: SaslMechanism | undefined;
  #exchange: SaslExchange | undefined;
  /** Handshake v0: tokens follow as they are, without Kafka's headers. */
  #isRaw = false;
  #isRepeated = false;
  #begunMs = Number.NEGATIVE_INFINITY;
  /** On the monotonic clock. */
  #expiresMs = Number.POSITIVE_INFINITY;

  constructor(options: SaslSessionOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get takesRawTokens(): boolean {
    return this.#state === 'exchange' && this.#isRaw;
  }

  /** What the session is waiting for, to tell a client that sends something else. */
  get isBetweenTokens(): boolean {
    return this.#state === 'exchange';
  }

  get access(): Access | undefined {
    return this.#access;
  }

  get isExpired(): boolean {
    return this.#options.clock.monotonicMs() > this.#expiresMs;
  }

  get mechanismNames(): readonly string[] {
    return this.#options.mechanisms.map(({ name }) => name);
  }

  /** Whether a handshake now begins a re-authentication. */
  mayRepeat(): boolean {
    return this.#options.clock.monotonicMs() - this.#begunMs >= MIN_REAUTH_INTERVAL_MS;
  }

  handshake(name: string, isRaw: boolean): ErrorName {
    if (this.#state === 'exchange' || this.#state === 'failed') return 'ILLEGAL_SASL_STATE';
    if (this.#state === 'open' && !this.mayRepeat()) return 'ILLEGAL_SASL_STATE';
    const mechanism = this.#options.mechanisms.find((each) => each.name === name);
    if (mechanism === undefined) {
      this.#fail(`the mechanism ${name} is not enabled`);
      return 'UNSUPPORTED_SASL_MECHANISM';
    }
    this.#isRepeated = this.#state === 'open';
    if (this.#isRepeated && mechanism !== this.#mechanism) {
      const before = this.#mechanism!.name;
      this.#exchange = refusal(
        `SASL mechanism '${name}' requested by client is not supported for re-authentication of mechanism '${before}'`,
      );
    } else this.#exchange = mechanism.begin();
    this.#mechanism = mechanism;
    this.#isRaw = isRaw;
    this.#begunMs = this.#options.clock.monotonicMs();
    this.#state = 'exchange';
    return 'NONE';
  }

  async authenticate(token: Buffer): Promise<SaslAnswer> {
    if (this.#state !== 'exchange') {
      const message = 'SaslAuthenticate request received after successful authentication';
      return { error: 'ILLEGAL_SASL_STATE', message };
    }
    try {
      const { reply, identity } = await this.#exchange!.next(token);
      const sessionLifetimeMs = identity === undefined ? 0 : this.#open(identity);
      return { error: 'NONE', reply, sessionLifetimeMs };
    } catch (error) {
      if (!(error instanceof SaslError)) throw error;
      const word = this.#isRepeated ? 're-authentication' : 'authentication';
      const generic = `Authentication failed during ${word} due to invalid credentials with SASL mechanism ${this.#mechanism!.name}`;
      this.#state = 'failed';
      await sleep(this.#options.clock, this.#options.failureDelayMs);
      this.#fail(error.message);
      return { error: 'SASL_AUTHENTICATION_FAILED', message: error.told ?? generic };
    }
  }

  /** How long the session may last from now on; 0: for ever. */
  #open(identity: SaslIdentity): number {
    const { clock, accessOf, maxReauthMs, logger, host } = this.#options;
    const principal = `User:${identity.user}`;
    if (this.#access !== undefined && this.#access.principal !== principal) {
      const message = `Cannot change principals during re-authentication from ${this.#access.principal} to ${principal}`;
      throw new SaslError(message, message);
    }
    this.#access ??= accessOf(principal);
    this.#state = 'open';
    const mechanism = this.#mechanism!.name;
    logger.debug('authenticated', { principal, host, mechanism });
    this.#options.onOpen();
    const limits = [];
    if (maxReauthMs(mechanism) > 0) limits.push(maxReauthMs(mechanism));
    if (identity.expiresAtMs !== undefined) limits.push(identity.expiresAtMs - clock.nowMs());
    const lifetimeMs = Math.max(0, Math.floor(Math.min(Number.POSITIVE_INFINITY, ...limits)));
    this.#expiresMs = clock.monotonicMs() + lifetimeMs;
    return limits.length === 0 ? 0 : lifetimeMs;
  }

  #fail(reason: string): void {
    this.#state = 'failed';
    const { logger, host, onFailed } = this.#options;
    logger.info('authentication failed', { host, mechanism: this.#mechanism?.name, reason });
    onFailed();
  }
}

function refusal(message: string): SaslExchange {
  return {
    next: () => {
      throw new SaslError(message, message);
    },
  };
}
