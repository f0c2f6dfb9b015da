import { Buffer } from 'node:buffer';

/** Where an HTTP service is, and what is shown to it. */
export interface HttpEndpoints {
  /** Without a slash at the end, and without a user. */
  readonly urls: readonly string[];
  /** Of basic authentication. */
  readonly authorization: string | undefined;
}

/** One URL or several with commas between; `user` is `NAME:PASSWORD`, unless a URL holds its own. Throws for no URL. */
export function parseHttpEndpoints(text: string, user?: string | undefined): HttpEndpoints {
  const urls = text.split(',').map((url) => new URL(url.trim()));
  const own = urls.find(({ username }) => username !== '');
  const given = user ?? (own && `${decodeURIComponent(own.username)}:${decodeURIComponent(own.password)}`);
  return {
    urls: urls.map(({ origin, pathname }) => origin + pathname.replace(/\/$/, '')),
    authorization: given && `Basic ${Buffer.from(given).toString('base64')}`,
  };
}
