import { type Mask, script, step, steps } from '../script.ts';

const TIMES: readonly Mask[] = [
  [/"(timestamp|avg_throughput|target_throughput)":[^,}]*/g, '"$1":N'],
  [/[\d.,]+ (records\/sec|MB\/sec|ms avg latency|ms max latency|ms (50|95|99|99\.9)th)/g, 'N $1'],
  [/\([\d.]+ MB\/sec\)/g, ''],
];

/** Tools that others build their system tests and measurements on. */
export const VERIFIABLE = script(
  'verifiable and measuring clients',
  step('kafka-topics --create --topic verified'),
  step('kafka-topics --create --topic compatible'),
  step('kafka-verifiable-producer --topic verified --max-messages 20 --acks -1', { masks: TIMES }),
  step(
    'kafka-verifiable-producer --topic verified --max-messages 5 --acks 1 --value-prefix 7 --repeating-keys 2',
    {
      masks: TIMES,
    },
  ),
  ...['classic', 'consumer'].map((protocol) =>
    step(
      `kafka-verifiable-consumer --topic verified --group-id verifiers-${protocol} --group-protocol ${protocol} --max-messages 25 --reset-policy earliest --verbose`,
      {
        masks: [
          ...TIMES,
          [/^\{.*"name":"records_consumed".*\n?/gm, ''],
          [/^\{.*"name":"offsets_committed".*\n?/gm, ''],
        ],
      },
    ),
  ),
  step(
    'kafka-producer-perf-test --topic verified --num-records 1000 --record-size 100 --throughput -1 --producer-props bootstrap.servers=$BROKER acks=all compression.type=lz4',
    { masks: TIMES },
  ),
  step(
    'kafka-producer-perf-test --topic verified --num-records 200 --record-size 100 --throughput -1 --transaction-duration-ms 50 --bootstrap-server $BROKER',
    { masks: TIMES },
  ),
  step('kafka-consumer-perf-test --topic verified --messages 1025 --timeout 20000 --hide-header', {
    masks: [[/^.*, (\d+), [\d.]+, \d+, \d+, [\d.]+, [\d.]+$/gm, '$1 messages']],
  }),
  ...steps(`
    kafka-get-offsets --topic verified
    client-compatibility-test --topic compatible --num-cluster-nodes 1 --offsets-for-times-supported true --cluster-id-supported true --expect-record-too-large-exception false --create-topics-supported true --describe-acls-supported true --describe-configs-supported true --idempotent-producer-supported true
  `),
);
