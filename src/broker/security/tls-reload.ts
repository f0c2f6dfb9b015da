import { createHash } from 'node:crypto';
import { type Clock, repeat, type Timer } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { ServerListener } from '../server-listener.ts';
import { ListenerConfig } from './listener-config.ts';
import type { ListenerSpec } from './listeners.ts';
import { type ReadBytes, readTlsIdentity, type TlsIdentity } from './tls-identity.ts';

/** Small files, read in less than a millisecond: content is surer than times of change. */
const LOOK_EVERY_MS = 5_000;

/**
 * Renews the certificates of TLS listeners when their files have changed. Files that do not fit together, as in the midst
 * of being replaced, change nothing: what was in force stays, and the log says so once.
 */
export function scheduleTlsReload(
  listeners: readonly { readonly spec: ListenerSpec; readonly listener: ServerListener }[],
  deps: {
    readonly config: () => ReadonlyMap<string, string>;
    readonly readBytes: ReadBytes;
    readonly clock: Clock;
    readonly logger: Logger;
  },
): Timer | undefined {
  const { config, readBytes, clock, logger } = deps;
  const renewals = listeners.flatMap(({ spec, listener }) => {
    if (listener.settings.tls === undefined) return [];
    let inForce = fingerprint(listener.settings.tls);
    let complaint = '';
    return async () => {
      const { name } = spec;
      try {
        const identity = await readTlsIdentity(new ListenerConfig(config(), name), spec.protocol, readBytes);
        complaint = '';
        if (fingerprint(identity) === inForce) return;
        listener.renewTls(identity);
        inForce = fingerprint(identity);
        logger.info('TLS certificates renewed', { listener: name });
      } catch (error) {
        const reason = (error as Error).message;
        if (reason !== complaint)
          logger.error('TLS certificates cannot be renewed; the old ones stay in force', {
            listener: name,
            reason,
          });
        complaint = reason;
      }
    };
  });
  if (renewals.length === 0) return undefined;
  return repeat(
    clock,
    () => LOOK_EVERY_MS,
    async () => {
      for (const renew of renewals) await renew();
    },
    (error) => logger.error('looking at TLS certificates failed', { error: String(error) }),
  );
}

function fingerprint({ context: { key, cert, pfx, ca } }: TlsIdentity): string {
  const hash = createHash('sha256');
  for (const part of [key, cert, pfx, ca]) hash.update(String(part)).update('\0');
  return hash.digest('hex');
}
