import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import { errorFields } from './error-fields.ts';

/** ListPartitionReassignments v0: kafka-topics --describe asks; on one node nothing ever moves. */
export const listPartitionReassignments = (): Api =>
  api('ListPartitionReassignments', [0, 0], (_, { access }) => {
    const mayDescribe = access.may('DESCRIBE', 'CLUSTER', CLUSTER_NAME);
    return { ...errorFields(mayDescribe ? 'NONE' : 'CLUSTER_AUTHORIZATION_FAILED'), topics: [] };
  });
