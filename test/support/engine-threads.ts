import { BroadcastChannel } from 'node:worker_threads';
import { systemClock } from '../../src/base/clock.ts';
import { type Logger, silentLogger } from '../../src/base/logger.ts';
import { EngineHost } from '../../src/engine/threads/engine-host.ts';
import type { SchemaById } from '../../src/serde/schemas.ts';
import type { PlaceFinder } from '../../src/topics/threads/file-place.ts';
import type { Topics } from '../../src/topics/topics.ts';
import type { Fault } from './faulty-engine-worker.ts';

/** An engine in threads. */
export function engineInThreads(
  topics: Topics,
  options: {
    readonly workers?: number;
    readonly places?: PlaceFinder;
    readonly heapMb?: number;
    readonly entry?: URL;
    readonly logger?: Logger;
    readonly schemaById?: SchemaById;
  } = {},
): EngineHost {
  return new EngineHost({
    topics,
    places: options.places,
    clock: systemClock,
    logger: options.logger ?? silentLogger,
    serviceId: 'default_',
    stateRoot: undefined,
    spillRoot: undefined,
    stateMemoryBytes: undefined,
    workers: options.workers ?? 1,
    heapMb: options.heapMb,
    schemaById: options.schemaById,
    entry: options.entry,
  });
}

/** The same with threads that can be made to fail. */
export function faultyEngine(topics: Topics, options: Parameters<typeof engineInThreads>[1] = {}) {
  const name = `faults ${Math.random()}`;
  process.env.MILLRACE_TEST_FAULTS = name;
  const channel = new BroadcastChannel(name);
  channel.unref();
  const entry = new URL('./faulty-engine-worker.ts', import.meta.url);
  const suffer = (fault: Fault) => channel.postMessage(fault);
  const engine = engineInThreads(topics, { ...options, entry });
  return {
    engine,
    die: () => suffer({ kind: 'die' }),
    /** Until the function that it returns is called. */
    block: () => {
      const until = new SharedArrayBuffer(4);
      suffer({ kind: 'block', until });
      return () => {
        Atomics.store(new Int32Array(until), 0, 1);
        Atomics.notify(new Int32Array(until), 0);
      };
    },
    async close() {
      await engine.stop();
      channel.close();
    },
  };
}
