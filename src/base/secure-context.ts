import { createSecureContext, type SecureContextOptions } from 'node:tls';

/** Throws when keys, certificates and the rest do not fit together. */
export function checkSecureContext(options: SecureContextOptions): void {
  createSecureContext(options);
}
