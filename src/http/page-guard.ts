import type { IncomingHttpHeaders } from 'node:http';
import { isAddress, isLoopback } from '../base/address.ts';

export interface PageGuardOptions {
  /** As bound. */
  readonly host: string;
  readonly users: readonly unknown[];
  readonly allowOrigin?: string | undefined;
  /** Names by which the server may be asked, besides addresses; `.example.com` is every name below, `*` any name. */
  readonly allowedHosts?: readonly string[] | undefined;
}

/** Why a request is refused that a page has made its reader's browser send; undefined: it may pass. */
export type PageGuard = (headers: IncomingHttpHeaders) => string | undefined;

/**
 * Keeps pages of other sites from using a server through their readers' browsers. Browsers send some requests, and open
 * WebSockets, without asking first, and only then keep the answer from the page: a server without users, which listens on
 * loopback, would do what any page says. What is no browser tells no origin.
 *
 *   a page of http://evil asks http://127.0.0.1:8088     Origin: http://evil     it is foreign
 *   the same, once the name evil leads to 127.0.0.1      Host: evil:8088         it is this server's own page, by a name
 *                                                                                that this server does not have
 *
 * The second (DNS rebinding) concerns who trusts everybody that reaches it, on loopback. With users there is a password,
 * which a browser keeps by name; and names under which a network knows its servers nobody here knows.
 */
export function pageGuard(options: PageGuardOptions): PageGuard {
  const { allowOrigin } = options;
  const isOwnName = ownNames(options);
  /** What nearly every request says again. */
  let known: string | undefined;
  return (headers) => {
    const host = headers.host ?? (headers[':authority'] as string | undefined);
    if (isOwnName && host !== undefined && host !== known) {
      const name = nameIn(host);
      if (!isOwnName(name))
        return `This server is not known as ${name}. The setting allowedHosts=${name} would make it so.`;
      known = host;
    }
    const { origin } = headers;
    // RFC 6454 section 7, Fetch section 3.2: they always tell it with what they send unasked.
    if (origin === undefined || allowOrigin === '*' || origin === allowOrigin) return undefined;
    // By the host alone: who ends TLS in front of this server does not change it.
    if (hostIn(origin) === host) return undefined;
    return `Pages of ${origin} may not use this server, ${host}. The setting allowOrigin=${origin} would allow it.`;
  };
}

/** What containers call the machine they run on; nobody can have such a name (ICANN keeps `.internal` for private use). */
const MACHINE_NAMES = ['host.docker.internal', 'host.containers.internal'];

/** Undefined where every name will do. */
function ownNames({
  host,
  users,
  allowOrigin,
  allowedHosts,
}: PageGuardOptions): ((name: string) => boolean) | undefined {
  if (allowOrigin === '*' || allowedHosts?.includes('*')) return undefined;
  if (!allowedHosts && (users.length > 0 || !isLoopback(host))) return undefined;
  const given = (allowedHosts ?? []).map((name) => name.trim().toLowerCase());
  const names = new Set([...given, ...MACHINE_NAMES, host.toLowerCase()]);
  if (allowOrigin !== undefined) names.add(nameIn(hostIn(allowOrigin)));
  const suffixes = given.filter((name) => name.startsWith('.'));
  return (name) =>
    // Nobody can make an address lead elsewhere, nor what is below `localhost` (RFC 6761 section 6.3).
    isAddress(name) ||
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    names.has(name) ||
    suffixes.some((suffix) => name.endsWith(suffix));
}

function hostIn(origin: string): string {
  return origin.slice(origin.indexOf('://') + 3);
}

/** `Example.com.:8088` is example.com, `[::1]:8088` is ::1. */
function nameIn(host: string): string {
  const bare = host.toLowerCase().replace(/:\d*$/, '');
  return bare.startsWith('[') ? bare.slice(1, -1) : bare.replace(/\.$/, '');
}
