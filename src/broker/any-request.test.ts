import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { anyStruct } from '../../test/support/protocol-arbitrary.ts';
import { WatchedBroker } from '../../test/support/watched-broker.ts';
import { sleep, systemClock } from '../base/clock.ts';
import { encodeRequest } from '../protocol/frame.ts';
import { API_KEYS, type ApiName, MESSAGES } from '../protocol/messages.gen.ts';

const REQUESTS_PER_VERSION = 8;
const ANSWER_WITHIN_MS = 500;

describe('the broker', () => {
  it('answers any well-formed request, or ends the connection for a stated reason', async () => {
    const broker = await WatchedBroker.start();
    let client = await broker.connect();
    const { apiKeys } = await client.request('ApiVersions', 3, {});
    for (const { apiKey, minVersion, maxVersion } of apiKeys) {
      const [name] = Object.entries(API_KEYS).find(([, key]) => key === apiKey) as [ApiName, number];
      const definition = MESSAGES[`${name}Request`];
      for (let version = Math.max(minVersion, definition.versions[0]); version <= maxVersion; version++) {
        const requests = fc.sample(anyStruct(definition.fields, version), {
          numRuns: REQUESTS_PER_VERSION,
          seed: apiKey * 100 + version,
        });
        for (const request of requests) {
          // Parked requests would only cost time: joins wait as long as their rebalance timeout says.
          const timeouts = { maxWaitMs: 0, rebalanceTimeoutMs: 10, sessionTimeoutMs: 6000 };
          const patient = { ...request, ...timeouts };
          broker.sent = `${name} v${version} ${JSON.stringify(patient)}`;
          const parts = encodeRequest(name, version, { correlationId: 1, clientId: null }, patient as never);
          client.sendBytes(Buffer.concat(parts));
          // acks=0 has no answer, unless it fails.
          if (name === 'Produce' && !(request as { acks?: number }).acks) continue;
          const answered = client.receive(name, version).then(
            () => true,
            () => false,
          );
          const late = sleep(systemClock, ANSWER_WITHIN_MS).then(() => 'late');
          const isOpen = await Promise.race([answered, client.closed.then(() => false), late]);
          if (isOpen === 'late') broker.fault('no answer');
          if (isOpen === 'late') client.close();
          if (isOpen !== true) client = await broker.connect();
        }
      }
    }
    client.close();
    await broker.stop();
    assert.deepEqual(broker.faults, []);
  });
});
