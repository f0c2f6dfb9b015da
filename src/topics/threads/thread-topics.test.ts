import { describeTopicsContract, type TopicsFixture } from '../../../test/contract/topics-contract.ts';
import { openLocal } from '../../../test/support/local-storage.ts';
import { osFolder } from '../../../test/support/os-folder.ts';
import { throughMessages } from '../../../test/support/thread-topics.ts';

describeTopicsContract('from another thread', async (): Promise<TopicsFixture> => {
  const local = await openLocal();
  const thread = throughMessages(local.topics);
  return { topics: thread.topics, close: () => thread.close().then(() => local.close()) };
});

describeTopicsContract('from another thread, which reads the files', async (): Promise<TopicsFixture> => {
  const folder = await osFolder();
  const local = await openLocal(folder);
  const thread = throughMessages(local.topics, local.places);
  return {
    topics: thread.topics,
    async close() {
      await thread.close();
      await local.close();
      await folder.remove();
    },
  };
});
