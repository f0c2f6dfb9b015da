import type { ConfigDefinition } from './config-table.ts';

const row = (
  name: string,
  type: ConfigDefinition['type'],
  value: string,
  doc: string,
  more: Pick<ConfigDefinition, 'oneOf'> & { min?: number } = {},
): ConfigDefinition => ({
  name: `group.consumer.${name}`,
  type,
  default: value,
  doc,
  readOnly: true,
  ...more,
});

/** How the coordinator treats groups of the consumer protocol (KIP-848). */
export const CONSUMER_GROUP_CONFIGS: readonly ConfigDefinition[] = [
  row('assignors', 'list', 'uniform,range', 'Assignors members may ask for; the first is the default.', {
    oneOf: ['uniform', 'range'],
  }),
  row('heartbeat.interval.ms', 'int', '5000', 'How often members are told to report.', { min: 1 }),
  row('min.heartbeat.interval.ms', 'int', '5000', 'Shortest interval a group may configure.', { min: 1 }),
  row('max.heartbeat.interval.ms', 'int', '15000', 'Longest interval a group may configure.', { min: 1 }),
  row('session.timeout.ms', 'int', '45000', 'Silence after which a member is removed.', { min: 1 }),
  row('min.session.timeout.ms', 'int', '45000', 'Shortest session timeout a group may configure.', {
    min: 1,
  }),
  row('max.session.timeout.ms', 'int', '60000', 'Longest session timeout a group may configure.', { min: 1 }),
  row('max.size', 'int', '2147483647', 'Most members of a group of this protocol.', { min: 1 }),
  row(
    'migration.policy',
    'string',
    'bidirectional',
    'Which way groups may change their protocol while members come and go.',
    { oneOf: ['bidirectional', 'upgrade', 'downgrade', 'disabled'] },
  ),
  row(
    'regex.refresh.interval.ms',
    'int',
    '600000',
    'How often regular expressions are looked at again though no topic came or went.',
    { min: 10_000 },
  ),
];
