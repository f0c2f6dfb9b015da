import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lagOf, type Overview, Rates, recordCount, shownTopics, type TopicOverview } from './overview.ts';

const topic: TopicOverview = {
  name: 'T',
  internal: false,
  partitions: [
    { partition: 0, logStartOffset: 10, highWatermark: 25 },
    { partition: 1, logStartOffset: 0, highWatermark: 5 },
  ],
};

test('records are those between the start and the end of each partition', () =>
  assert.equal(recordCount(topic), 20));

const positions = [
  [
    'at the ends',
    [
      [0, 25],
      [1, 5],
    ],
    0,
  ],
  [
    'behind in both partitions',
    [
      [0, 20],
      [1, 0],
    ],
    10,
  ],
  ['ahead of what the page knows', [[0, 30]], 0],
  ['in a partition that is gone', [[7, 3]], 0],
] as const;

for (const [what, offsets, lag] of positions) {
  test(`a reader ${what} is ${lag} behind`, () => {
    const read = offsets.map(([partition, offset]) => ({ topic: 'T', partition, offset }));
    assert.equal(lagOf(read, [topic]), lag);
  });
}

test('rates follow the last three seconds and fall to nothing in silence', () => {
  const rates = new Rates();
  for (let second = 0; second <= 10; second++) rates.add('T', second * 50, second * 1_000);
  assert.equal(rates.perSecond('T', 10_000), 50);
  for (let second = 11; second <= 14; second++) rates.add('T', 500, second * 1_000);
  assert.equal(rates.perSecond('T', 14_000), 0);
  assert.equal(rates.perSecond('unknown', 0), 0);
});

test('only topics of people are shown', () => {
  const overview: Overview = {
    version: '0',
    kafkaAddress: '',
    httpAddress: '',
    registryAddress: '',
    uptimeMs: 0,
    topics: [
      topic,
      { ...topic, name: '__consumer_offsets', internal: true },
      { ...topic, name: '_confluent-ksql-default_query_CTAS_T_1-Aggregate-changelog' },
    ],
    queries: [],
    groups: [],
  };
  assert.deepEqual(
    shownTopics(overview).map(({ name }) => name),
    ['T'],
  );
});
