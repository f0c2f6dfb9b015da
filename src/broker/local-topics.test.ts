import { describeTopicsContract } from '../../test/contract/topics-contract.ts';
import { openLocal } from '../../test/support/local-storage.ts';

describeTopicsContract('in process', () => openLocal());
describeTopicsContract('in process, coordinators of several partitions', () =>
  openLocal({ config: { 'offsets.topic.num.partitions': '5', 'transaction.state.log.num.partitions': '3' } }),
);
