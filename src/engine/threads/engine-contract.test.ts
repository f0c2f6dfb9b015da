import { describeEngineContract } from '../../../test/contract/engine-contract.ts';
import { engineInThreads } from '../../../test/support/engine-threads.ts';
import { openLocal } from '../../../test/support/local-storage.ts';
import { osFolder } from '../../../test/support/os-folder.ts';
import { engineOn } from '../../testing/engine-runs.ts';
import { MemoryTopics } from '../../testing/memory-topics.ts';

describeEngineContract('in the caller’s thread', async () => {
  const topics = new MemoryTopics();
  const engines: { stop(): Promise<void> }[] = [];
  return {
    topics,
    engine() {
      const engine = engineOn(topics);
      engines.push(engine);
      return engine;
    },
    close: async () => {
      for (const engine of engines) await engine.stop();
    },
  };
});

describeEngineContract('in threads of its own', async () => {
  const folder = await osFolder();
  const local = await openLocal(folder);
  const { topics, places } = local;
  const engines: { stop(): Promise<void> }[] = [];
  return {
    topics,
    engine() {
      const engine = engineInThreads(topics, { places });
      engines.push(engine);
      return engine;
    },
    async close() {
      for (const engine of engines) await engine.stop();
      await local.close();
      await folder.remove();
    },
  };
});
