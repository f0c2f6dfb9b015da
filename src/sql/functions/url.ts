import { type ScalarFunction, scalar } from './scalar.ts';

const CATEGORY = 'URL';

interface UrlParts {
  readonly scheme: string | undefined;
  readonly authority: string | undefined;
  /** Undefined for what is no place in a hierarchy, such as mailto:ann@example.org. */
  readonly path: string | undefined;
  readonly query: string | undefined;
  readonly fragment: string | undefined;
}

/**
 * RFC 3986, appendix B; not WHATWG's URL, which would add ports, slashes and lower case that nobody wrote.
 *
 *   scheme ://authority /path ?query #fragment
 */
const PARTS = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/;
/** Blanks, quotes and the like must be escaped in a URL; a lone % escapes nothing. */
const ILLEGAL = /[\s"<>\\^`{|}]|%(?![0-9a-fA-F]{2})/;

function split(url: string): UrlParts {
  const [, scheme, authority, path = '', query, fragment] = PARTS.exec(url) ?? [];
  if (ILLEGAL.test(url) || /[[\]]/.test(path)) throw new RangeError(`'${url}' is not a URL`);
  const isOpaque = scheme !== undefined && authority === undefined && !path.startsWith('/');
  return {
    scheme,
    authority,
    path: isOpaque ? undefined : path,
    query: isOpaque ? undefined : query,
    fragment,
  };
}

/** As large as an INTEGER may be. */
const MAX_PORT = 2 ** 31 - 1;

/** user@host:port, any of the outer two absent; an IPv6 host stands in brackets. */
function hostAndPort(authority: string | undefined): readonly [host: string | null, port: number | null] {
  const [, host, port] = /^(?:[^@]*@)?(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority ?? '') ?? [];
  return [host || null, port && Number(port) <= MAX_PORT ? Number(port) : null];
}

/** Bytes that are no UTF-8 become U+FFFD, as Java reads them, where decodeURIComponent would give up. */
function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (bytes) =>
    Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}

function decoded(text: string | undefined): string | null {
  return text === undefined ? null : percentDecoded(text);
}

/** Form encoding, where a blank is a plus. */
function encodeParameter(text: string): string {
  const percent = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/[!'()~]/g, percent);
}

function decodeParameter(text: string): string {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) throw new RangeError(`'${text}': two hex digits must follow %`);
  return percentDecoded(text.replaceAll('+', ' '));
}

/**
 * A parameter without a value is an empty text, one that is not there is null. The query is read as java.net.URI, and so
 * ksqlDB, reads it: decoded as a whole, and a plus stays a plus.
 */
function parameter(url: string, name: string): string | null {
  const query = decoded(split(url).query);
  for (const pair of query?.split('&') ?? []) {
    const [key, ...value] = pair.split('=');
    if (key === name) return value.join('=');
  }
  return null;
}

function part(name: string, description: string, read: (parts: UrlParts) => string | null): ScalarFunction {
  return scalar(`URL_EXTRACT_${name}`, CATEGORY, description, [
    ['STRING -> STRING', () => (url: string) => read(split(url))],
  ]);
}

export const URL_FUNCTIONS: readonly ScalarFunction[] = [
  part('PROTOCOL', 'The scheme of a URL, such as https.', ({ scheme }) => scheme ?? null),
  part('HOST', 'The host of a URL.', ({ authority }) => hostAndPort(authority)[0]),
  part('PATH', 'The path of a URL, empty when there is none.', ({ path }) => decoded(path)),
  part('QUERY', 'What stands behind the ? of a URL.', ({ query }) => decoded(query)),
  part('FRAGMENT', 'What stands behind the # of a URL.', ({ fragment }) => decoded(fragment)),
  scalar('URL_EXTRACT_PORT', CATEGORY, 'The port of a URL; null when it names none.', [
    ['STRING -> INTEGER', () => (url: string) => hostAndPort(split(url).authority)[1]],
  ]),
  scalar('URL_EXTRACT_PARAMETER', CATEGORY, 'The value of a parameter in the query of a URL.', [
    ['STRING, STRING -> STRING', () => parameter],
  ]),
  scalar('URL_ENCODE_PARAM', CATEGORY, 'Text made safe for the query of a URL.', [
    ['STRING -> STRING', () => encodeParameter],
  ]),
  scalar('URL_DECODE_PARAM', CATEGORY, 'The text that a parameter of a URL stands for.', [
    ['STRING -> STRING', () => decodeParameter],
  ]),
];
