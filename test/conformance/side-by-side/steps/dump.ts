import { type Mask, script, step } from '../script.ts';

const PER_RUN: readonly Mask[] = [
  [/(baseOffset|offset): (\d+)/g, '$1: $2'],
  [/\b(crc|position|producerId|partitionLeaderEpoch|size): -?\d+/g, '$1: N'],
];

/** Kafka's own reader of segment files on what each broker wrote. */
export const DUMP = script(
  'kafka-dump-log',
  step('kafka-topics --create --topic dumped'),
  step('kafka-console-producer --topic dumped --property parse.key=true --property parse.headers=true', {
    stdin: 'h:1\ta\tone\nh:2\tb\ttwo\n',
  }),
  step(
    'kafka-console-producer --topic dumped --compression-codec gzip --producer-property enable.idempotence=false',
    {
      stdin: 'three\nfour\n',
    },
  ),
  step('kafka-dump-log --files $DATA/dumped-0/00000000000000000000.log --print-data-log', {
    bare: true,
    masks: PER_RUN,
  }),
  step('kafka-dump-log --files $DATA/dumped-0/00000000000000000000.index --index-sanity-check', {
    bare: true,
  }),
  step('kafka-dump-log --files $DATA/dumped-0/00000000000000000000.timeindex --index-sanity-check', {
    bare: true,
  }),
);
