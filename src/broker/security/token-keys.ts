import { fileURLToPath } from 'node:url';
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import type { Clock } from '../../base/clock.ts';
import { StartError } from '../start-error.ts';
import type { TokenKeys } from './oauth-bearer.ts';
import type { ReadBytes } from './tls-identity.ts';

/** Keys at `sasl.oauthbearer.jwks.endpoint.url`, read anew every so often; a file also when a start needs it to be there. */
export async function tokenKeys(
  url: string | undefined,
  deps: { readonly refreshMs: number; readonly readBytes: ReadBytes; readonly clock: Clock },
): Promise<TokenKeys> {
  if (url === undefined || !URL.canParse(url))
    throw new StartError(
      'sasl.oauthbearer.jwks.endpoint.url: OAUTHBEARER needs the URL of the keys, https:// or file://.',
    );
  if (url.startsWith('file:')) return fileKeys(url, deps);
  const { createRemoteJWKSet } = await import('jose');
  const remote = createRemoteJWKSet(new URL(url), { cacheMaxAge: deps.refreshMs });
  return { keys: async () => remote };
}

async function fileKeys(
  url: string,
  {
    refreshMs,
    readBytes,
    clock,
  }: { readonly refreshMs: number; readonly readBytes: ReadBytes; readonly clock: Clock },
): Promise<TokenKeys> {
  const { createLocalJWKSet } = await import('jose');
  const read = async (): Promise<JWTVerifyGetKey> => {
    const bytes = await readBytes(fileURLToPath(url));
    if (bytes === undefined)
      throw new StartError(`sasl.oauthbearer.jwks.endpoint.url: there is no file ${url}.`);
    return createLocalJWKSet(JSON.parse(bytes.toString('utf8')) as JSONWebKeySet);
  };
  let keys = await read();
  let readAtMs = clock.monotonicMs();
  return {
    keys: async () => {
      if (clock.monotonicMs() - readAtMs >= refreshMs) {
        readAtMs = clock.monotonicMs();
        // A file that cannot be read leaves what was read before.
        keys = await read().catch(() => keys);
      }
      return keys;
    },
  };
}
