import type { SecurityStore } from '../security/security-store.ts';

/** What the APIs for rules, credentials and authentication need. */
export interface SecurityPlane {
  readonly security: SecurityStore;
  /** authorizer.class.name: without one there are no rules to ask for. */
  readonly hasAuthorizer: boolean;
}
