import type { Clock } from '../../src/base/clock.ts';
import type { FileSystem } from '../../src/base/fs.ts';
import { type Logger, silentLogger } from '../../src/base/logger.ts';
import { MemoryFileSystem } from '../../src/base/memory-fs.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { BrokerStorage } from '../../src/broker/broker-storage.ts';
import { SHIPPED_CONFIG } from '../../src/broker/config/shipped-config.ts';
import { DataFolder } from '../../src/broker/data-folder.ts';
import { LocalTopics } from '../../src/broker/local-topics.ts';
import { SharedLogs } from '../../src/broker/shared-logs.ts';

/** The broker without its listener, over any file system. */
export async function openLocal<TheClock extends Clock = VirtualClock>(
  options: {
    fs?: FileSystem;
    dataDir?: string;
    clock?: TheClock;
    config?: Readonly<Record<string, string>>;
    logger?: Logger;
  } = {},
) {
  const {
    fs = new MemoryFileSystem(),
    clock = new VirtualClock() as Clock as TheClock,
    config = {},
    logger = silentLogger,
    dataDir = '/data',
  } = options;
  const random = new SeededRandom(1);
  const folder = await DataFolder.open(fs, dataDir, random);
  const storage = await BrokerStorage.open({
    fs,
    dataDir,
    clock,
    random,
    logger,
    config: new Map(Object.entries({ ...SHIPPED_CONFIG, ...config })),
    folder,
  });
  const { registry, groups, transactions, shares, store } = storage;
  return {
    ...{ fs, clock, storage, registry, groups, transactions, shares },
    topics: new LocalTopics(registry, groups, transactions),
    places: new SharedLogs(({ topic, partition }) => registry.partitionLog(topic, partition)),
    async close() {
      storage.stopCoordinators();
      await store.close();
      await folder.markCleanStop();
    },
  };
}
