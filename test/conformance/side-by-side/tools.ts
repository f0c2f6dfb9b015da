import { existsSync, globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { confluentPython, hasCommand } from '../../support/foreign.ts';

/** The scripts of Apache Kafka's bin folder, by the class each starts. */
export const TOOLS: Readonly<Record<string, string>> = {
  'client-compatibility-test': 'org.apache.kafka.tools.ClientCompatibilityTest',
  'connect-distributed': 'org.apache.kafka.connect.cli.ConnectDistributed',
  'connect-standalone': 'org.apache.kafka.connect.cli.ConnectStandalone',
  'kafka-acls': 'org.apache.kafka.tools.AclCommand',
  'kafka-broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  'kafka-client-metrics': 'org.apache.kafka.tools.ClientMetricsCommand',
  'kafka-cluster': 'org.apache.kafka.tools.ClusterTool',
  'kafka-configs': 'kafka.admin.ConfigCommand',
  'kafka-console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'kafka-console-share-consumer': 'org.apache.kafka.tools.consumer.ConsoleShareConsumer',
  'kafka-consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'kafka-consumer-perf-test': 'org.apache.kafka.tools.ConsumerPerformance',
  'kafka-delegation-tokens': 'org.apache.kafka.tools.DelegationTokenCommand',
  'kafka-delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'kafka-dump-log': 'kafka.tools.DumpLogSegments',
  'kafka-e2e-latency': 'org.apache.kafka.tools.EndToEndLatency',
  'kafka-features': 'org.apache.kafka.tools.FeatureCommand',
  'kafka-get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'kafka-groups': 'org.apache.kafka.tools.GroupsCommand',
  'kafka-leader-election': 'org.apache.kafka.tools.LeaderElectionCommand',
  'kafka-log-dirs': 'org.apache.kafka.tools.LogDirsCommand',
  'kafka-metadata-quorum': 'org.apache.kafka.tools.MetadataQuorumCommand',
  'kafka-producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
  'kafka-reassign-partitions': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
  'kafka-replica-verification': 'org.apache.kafka.tools.ReplicaVerificationTool',
  'kafka-share-groups': 'org.apache.kafka.tools.consumer.group.ShareGroupCommand',
  'kafka-streams-application-reset': 'org.apache.kafka.tools.StreamsResetter',
  'kafka-streams-groups': 'org.apache.kafka.tools.streams.StreamsGroupCommand',
  'kafka-topics': 'org.apache.kafka.tools.TopicCommand',
  'kafka-transactions': 'org.apache.kafka.tools.TransactionsCommand',
  'kafka-verifiable-consumer': 'org.apache.kafka.tools.VerifiableConsumer',
  'kafka-verifiable-producer': 'org.apache.kafka.tools.VerifiableProducer',
  'kafka-verifiable-share-consumer': 'org.apache.kafka.tools.VerifiableShareConsumer',
  'transactional-message-copier': 'org.apache.kafka.tools.TransactionalMessageCopier',
  // Programs of test/conformance/java.
  clients: 'Clients',
  'consumer-groups': 'Groups',
  'http-call': 'HttpCall',
  'open-transaction': 'OpenTransaction',
  'word-count': 'WordCount',
};

/** Options under which each takes the broker's address; the other tools know `--bootstrap-server`. */
export const ADDRESS_OPTIONS: Readonly<Record<string, string>> = {
  'kafka-replica-verification': '--broker-list',
  'transactional-message-copier': '--broker-list',
};

/** Tools whose options that every subcommand has stand before the subcommand. */
export const OPTIONS_FIRST: ReadonlySet<string> = new Set([
  'kafka-features',
  'kafka-metadata-quorum',
  'kafka-transactions',
]);

/** A program of its own, or the reason why it cannot be run here. */
export interface Program {
  readonly command: readonly string[];
  readonly missing: string | undefined;
}

const FETCH = 'scripts/fetch-rivals.sh fetches it';
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

function pythonClient(library: string, script: string): Program {
  const python = confluentPython() ?? 'python3';
  const found = globSync(path(`../../../.cache/python/lib/python3*/site-packages/${library}`)).length > 0;
  const missing = found ? undefined : `${library} for Python is missing: ${FETCH}`;
  return { command: [python, path(`../python/${script}`)], missing };
}

function goClient(name: string): Program {
  const binary = path('../../../.cache/go/clients');
  const missing = existsSync(binary) ? undefined : `Go's clients are not built: ${FETCH} where there is Go`;
  return { command: [binary, name], missing };
}

function nodeClient(script: string): Program {
  return { command: [process.execPath, path(`../js/${script}`)], missing: undefined };
}

/** Clients that are not Java's. */
export const PROGRAMS: Readonly<Record<string, Program>> = {
  aiokafka: pythonClient('aiokafka', 'aiokafka_client.py'),
  'confluent-kafka': pythonClient('confluent_kafka', 'confluent_client.py'),
  'franz-go': goClient('franz'),
  'kafka-python': pythonClient('kafka', 'kafka_python_client.py'),
  kafkajs: nodeClient('kafkajs-client.ts'),
  kcat: { command: ['kcat'], missing: hasCommand('kcat') ? undefined : 'kcat is not installed' },
  platformatic: nodeClient('platformatic-client.ts'),
  sarama: goClient('sarama'),
};
