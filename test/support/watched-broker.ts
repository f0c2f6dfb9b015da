import { systemClock } from '../../src/base/clock.ts';
import { type Logger, silentLogger } from '../../src/base/logger.ts';
import { MemoryFileSystem } from '../../src/base/memory-fs.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { Broker } from '../../src/broker/broker.ts';
import { RawClient } from './raw-client.ts';

/** A broker in memory with a topic `t`, the name that generated strings often are; what it logs as an error is a fault. */
export class WatchedBroker {
  readonly faults: string[] = [];
  /** What was sent last, to be named with a fault. */
  sent = '';
  #broker!: Broker;

  static async start(): Promise<WatchedBroker> {
    const watched = new WatchedBroker();
    const logger: Logger = {
      ...silentLogger,
      error: (message, fields) => watched.fault(`${message} ${(fields?.error as Error | undefined)?.stack}`),
      child: () => logger,
    };
    watched.#broker = await Broker.start({
      fs: new MemoryFileSystem(),
      dataDir: '/data',
      clock: systemClock,
      random: new SeededRandom(7),
      logger,
      listen: { host: '127.0.0.1', port: 0 },
    });
    const client = await watched.connect();
    const topics = [{ name: 't', numPartitions: 2, replicationFactor: 1 }];
    await client.request('CreateTopics', 7, { topics });
    client.close();
    return watched;
  }

  fault(what: string): void {
    this.faults.push(`${this.sent}: ${what}`);
  }

  connect(): Promise<RawClient> {
    return RawClient.connect(Number(this.#broker.address.split(':')[1]));
  }

  stop(): Promise<void> {
    return this.#broker.stop();
  }
}
