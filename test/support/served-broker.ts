import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { MemoryFileSystem } from '../../src/base/memory-fs.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { Broker } from '../../src/broker/broker.ts';
import { type ErrorName, errorCode } from '../../src/protocol/errors.ts';
import { RawClient } from './raw-client.ts';

/** A broker in memory with a raw client, for all tests of a file. */
export class ServedBroker {
  #broker: Broker | undefined;
  #client: RawClient | undefined;

  constructor(config: Readonly<Record<string, string>> = {}) {
    before(async () => {
      this.#broker = await Broker.start({
        fs: new MemoryFileSystem(),
        dataDir: '/data',
        clock: systemClock,
        random: new SeededRandom(3),
        logger: silentLogger,
        listen: { host: '127.0.0.1', port: 0 },
        config,
      });
      this.#client = await RawClient.connect(Number(this.broker.address.split(':')[1]));
    });
    after(async () => {
      this.#client?.close();
      await this.#broker?.stop();
    });
  }

  get broker(): Broker {
    return this.#broker as Broker;
  }

  get client(): RawClient {
    return this.#client as RawClient;
  }

  async createTopic(name: string, numPartitions = 1): Promise<void> {
    const topics = [{ name, numPartitions, replicationFactor: 1 }];
    const response = await this.client.request('CreateTopics', 7, { topics, timeoutMs: 1000 });
    isError(response.topics[0]!.errorCode, 'NONE');
  }
}

export const isError = (actual: number, name: ErrorName) => assert.equal(actual, errorCode(name));
