import { isIP } from 'node:net';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** `HOST:PORT`, `[::1]:PORT`; a URL's scheme and slash are tolerated. Throws RangeError. */
export function parseHostPort(text: string): HostPort {
  const match = /^(?:[a-z_]+:\/\/)?(?:\[([^\]]+)\]|([^:/[\]]*)):(\d{1,5})\/?$/i.exec(text.trim());
  const port = Number(match?.[3]);
  if (!match || port > 65_535) throw new RangeError(`'${text}' is not an address: expected HOST:PORT`);
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port };
}

export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** An address of IPv4 or IPv6, not a name. */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0;
}

/** An address as Java prints it, which is what ACLs name and tools show: IPv6 in full, and no mapped IPv4. */
export function javaAddress(address: string): string {
  const [bare = ''] = address.replace(/^::ffff:(?=\d+\.)/i, '').split('%');
  if (!bare.includes(':')) return bare;
  const [head = '', tail] = bare.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const missing = 8 - groups(head).length - groups(tail ?? '').length;
  const all =
    tail === undefined ? groups(head) : [...groups(head), ...Array(missing).fill('0'), ...groups(tail)];
  return all.map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}
