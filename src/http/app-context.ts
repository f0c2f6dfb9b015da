import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { type Identify, identifier, type TopicAccess, type User } from './auth.ts';
import type { BodyLimits } from './body.ts';
import { type PageGuard, pageGuard } from './page-guard.ts';

/** What the HTTP ports have in common. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly maxConnections: number;
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
  /** With users, every request must name one. */
  readonly users: readonly User[];
  /** Value of access-control-allow-origin: an origin or `*`. */
  readonly allowOrigin?: string | undefined;
  /** See `PageGuardOptions`. */
  readonly allowedHosts?: readonly string[] | undefined;
}

/** What all answers of one port have in common. */
export interface AppContext {
  readonly logger: Logger;
  readonly limits: BodyLimits;
  readonly allowOrigin: string | undefined;
  readonly identify: Identify;
  readonly guard: PageGuard;
}

export function appContext(
  options: ListenOptions,
  parts: { readonly clock: Clock; readonly logger: Logger; readonly topicAccess?: TopicAccess | undefined },
): AppContext {
  const { clock, logger, topicAccess } = parts;
  return {
    logger,
    limits: { clock, maxBytes: options.maxBodyBytes, timeoutMs: options.bodyTimeoutMs },
    allowOrigin: options.allowOrigin,
    identify: identifier(options.users, topicAccess),
    guard: pageGuard(options),
  };
}
