import { type Clock, systemClock } from '../../base/clock.ts';
import type { FileSystem } from '../../base/fs.ts';
import { openLmdbDiskMap } from '../../base/lmdb-disk-map.ts';
import type { Logger } from '../../base/logger.ts';
import { osFileSystem } from '../../base/os-fs.ts';
import { type Random, systemRandom } from '../../base/random.ts';
import { processorCount } from '../../base/thread.ts';
import type { SchemaById } from '../../serde/schemas.ts';
import type { PlaceFinder } from '../../topics/threads/file-place.ts';
import type { Topics } from '../../topics/topics.ts';
import type { Engine } from '../engine.ts';
import { EngineHost } from './engine-host.ts';

export interface EngineSettings {
  readonly topics: Topics;
  readonly places: PlaceFinder;
  readonly schemaById: SchemaById;
  readonly fs: FileSystem;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly serviceId: string;
  /** As many threads as there are processors, less one, unless given; 0: queries run in the caller's. */
  readonly workers: number | undefined;
  readonly heapMb: number | undefined;
  readonly stateMemoryBytes: number | undefined;
  readonly functions: readonly string[] | undefined;
}

/** In threads of its own where it can be: neither a file system, nor a clock, nor a random source of the caller goes there. */
export async function startEngine(settings: EngineSettings): Promise<Engine | EngineHost> {
  const { topics, places, schemaById, fs, dataDir, clock, random, logger, serviceId } = settings;
  const root = `${dataDir}/state`;
  const spillRoot = `${dataDir}/spill`;
  const { stateMemoryBytes } = settings;
  // What a crash has left: its state is in topics.
  await fs.remove(spillRoot);
  const isShareable = fs === osFileSystem && clock === systemClock && random === systemRandom;
  const workers = isShareable ? (settings.workers ?? Math.max(1, processorCount - 1)) : 0;
  if (workers === 0) {
    const { Engine } = await import('../engine.ts');
    const spill = { folder: `${spillRoot}/0`, memoryBytes: stateMemoryBytes, openDisk: openLmdbDiskMap };
    return new Engine({
      topics,
      clock,
      random,
      logger,
      state: { fs, root },
      serviceId,
      ...(fs === osFileSystem && { spill }),
      schemaById,
    });
  }
  return new EngineHost({
    topics,
    places,
    clock,
    logger,
    serviceId,
    stateRoot: root,
    spillRoot,
    stateMemoryBytes,
    workers,
    heapMb: settings.heapMb,
    functions: settings.functions,
    schemaById,
    entry: undefined,
  });
}
