import { script, step } from '../script.ts';

/** Scenarios of test/conformance/java, by file. */
const BASIC_SCENARIOS: readonly string[] = [
  // Clients.java
  ...['0', '1', 'all'].flatMap((acks) =>
    ['none', 'gzip', 'snappy', 'lz4', 'zstd'].map((codec) => `produce-${acks}-${codec}`),
  ),
  'produce-metadata',
  'produce-null-key-on-compacted',
  'large-messages',
  'transactions',
  'transaction-fencing',
  'transaction-timeouts',
  'consume-transform-produce',
  'rebalance-RangeAssignor',
  'rebalance-RoundRobinAssignor',
  'rebalance-StickyAssignor',
  'rebalance-CooperativeStickyAssignor',
  'static-membership',
  'static-cooperative',
  'partition-added',
  'topic-recreated',
  'seek-pause-times',
  'create-topics',
  'create-partitions',
  'describe-topics',
  'alter-configs',
  'delete-records',
  'group-admin',
  'group-settings',
  // RecordScenarios.java
  'record-contents',
  'refused-records',
  'topic-codecs',
  'auto-creation',
  'consumer-moves-classic',
  'consumer-moves-consumer',
  'isolation',
  'transaction-epochs',
  'transaction-misuse',
];

const NEWER_SCENARIOS: readonly string[] = [
  // NewGroupScenarios.java
  'consumer-protocol-rebalance-uniform',
  'consumer-protocol-rebalance-range',
  'consumer-protocol-unknown-assignor',
  'consumer-protocol-pattern',
  'consumer-protocol-static',
  'consumer-protocol-migration',
  'consumer-protocol-offsets',
  'consumer-protocol-settings',
  // ShareScenarios.java
  'share-acknowledge',
  'share-deliveries-end',
  'share-members',
  'share-offsets',
  'share-transactions',
  // BrokerScenarios.java
  'describe-cluster',
  'features',
  'metadata-quorum',
  'log-dirs',
  'placement',
  'quotas',
  'scram',
  'acls-without-authorizer',
  'delegation-tokens',
  'transactions-seen-from-outside',
  'config-resources',
  'topic-configs',
  'raft-voters',
  'controller-bootstrap',
];

const scenario = (name: string) => step(`clients $BROKER ${name}`, { timeoutMs: 60_000, ignoreStderr: true });

export const JAVA_CLIENTS = script(
  'producers, consumers, classic groups and topics',
  ...BASIC_SCENARIOS.map(scenario),
  step('consumer-groups $BROKER', { timeoutMs: 120_000, ignoreStderr: true }),
);

export const NEW_JAVA_CLIENTS = script(
  'groups by the consumer protocol, share groups and administrators',
  ...NEWER_SCENARIOS.map(scenario),
);

export const STREAMS = script(
  'a Kafka Streams application, exactly once',
  step('word-count $BROKER', { timeoutMs: 110_000, ignoreStderr: true }),
);

/** Clients of other languages, each with a script of its own (test/conformance/python, go and js). */
export const OTHER_CLIENTS = script(
  'clients of other languages',
  step('kcat -b $BROKER -P -t cat -K: -p 0 -H a=1', { stdin: 'a:1\nb:2\nc:\n' }),
  step('kcat -b $BROKER -P -t cat -p 0 -z snappy', { stdin: 'packed\n' }),
  step('kcat -b $BROKER -L -J -t cat'),
  step("kcat -b $BROKER -C -t cat -e -q -f '%t %p %o %k %s %h %S\\n'"),
  step('kcat -b $BROKER -C -t cat -o -1 -e -q'),
  step('kcat -b $BROKER -Q -t cat:0:1'),
  step('kcat -b $BROKER -G cats -X auto.offset.reset=earliest -c 2 -q cat'),
  step('kcat -b $BROKER -G cats -X auto.offset.reset=earliest -c 2 -q cat'),
  ...['confluent-kafka', 'kafka-python', 'aiokafka', 'franz-go', 'sarama', 'kafkajs', 'platformatic'].map(
    (client) => step(`${client} $BROKER`, { ignoreStderr: true }),
  ),
);
