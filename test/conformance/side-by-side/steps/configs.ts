import { script, step, steps } from '../script.ts';

const LISTED_TOPIC_CONFIGS = { files: { 'add.properties': 'flush.ms=5000\nindex.interval.bytes=8192\n' } };

export const CONFIGS = script(
  'kafka-configs',
  ...steps(`
    kafka-topics --create --topic configured --config retention.ms=60000
    kafka-configs --describe --entity-type topics --entity-name configured
    kafka-configs --describe --topic configured --all
    kafka-configs --alter --topic configured --add-config segment.bytes=2097152,cleanup.policy=[compact,delete]
    kafka-configs --describe --topic configured
    kafka-configs --alter --topic configured --delete-config retention.ms
    kafka-configs --alter --topic configured --delete-config segment.ms
    kafka-configs --alter --topic configured --delete-config no.such.config
    kafka-configs --alter --topic configured --add-config no.such.config=1
    kafka-configs --alter --topic configured --add-config retention.ms=soon
    kafka-configs --alter --topic configured --add-config retention.ms=-2
    kafka-configs --alter --topic configured --add-config min.cleanable.dirty.ratio=2
    kafka-configs --alter --topic configured --add-config compression.type=brotli
    kafka-configs --alter --topic configured --add-config cleanup.policy=shred
    kafka-configs --alter --topic configured --add-config remote.storage.enable=true
    kafka-configs --alter --topic nowhere --add-config retention.ms=1
    kafka-configs --describe --topic nowhere
  `),
  step(
    'kafka-configs --alter --topic configured --add-config-file $DIR/add.properties',
    LISTED_TOPIC_CONFIGS,
  ),
  step('kafka-configs --describe --topic configured'),
  ...steps(`
    kafka-configs --describe --entity-type topics
    kafka-configs --describe --broker 1
    kafka-configs --describe --broker-defaults
  `),
  step('kafka-configs --describe --broker 1 --all', {
    masks: [
      [/(listeners|log\.dirs?|advertised\.listeners|controller\.quorum\.voters)=\S+/g, '$1=OWN'],
      [/(STATIC_BROKER_CONFIG:[\w.]+)=[^,}]+/g, '$1=OWN'],
    ],
  }),
  ...steps(`
    kafka-configs --describe --broker 9
    kafka-configs --describe --entity-type brokers
    kafka-configs --alter --broker-defaults --add-config message.max.bytes=2000000
    kafka-configs --alter --broker 1 --add-config log.retention.ms=7200000,background.threads=11
    kafka-configs --alter --broker 1 --add-config node.id=7
    kafka-configs --alter --broker 1 --add-config log.retention.ms=x
    kafka-configs --alter --broker 1 --add-config no.such.config=1
  `),
  step('kafka-configs --describe --broker 1'),
  step('kafka-configs --describe --broker-defaults'),
  step('kafka-configs --describe --topic configured --all'),
  ...steps(`
    kafka-configs --alter --broker 1 --delete-config log.retention.ms,background.threads
    kafka-configs --alter --broker-defaults --delete-config message.max.bytes
  `),
  step('kafka-configs --describe --broker 1'),
  ...steps(`
    kafka-configs --alter --entity-type broker-loggers --entity-name 1 --add-config no.such.logger=DEBUG
    kafka-configs --alter --entity-type broker-loggers --entity-name 1 --add-config root=LOUD
    kafka-configs --describe --entity-type broker-loggers --entity-name 9
    kafka-configs --describe --entity-type nonsense
    kafka-configs --alter --entity-type topics --entity-name configured
    kafka-configs --describe --alter --topic configured
    kafka-configs
  `),
);

export const QUOTAS = script(
  'kafka-configs for quotas, groups and client metrics',
  ...steps(`
    kafka-configs --alter --user alice --add-config producer_byte_rate=1024000,consumer_byte_rate=2048000
    kafka-configs --alter --user alice --client app --add-config request_percentage=50
    kafka-configs --alter --client app --add-config controller_mutation_rate=10
    kafka-configs --alter --user-defaults --add-config producer_byte_rate=4096000
    kafka-configs --alter --client-defaults --add-config consumer_byte_rate=4096000
    kafka-configs --alter --entity-type ips --entity-name 10.1.2.3 --add-config connection_creation_rate=20
    kafka-configs --alter --entity-type ips --entity-default --add-config connection_creation_rate=30
    kafka-configs --describe --user alice
    kafka-configs --describe --client app
    kafka-configs --describe --user alice --client app
    kafka-configs --describe --user-defaults
    kafka-configs --describe --client-defaults
    kafka-configs --describe --entity-type ips --entity-name 10.1.2.3
  `),
  ...steps(
    `
    kafka-configs --describe --entity-type users
    kafka-configs --describe --entity-type clients
    kafka-configs --describe --entity-type users --entity-type clients
    kafka-configs --describe --entity-type ips
  `,
    { unordered: true },
  ),
  ...steps(`
    kafka-configs --alter --user alice --add-config producer_byte_rate=fast
    kafka-configs --alter --user alice --add-config producer_byte_rate=-1
    kafka-configs --alter --user alice --add-config no_such_quota=1
    kafka-configs --alter --entity-type ips --entity-name 10.1.2.3 --add-config producer_byte_rate=1
    kafka-configs --alter --entity-type ips --entity-name no/ip --add-config connection_creation_rate=1
    kafka-configs --alter --user alice --delete-config consumer_byte_rate
    kafka-configs --alter --user alice --delete-config request_percentage
  `),
  step('kafka-configs --describe --user alice'),
  ...steps(`
    kafka-configs --alter --user alice --add-config SCRAM-SHA-256=[iterations=8192,password=wonder]
    kafka-configs --alter --user alice --add-config SCRAM-SHA-512=[password=wonder]
    kafka-configs --alter --user alice --add-config SCRAM-SHA-256=[iterations=1,password=wonder]
    kafka-configs --alter --user alice --add-config SCRAM-SHA-256=[iterations=8192]
  `),
  step('kafka-configs --describe --user alice'),
  ...steps(`
    kafka-configs --alter --user alice --delete-config SCRAM-SHA-512
    kafka-configs --alter --user alice --delete-config SCRAM-SHA-512,SCRAM-SHA-256
    kafka-configs --alter --user nobody --delete-config SCRAM-SHA-256
  `),
  step('kafka-configs --describe --user alice'),
  ...steps(`
    kafka-configs --alter --group workers --add-config consumer.session.timeout.ms=50000,consumer.heartbeat.interval.ms=6000
    kafka-configs --describe --group workers
    kafka-configs --describe --group workers --all
    kafka-configs --alter --group workers --add-config consumer.session.timeout.ms=1
    kafka-configs --alter --group workers --add-config no.such.config=1
    kafka-configs --alter --group workers --add-config share.isolation.level=read_committed,share.record.lock.duration.ms=20000
    kafka-configs --alter --group workers --delete-config consumer.heartbeat.interval.ms
    kafka-configs --describe --entity-type groups
    kafka-configs --describe --group nobody
    kafka-configs --alter --client-metrics watched --add-config interval.ms=60000,metrics=org.apache.kafka.,match=[client_id=app]
    kafka-configs --describe --client-metrics watched
    kafka-configs --alter --client-metrics watched --add-config interval.ms=1
    kafka-configs --alter --client-metrics watched --add-config match=[nonsense=1]
    kafka-configs --describe --entity-type client-metrics
  `),
  ...steps(`
    kafka-client-metrics --list
    kafka-client-metrics --describe
    kafka-client-metrics --describe --name watched
    kafka-client-metrics --describe --name nothing
    kafka-client-metrics --alter --name second --interval 30000 --metrics org.apache.kafka.producer.,org.apache.kafka.consumer. --match client_software_name=apache-kafka-java
    kafka-client-metrics --alter --name second --interval 1
    kafka-client-metrics --describe --name second
    kafka-client-metrics --delete --name second
    kafka-client-metrics --delete --name nothing
    kafka-client-metrics
  `),
  step('kafka-configs --alter --client-metrics watched --delete-config interval.ms,metrics,match'),
  step('kafka-client-metrics --list', { unordered: true }),
);
