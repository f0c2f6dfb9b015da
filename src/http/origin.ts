import type { IncomingHttpHeaders } from 'node:http';

/**
 * Why a request is refused that a page of another site has made its reader's browser send; undefined: it may pass. Browsers
 * send some requests, and open WebSockets, without asking first, and only then keep the answer from the page: a server
 * without users, which listens on loopback, would do what any page says. They always tell the page's origin with those (RFC
 * 6454 section 7; Fetch section 3.2), and what is no browser tells none.
 */
export function foreignOrigin(
  headers: IncomingHttpHeaders,
  allowOrigin: string | undefined,
): string | undefined {
  const { origin } = headers;
  if (origin === undefined || allowOrigin === '*' || origin === allowOrigin) return undefined;
  const host = headers.host ?? headers[':authority'];
  // By the host alone: who ends TLS in front of this server does not change it.
  if (origin.slice(origin.indexOf('://') + 3) === host) return undefined;
  return `Pages of ${origin} may not use this server, ${host}. The setting allowOrigin=${origin} would allow it.`;
}
