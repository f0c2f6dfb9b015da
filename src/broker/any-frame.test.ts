import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { corpus, damaged } from '../../test/support/mutations.ts';
import { anyStruct } from '../../test/support/protocol-arbitrary.ts';
import { RawClient } from '../../test/support/raw-client.ts';
import { sleep, systemClock } from '../base/clock.ts';
import { type Logger, silentLogger } from '../base/logger.ts';
import { MemoryFileSystem } from '../base/memory-fs.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { encodeRequest } from '../protocol/frame.ts';
import { API_KEYS, type ApiName, MESSAGES } from '../protocol/messages.gen.ts';
import { Broker } from './broker.ts';

const FRAMES_PER_API = Number(process.env.MILLRACE_FUZZ ?? 10);
/** A frame that asks for patience gets none. */
const ANSWER_WITHIN_MS = 60;

function framed(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

describe('the broker, sent damaged requests', () => {
  it('answers or ends the connection for a stated reason, and goes on', async () => {
    const faults: string[] = [];
    let sent = '';
    const logger: Logger = {
      ...silentLogger,
      error: (message, fields) =>
        faults.push(`${sent}: ${message} ${(fields?.error as Error | undefined)?.stack}`),
    };
    const broker = await Broker.start({
      fs: new MemoryFileSystem(),
      dataDir: '/data',
      clock: systemClock,
      random: new SeededRandom(7),
      logger: { ...logger, child: () => logger },
      listen: { host: '127.0.0.1', port: 0 },
    });
    const port = Number(broker.address.split(':')[1]);
    let client = await RawClient.connect(port);
    const { apiKeys } = await client.request('ApiVersions', 3, {});
    await client.request('CreateTopics', 7, {
      topics: [{ name: 't', numPartitions: 2, replicationFactor: 1 }],
    });
    const send = async (name: string, frame: Buffer) => {
      sent = `${name} ${frame.toString('hex')}`;
      client.sendBytes(framed(frame));
      const answered = client.nextFrame().then(
        () => true,
        () => false,
      );
      const late = sleep(systemClock, ANSWER_WITHIN_MS).then(() => false);
      if (await Promise.race([answered, client.closed.then(() => false), late])) return;
      client.close();
      client = await RawClient.connect(port);
    };
    for (const [name, frame] of corpus('requests.txt')) await send(name, frame);
    for (const { apiKey, maxVersion } of apiKeys) {
      const [name] = Object.entries(API_KEYS).find(([, key]) => key === apiKey) as [ApiName, number];
      const { fields } = MESSAGES[`${name}Request`];
      const random = new SeededRandom(apiKey);
      const requests = fc.sample(anyStruct(fields, maxVersion), { numRuns: FRAMES_PER_API, seed: apiKey });
      for (const request of requests) {
        const header = { correlationId: 1, clientId: 'c' };
        const frame = Buffer.concat(encodeRequest(name, maxVersion, header, request as never)).subarray(4);
        await send(name, damaged(frame, random, 8));
      }
    }
    sent = 'at the end';
    const { topics } = await client.request('Metadata', 12, { topics: [{ name: 't' }] });
    assert.equal(topics.length, 1);
    client.close();
    await broker.stop();
    assert.deepEqual(faults, []);
  });
});
