import { lazy } from '../../base/async.ts';
import type { ApiName } from '../../protocol/messages.gen.ts';
import { MESSAGES } from '../../protocol/messages.gen.ts';
import { type Api, api } from '../api.ts';

/** What administrators ask of a cluster. */
export const ADMIN_APIS = [
  'DescribeConfigs',
  'AlterConfigs',
  'AlterReplicaLogDirs',
  'DescribeLogDirs',
  'ElectLeaders',
  'IncrementalAlterConfigs',
  'AlterPartitionReassignments',
  'ListPartitionReassignments',
  'DescribeClientQuotas',
  'AlterClientQuotas',
  'DescribeQuorum',
  'UnregisterBroker',
  'ListConfigResources',
  'AddRaftVoter',
  'RemoveRaftVoter',
] as const satisfies readonly ApiName[];

export const TRANSACTION_APIS = [
  'WriteTxnMarkers',
  'UpdateFeatures',
  'DescribeProducers',
  'DescribeTransactions',
  'ListTransactions',
] as const satisfies readonly ApiName[];

export const SHARE_APIS = [
  'ShareGroupHeartbeat',
  'ShareGroupDescribe',
  'ShareFetch',
  'ShareAcknowledge',
  'DescribeShareGroupOffsets',
  'AlterShareGroupOffsets',
  'DeleteShareGroupOffsets',
] as const satisfies readonly ApiName[];

export const SECURITY_APIS = [
  'DescribeAcls',
  'CreateAcls',
  'DeleteAcls',
  'DescribeUserScramCredentials',
  'AlterUserScramCredentials',
  'CreateDelegationToken',
  'RenewDelegationToken',
  'ExpireDelegationToken',
  'DescribeDelegationToken',
] as const satisfies readonly ApiName[];

/**
 * APIs that clients do not need to write, read and gather in groups: their files, fifty of them, are read with the first
 * request for one of a kind and not by every start. All are served in all versions that Kafka 4.1 has.
 */
export function lazyApis(names: readonly ApiName[], load: () => Promise<readonly Api[]>): Api[] {
  const loaded = lazy(async () => new Map((await load()).map((each) => [each.name, each])));
  return names.map((name) =>
    api(name, MESSAGES[`${name}Request`].versions, async (request, context) => {
      const found = (await loaded()).get(name);
      if (!found) throw new Error(`the files of ${name} do not have it`);
      return found.handle(request, context);
    }),
  );
}
