import { type ConfigDefinition, configTable } from './config-table.ts';
import { CONSUMER_GROUP_CONFIGS } from './consumer-group-configs.ts';
import { TOPIC_CONFIGS } from './topic-configs.ts';

const fixed = (
  name: string,
  type: ConfigDefinition['type'],
  value: string | null,
  doc: string,
  bounds: { min?: number; max?: number } = {},
): ConfigDefinition => ({ name, type, default: value, doc, readOnly: true, ...bounds });

/** Defaults of topic configs, under the broker's names for them; those Kafka lets change while it runs may change here. */
const TOPIC_DEFAULTS: readonly ConfigDefinition[] = [...TOPIC_CONFIGS.values()]
  .filter(({ broker }) => broker !== undefined)
  .map(({ broker, ...rest }) => ({ ...rest, name: broker! }));

/** The broker configs tools and clients look for, with Kafka 4.1's defaults. */
export const BROKER_CONFIGS = configTable([
  fixed('advertised.listeners', 'string', null, 'Addresses clients are told to connect to.'),
  fixed('auto.create.topics.enable', 'boolean', 'true', 'Whether a topic that clients ask for is created.'),
  fixed('broker.id', 'int', '1', 'The number of this node.'),
  fixed('connections.max.idle.ms', 'long', '600000', 'Silence after which a connection is closed.'),
  fixed(
    'default.replication.factor',
    'int',
    '1',
    'Replicas of a topic created without saying; there is one broker.',
  ),
  fixed('delete.topic.enable', 'boolean', 'true', 'Whether topics may be deleted.'),
  fixed('fetch.max.bytes', 'int', '57671680', 'Most bytes in an answer to a fetch.', { min: 1024 }),
  ...CONSUMER_GROUP_CONFIGS,
  fixed(
    'group.initial.rebalance.delay.ms',
    'int',
    '3000',
    'How long the first join phase of an empty group waits for more members.',
    { min: 0 },
  ),
  fixed('group.max.session.timeout.ms', 'int', '1800000', 'Longest session timeout a member may ask for.'),
  fixed('group.max.size', 'int', '2147483647', 'Most members of a group.', { min: 1 }),
  fixed('group.min.session.timeout.ms', 'int', '6000', 'Shortest session timeout a member may ask for.'),
  fixed('listeners', 'string', null, 'Addresses the server listens at.'),
  fixed('log.cleaner.backoff.ms', 'long', '15000', 'Pause of the cleaner when there is nothing to clean.', {
    min: 0,
  }),
  fixed(
    'log.cleaner.dedupe.buffer.size',
    'long',
    '134217728',
    'Memory for the keys of a log being compacted.',
    {
      min: 1024,
    },
  ),
  fixed('log.dir', 'string', null, 'The data folder.'),
  fixed('log.dirs', 'string', null, 'The data folder.'),
  fixed(
    'log.flush.offset.checkpoint.interval.ms',
    'int',
    '60000',
    'How often the recovery point is written down.',
  ),
  fixed('log.retention.check.interval.ms', 'long', '300000', 'How often old segments are looked for.', {
    min: 1,
  }),
  fixed('max.connections', 'int', '2147483647', 'Most connections at a time.', { min: 0 }),
  fixed('max.incremental.fetch.session.cache.slots', 'int', '1000', 'Most incremental fetch sessions.', {
    min: 0,
  }),
  fixed('node.id', 'int', '1', 'The number of this node.'),
  fixed('num.partitions', 'int', '1', 'Partitions of a topic created without saying.', { min: 1 }),
  fixed('num.recovery.threads.per.data.dir', 'int', '2', 'Kept for tools.'),
  fixed(
    'offset.metadata.max.bytes',
    'int',
    '4096',
    'Longest text a client may keep with a committed offset.',
  ),
  fixed(
    'offsets.retention.check.interval.ms',
    'long',
    '600000',
    'How often expired offsets are looked for.',
    { min: 1 },
  ),
  fixed(
    'offsets.retention.minutes',
    'int',
    '10080',
    'How long offsets outlive the last member of their group.',
    { min: 1 },
  ),
  fixed(
    'offsets.topic.num.partitions',
    'int',
    '1',
    'Partitions of __consumer_offsets; one node gains nothing from more.',
    { min: 1 },
  ),
  fixed('process.roles', 'list', 'broker,controller', 'What this node does.'),
  fixed('producer.id.expiration.ms', 'int', '86400000', 'Silence after which a producer id is forgotten.', {
    min: 1,
  }),
  fixed(
    'queued.max.request.bytes',
    'long',
    '-1',
    'Bytes of requests of all connections together above which no more are read.',
  ),
  fixed('socket.request.max.bytes', 'int', '104857600', 'Largest request accepted.', { min: 1 }),
  fixed(
    'transaction.abort.timed.out.transaction.cleanup.interval.ms',
    'int',
    '10000',
    'How often transactions out of time are looked for.',
    { min: 1 },
  ),
  fixed(
    'transaction.max.timeout.ms',
    'int',
    '900000',
    'Longest transaction timeout a producer may ask for.',
    { min: 1 },
  ),
  fixed(
    'transaction.partition.verification.enable',
    'boolean',
    'true',
    'Whether a transactional write is checked against the coordinator (KIP-890).',
  ),
  fixed(
    'transaction.state.log.num.partitions',
    'int',
    '1',
    'Partitions of __transaction_state; one node gains nothing from more.',
    { min: 1 },
  ),
  fixed(
    'transactional.id.expiration.ms',
    'int',
    '604800000',
    'Silence after which a transactional id is forgotten.',
    { min: 1 },
  ),
  ...TOPIC_DEFAULTS,
]);
