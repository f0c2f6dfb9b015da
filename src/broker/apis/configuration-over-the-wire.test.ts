import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { batchOf } from '../../../test/support/records.ts';
import { isError, ServedBroker } from '../../../test/support/served-broker.ts';
import { BROKER_CONFIGS } from '../config/broker-configs.ts';
import { TOPIC_CONFIGS } from '../config/topic-configs.ts';

const TOPIC = 2;
const BROKER = 4;
const SET = 0;
const wire = new ServedBroker({ 'log.retention.ms': '5000' });

describe('configuration over the wire', () => {
  const describeOne = async (resourceType: number, resourceName: string) => {
    const resources = [{ resourceType, resourceName, configurationKeys: null }];
    const request = { resources, includeSynonyms: true, includeDocumentation: true };
    return (await wire.client.request('DescribeConfigs', 4, request)).results[0]!;
  };

  it('shows every config with type and documentation', async () => {
    await wire.createTopic('described');
    for (const [type, name, table] of [
      [TOPIC, 'described', TOPIC_CONFIGS],
      [BROKER, '1', BROKER_CONFIGS],
    ] as const) {
      const { configs } = await describeOne(type, name);
      assert.deepEqual(
        configs.map((config) => config.name),
        [...table.values()].filter(({ internal }) => !internal).map((definition) => definition.name),
      );
      assert.ok(configs.every(({ configType, documentation }) => configType > 0 && documentation));
    }
  });

  it('says where a value comes from, and a change counts at once', async () => {
    await wire.createTopic('altered');
    const retention = async () => {
      const { configs } = await describeOne(TOPIC, 'altered');
      const { value, configSource, synonyms } = configs.find(({ name }) => name === 'retention.ms')!;
      return [value, configSource, synonyms.map((synonym) => `${synonym.name}=${synonym.value}`).join(' ')];
    };
    const inherited = 'log.retention.ms=5000 log.retention.hours=168';
    assert.deepEqual(await retention(), ['5000', 4, inherited]);
    const configs = [{ name: 'retention.ms', configOperation: SET, value: '9' }];
    const resources = [{ resourceType: TOPIC, resourceName: 'altered', configs }];
    await wire.client.request('IncrementalAlterConfigs', 1, { resources });
    assert.deepEqual(await retention(), ['9', 1, `retention.ms=9 ${inherited}`]);
    const limit = {
      resourceType: TOPIC,
      resourceName: 'altered',
      configs: [{ name: 'max.message.bytes', value: '80' }],
    };
    await wire.client.request('AlterConfigs', 2, { resources: [limit] });
    assert.deepEqual((await retention())[0], '5000', 'the old form resets what it does not name');
    const append = wire.broker.topics.append({
      topic: 'altered',
      partition: 0,
      batch: batchOf('x'.repeat(100)),
    });
    await assert.rejects(append, /max\.message\.bytes/);
  });

  it('refuses what does not exist', async () => {
    isError((await describeOne(TOPIC, 'nowhere')).errorCode, 'UNKNOWN_TOPIC_OR_PARTITION');
    isError((await describeOne(BROKER, '7')).errorCode, 'INVALID_REQUEST');
    isError((await describeOne(99, 'x')).errorCode, 'INVALID_REQUEST');
  });
});
