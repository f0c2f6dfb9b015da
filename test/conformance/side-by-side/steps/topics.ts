import { script, step, steps } from '../script.ts';

export const TOPICS = script(
  'kafka-topics',
  ...steps(`
    kafka-topics --create --topic orders --partitions 3 --replication-factor 1 --config retention.ms=60000 --config cleanup.policy=compact,delete
    kafka-topics --create --topic orders
    kafka-topics --create --topic orders --if-not-exists
    kafka-topics --create --topic plain
    kafka-topics --create --topic placed --replica-assignment 1,1
    kafka-topics --create --topic misplaced --replica-assignment 7
    kafka-topics --create --topic misplaced --replica-assignment 1:2
    kafka-topics --create --topic copied --replication-factor 3
    kafka-topics --create --topic none --partitions 0
    kafka-topics --create --topic bad/name
    kafka-topics --create --topic wrong --config no.such.config=1
    kafka-topics --create --topic wrong --config retention.ms=soon
    kafka-topics --create --topic wrong --config min.insync.replicas=0
    kafka-topics --create --topic my.topic
    kafka-topics --create --topic my_topic
    kafka-topics --create
    kafka-topics --topic orders
    kafka-topics --create --topic orders --alter
  `),
  step('kafka-topics --list --exclude-internal'),
  ...steps(`
    kafka-topics --list --topic or.*
    kafka-topics --list --topic __.*
    kafka-topics --describe --topic orders
    kafka-topics --describe --topic or.*|plain
    kafka-topics --describe --topic nothing
    kafka-topics --describe --topic nothing --if-exists
    kafka-topics --describe --topic-id AAAAAAAAAAAAAAAAAAAABQ
    kafka-topics --describe --topics-with-overrides --exclude-internal
    kafka-topics --describe --unavailable-partitions
    kafka-topics --describe --under-replicated-partitions
    kafka-topics --describe --under-min-isr-partitions
    kafka-topics --describe --at-min-isr-partitions --exclude-internal
    kafka-topics --describe --topic orders --partition-size-limit-per-response 1
    kafka-topics --alter --topic orders --partitions 5
    kafka-topics --alter --topic orders --partitions 4
    kafka-topics --alter --topic orders --partitions 5
    kafka-topics --alter --topic placed --partitions 3 --replica-assignment 1,1,1
    kafka-topics --alter --topic placed --partitions 4 --replica-assignment 1,1,1,9
    kafka-topics --alter --topic nothing --partitions 2
    kafka-topics --alter --topic nothing --partitions 2 --if-exists
    kafka-topics --alter --topic orders --config retention.ms=1
  `),
  step('kafka-topics --describe --topic orders'),
  ...steps(`
    kafka-topics --delete --topic nothing
    kafka-topics --delete --topic nothing --if-exists
    kafka-topics --delete --topic placed
    kafka-topics --delete --topic __consumer_offsets_not
    kafka-topics --delete --topic-id AAAAAAAAAAAAAAAAAAAABQ
    kafka-topics --delete
  `),
  step('kafka-topics --list --exclude-internal'),
  ...steps(`
    kafka-topics
    kafka-topics --nonsense
    kafka-topics --version
  `),
  step('kafka-topics --list', { bare: true }),
  step('kafka-topics --list --bootstrap-server nonsense', { bare: true }),
);
