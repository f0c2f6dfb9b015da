import type { Logger } from '../../base/logger.ts';
import type { BrokerStorage } from '../broker-storage.ts';
import { Authorizer } from './authorizer.ts';

/** Undefined: everybody may do everything. The names of all of Kafka's authorizers mean this one. */
export function authorizerFor({ settings, security }: BrokerStorage, logger: Logger): Authorizer | undefined {
  if (settings.text('authorizer.class.name') === '') return undefined;
  const superUsers = settings.text('super.users').split(';');
  return new Authorizer({
    acls: security.acls,
    superUsers: new Set(superUsers.map((user) => user.trim()).filter((user) => user !== '')),
    allowsUnruled: settings.flag('allow.everyone.if.no.acl.found'),
    logger,
  });
}

/** With what was set while the broker ran: certificates may be renewed so (KIP-226). */
export function changedConfig(
  given: ReadonlyMap<string, string>,
  { registry: { configs } }: BrokerStorage,
  nodeId: number,
): ReadonlyMap<string, string> {
  const changed = { ...configs.of('broker', ''), ...configs.of('broker', String(nodeId)) };
  return new Map([...given, ...Object.entries(changed)]);
}
