import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { corpus, damaged } from '../../test/support/mutations.ts';
import { anyStruct } from '../../test/support/protocol-arbitrary.ts';
import { WatchedBroker } from '../../test/support/watched-broker.ts';
import { sleep, systemClock } from '../base/clock.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { encodeRequest } from '../protocol/frame.ts';
import { API_KEYS, type ApiName, MESSAGES } from '../protocol/messages.gen.ts';

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
    const broker = await WatchedBroker.start();
    let client = await broker.connect();
    const { apiKeys } = await client.request('ApiVersions', 3, {});
    const send = async (name: string, frame: Buffer) => {
      broker.sent = `${name} ${frame.toString('hex')}`;
      client.sendBytes(framed(frame));
      const answered = client.nextFrame().then(
        () => true,
        () => false,
      );
      const late = sleep(systemClock, ANSWER_WITHIN_MS).then(() => false);
      if (await Promise.race([answered, client.closed.then(() => false), late])) return;
      client.close();
      client = await broker.connect();
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
    broker.sent = 'at the end';
    const { topics } = await client.request('Metadata', 12, { topics: [{ name: 't' }] });
    assert.equal(topics.length, 1);
    client.close();
    await broker.stop();
    assert.deepEqual(broker.faults, []);
  });
});
