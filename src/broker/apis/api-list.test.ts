import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isError, ServedBroker } from '../../../test/support/served-broker.ts';
import { MESSAGES } from '../../protocol/messages.gen.ts';

const wire = new ServedBroker();

describe('the list of APIs', () => {
  it('advertises versions that exist, and each API once', async () => {
    const { apiKeys } = await wire.client.request('ApiVersions', 3, {
      clientSoftwareName: 'x',
      clientSoftwareVersion: '1',
    });
    assert.equal(new Set(apiKeys.map(({ apiKey }) => apiKey)).size, apiKeys.length);
    const requests = Object.entries(MESSAGES).filter(([, message]) => message.kind === 'request');
    for (const { apiKey, minVersion, maxVersion } of apiKeys) {
      const [name, message] = requests.find(([, { key }]) => key === apiKey)!;
      const [first, last] = message.versions;
      // KAFKA-18659: Produce is advertised from 0 and accepted from 3.
      assert.ok(minVersion >= first || name === 'ProduceRequest', `${name} from ${minVersion}`);
      assert.ok(maxVersion <= last, `${name} to ${maxVersion}`);
    }
  });
});

describe('authorized operations', () => {
  const ALL = { cluster: 0b1_1111_1010_0000, topic: 0b1101_1111_1000, group: 0b1101_0100_1000 };
  const UNASKED = -2147483648;

  it('are all there are, for who asks: there is no authorizer', async () => {
    await wire.createTopic('permitted');
    for (const asked of [true, false]) {
      const answer = <T>(all: T) => (asked ? all : UNASKED);
      const topics = await wire.client.request('Metadata', 10, {
        topics: [{ name: 'permitted' }],
        includeTopicAuthorizedOperations: asked,
        includeClusterAuthorizedOperations: asked,
      });
      assert.equal(topics.topics[0]!.topicAuthorizedOperations, answer(ALL.topic));
      assert.equal(topics.clusterAuthorizedOperations, answer(ALL.cluster));
      const cluster = await wire.client.request('DescribeCluster', 1, {
        includeClusterAuthorizedOperations: asked,
      });
      assert.equal(cluster.clusterAuthorizedOperations, answer(ALL.cluster));
    }
    const described = await wire.client.request('DescribeTopicPartitions', 0, {
      topics: [{ name: 'permitted' }],
    });
    assert.equal(described.topics[0]!.topicAuthorizedOperations, ALL.topic);
  });

  it('of a group', async () => {
    const topics = [{ name: 'permitted', partitions: [{ partitionIndex: 0, committedOffset: 0 }] }];
    await wire.client.request('OffsetCommit', 9, { groupId: 'permitted', topics });
    const { groups } = await wire.client.request('DescribeGroups', 5, {
      groups: ['permitted'],
      includeAuthorizedOperations: true,
    });
    assert.equal(groups[0]!.authorizedOperations, ALL.group);
  });
});

describe('features', () => {
  const finalized = async () => {
    const { finalizedFeatures, finalizedFeaturesEpoch } = await wire.client.request('ApiVersions', 4, {});
    const level = finalizedFeatures.find(({ name }) => name === 'metadata.version')?.maxVersionLevel;
    return { level, epoch: finalizedFeaturesEpoch };
  };
  const update = (maxVersionLevel: number, upgradeType: number, validateOnly = false) =>
    wire.client.request('UpdateFeatures', 2, {
      featureUpdates: [{ feature: 'metadata.version', maxVersionLevel, upgradeType }],
      validateOnly,
    });

  it('are announced with level 0 only to clients that can read it (KAFKA-17011)', async () => {
    for (const [version, lowest] of [[3, 1] as const, [4, 0] as const]) {
      const { supportedFeatures } = await wire.client.request('ApiVersions', version, {});
      const kraft = supportedFeatures.find(({ name }) => name === 'kraft.version');
      assert.deepEqual(kraft, { name: 'kraft.version', minVersion: lowest, maxVersion: 1 });
    }
  });

  it('go down and up again, and the epoch rises', async () => {
    const before = await finalized();
    isError((await update(25, 2, true)).errorCode, 'NONE');
    assert.deepEqual(await finalized(), before);
    isError((await update(25, 2)).errorCode, 'NONE');
    const lowered = await finalized();
    assert.equal(lowered.level, 25);
    assert.ok(lowered.epoch > before.epoch);
    const refused = await update(25, 1);
    isError(refused.errorCode, 'NONE');
    const tooHigh = await update(99, 1);
    isError(tooHigh.errorCode, 'INVALID_UPDATE_VERSION');
    assert.match(tooHigh.errorMessage ?? '', /only supports versions 7-27/);
    isError((await update(before.level!, 1)).errorCode, 'NONE');
    assert.equal((await finalized()).level, before.level);
  });
});
