import type { MiddlewareHandler } from 'hono';
import { FORBIDDEN, KsqlError, UNAUTHORIZED } from '../engine/service/ksql-error.ts';
import type { AppContext } from './app-context.ts';
import type { AppTypes } from './app-types.ts';
import { preflight } from './preflight.ts';

/** What asks whether the server lives has no password, and is told nothing else. */
const PROBES: ReadonlySet<string> = new Set(['/chc/live', '/chc/ready']);

/** Stands before every handler: pages of other sites are sent away, preflights answered, and the asker becomes somebody. */
export function admission(
  { guard, allowOrigin, identify }: AppContext,
  methods?: string,
): MiddlewareHandler<AppTypes> {
  return async (c, next) => {
    const foreign = guard(c.env.incoming.headers);
    if (foreign !== undefined) throw new KsqlError(FORBIDDEN, foreign);
    if (allowOrigin) {
      c.header('access-control-allow-origin', allowOrigin);
      // A preflight carries no credentials, so it is answered before they are asked for.
      if (c.req.method === 'OPTIONS') return preflight(c.req.raw, allowOrigin, methods);
    }
    if (PROBES.has(c.req.path)) return next();
    const access = identify(c.req.header('authorization'), c.env.incoming.socket.remoteAddress ?? '');
    if (!access) throw new KsqlError(UNAUTHORIZED, 'This server needs a user name and a password.');
    c.set('access', access);
    return next();
  };
}
