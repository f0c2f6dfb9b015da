import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isInternalTopic, QueryNames } from './names.ts';

const changelog = new QueryNames('default_', 'CTAS_T_1').changelog('Aggregate');

for (const [topic, isInternal] of [
  [changelog, true],
  ['_confluent-ksql-default__command_topic', true],
  ['__consumer_offsets', true],
  ['__share_group_state', true],
  ['_schemas', true],
  ['connect-status', true],
  ['connect-statusquo', false],
  ['_mine', false],
  ['my-changelog', false],
  ['default_ksql_processing_log', false],
] as const)
  it(`${topic} is ${isInternal ? 'internal' : "somebody's"}`, () =>
    assert.equal(isInternalTopic(topic), isInternal));
