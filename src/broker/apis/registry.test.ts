import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MESSAGES } from '../../protocol/messages.gen.ts';
import type { ControlPlane } from './control-plane.ts';
import type { DataPlane } from './data-plane.ts';
import { allApis } from './registry.ts';
import type { SharePlane } from './share-plane.ts';

// Factories only keep their dependencies; no handler runs here.
const apis = allApis({} as DataPlane, {} as ControlPlane, {} as SharePlane);

describe('the registered APIs', () => {
  for (const { name, key, versions } of apis) {
    it(`advertise exactly the stable versions of Kafka 4.1: ${name}`, () => {
      const { versions: known, lastUnstable } = MESSAGES[`${name}Request`];
      const last = known[1] - (lastUnstable ? 1 : 0);
      // KAFKA-18659: librdkafka turns compression off when Produce 0 is missing.
      const first = key === 0 ? 0 : known[0];
      assert.deepEqual(versions, [first, last]);
    });
  }

  it('keep the bytes of their requests, but for the one whose bytes are counted by their holders', () => {
    const lettingGo = apis.filter(({ letsGo }) => letsGo).map(({ name }) => name);
    assert.deepEqual(lettingGo, ['Produce']);
  });

  it('are registered once', () => {
    assert.equal(new Set(apis.map(({ key }) => key)).size, apis.length);
  });

  it('are what the first release needs at least', () => {
    const keys = new Set(apis.map(({ key }) => key));
    for (const key of [0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 18, 19, 20, 22, 23, 32, 37, 60, 75])
      assert.ok(keys.has(key), `API ${key}`);
  });
});
