import type { PairOptions } from '../pair.ts';
import { type Step, script, step, steps } from '../script.ts';
import { OPTIONS_FIRST } from '../tools.ts';

const USERS = ['alice', 'bob'] as const;
const FILES = Object.fromEntries(
  ['admin', ...USERS].map((user) => [
    `${user}.properties`,
    [
      'security.protocol=SASL_PLAINTEXT',
      'sasl.mechanism=PLAIN',
      `sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="${user}" password="${user}-secret";`,
    ].join('\n'),
  ]),
);

type User = 'admin' | (typeof USERS)[number];

const AS: Readonly<Record<string, (user: User) => string>> = {
  'kafka-console-producer': (user) => `--producer.config $DIR/${user}.properties`,
  'kafka-console-consumer': (user) => `--consumer.config $DIR/${user}.properties`,
};

/** A command as this user. */
function as(user: User, line: string, options: Parameters<typeof step>[1] = {}): Step {
  const [tool = ''] = line.split(' ');
  const flag = AS[tool]?.(user) ?? `--command-config $DIR/${user}.properties`;
  const command = OPTIONS_FIRST.has(tool) ? line.replace(tool, `${tool} ${flag}`) : `${line} ${flag}`;
  return step(command, { files: FILES, ...options });
}

function all(user: User, text: string, options: Parameters<typeof step>[1] = {}): Step[] {
  return steps(text).map(({ name }) => as(user, name, options));
}

const UNORDERED = { unordered: true };

/** What a client without rights meets, and how rights are given and taken, with the StandardAuthorizer. */
export const ACLS = script(
  'kafka-acls with an authorizer',
  as('admin', 'kafka-topics --create --topic ledger'),
  as('admin', 'kafka-topics --create --topic ledger-copy'),
  as('admin', 'kafka-acls --list'),
  ...all(
    'admin',
    `
    kafka-acls --add --allow-principal User:alice --producer --topic ledger
    kafka-acls --add --allow-principal User:bob --consumer --topic ledger --group readers
    kafka-acls --add --deny-principal User:bob --deny-host 10.9.8.7 --operation Read --topic ledger
    kafka-acls --add --allow-principal User:alice --operation Describe --operation Alter --topic ledger --resource-pattern-type prefixed
    kafka-acls --add --allow-principal User:alice --operation All --transactional-id tx --idempotent
    kafka-acls --add --allow-principal User:alice --operation ClusterAction --cluster
    kafka-acls --add --allow-principal User:bob --operation DescribeTokens --delegation-token token
    kafka-acls --add --allow-principal User:bob --operation CreateTokens --user-principal User:carol
    kafka-acls --add --allow-principal alice --operation Read --topic ledger
    kafka-acls --add --allow-principal User:alice --operation Read
    kafka-acls --add --topic ledger
    kafka-acls --list
    kafka-acls --list --topic ledger
    kafka-acls --list --topic ledger-copy --resource-pattern-type match
    kafka-acls --list --principal User:bob
    kafka-acls --list --group *
    kafka-acls --list --cluster
  `,
    UNORDERED,
  ),
  as('alice', 'kafka-console-producer --topic ledger', { stdin: 'one\ntwo\n' }),
  as('alice', 'kafka-console-producer --topic private', { stdin: 'one\n' }),
  // An idempotent producer is refused twice, and says now one, now the other.
  as('bob', 'kafka-console-producer --topic ledger --producer-property enable.idempotence=false', {
    stdin: 'three\n',
  }),
  as('bob', 'kafka-console-consumer --topic ledger --group readers --from-beginning --max-messages 2'),
  as('bob', 'kafka-console-consumer --topic ledger --group others --from-beginning --max-messages 2'),
  as('alice', 'kafka-console-consumer --topic ledger --group readers --from-beginning --max-messages 2'),
  as('bob', 'kafka-console-consumer --topic private --group readers --from-beginning --timeout-ms 3000'),
  ...all(
    'bob',
    `
    kafka-topics --list
    kafka-topics --describe --topic ledger
    kafka-topics --describe --topic ledger-copy
    kafka-topics --create --topic mine
    kafka-topics --alter --topic ledger --partitions 2
    kafka-topics --delete --topic ledger
    kafka-configs --describe --topic ledger
    kafka-configs --alter --topic ledger --add-config retention.ms=1
    kafka-configs --describe --broker 1
    kafka-consumer-groups --list
    kafka-consumer-groups --describe --group readers
    kafka-consumer-groups --describe --group others
    kafka-consumer-groups --delete --group readers
    kafka-acls --list
    kafka-get-offsets --topic ledger
    kafka-transactions list
    kafka-features describe
    kafka-metadata-quorum describe --status
    kafka-log-dirs --describe
  `,
  ),
  ...all(
    'alice',
    `
    kafka-topics --list
    kafka-topics --describe --topic ledger-copy
    kafka-topics --alter --topic ledger-copy --partitions 2
    kafka-topics --delete --topic ledger-copy
  `,
  ),
  ...all(
    'admin',
    `
    kafka-acls --remove --allow-principal User:alice --operation Write --topic ledger --force
    kafka-acls --remove --topic ledger --force
    kafka-acls --remove --allow-principal User:nobody --operation Write --topic ledger --force
    kafka-acls --remove --force
    kafka-acls --list
  `,
    UNORDERED,
  ),
  as('alice', 'kafka-console-producer --topic ledger --producer-property enable.idempotence=false', {
    stdin: 'four\n',
  }),
  step('kafka-topics --list --command-config $DIR/wrong.properties', {
    files: { 'wrong.properties': FILES['bob.properties']!.replace('bob-secret', 'guessed') },
  }),
  as('admin', 'kafka-configs --alter --user dora --add-config SCRAM-SHA-256=[password=dora-secret]'),
  as('admin', 'kafka-acls --add --allow-principal User:dora --operation Describe --topic ledger'),
  step('kafka-topics --list --command-config $DIR/dora.properties', {
    files: {
      'dora.properties': FILES['bob.properties']!.replaceAll('bob', 'dora')
        .replace('=PLAIN\n', '=SCRAM-SHA-256\n')
        .replace('plain.PlainLoginModule', 'scram.ScramLoginModule'),
    },
  }),
  as('bob', 'kafka-delegation-tokens --create --max-life-time-period -1'),
  as('bob', 'kafka-delegation-tokens --describe'),
);

const LOGIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required';

/** Clients log in with a password; an administrator may do everything, everybody else what ACLs allow. */
export const SECURED: PairOptions = {
  protocol: 'SASL_PLAINTEXT',
  properties: {
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256',
    'listener.name.sasl_plaintext.plain.sasl.jaas.config': `${LOGIN} username="admin" password="admin-secret" ${[
      'admin',
      ...USERS,
    ]
      .map((user) => `user_${user}="${user}-secret"`)
      .join(' ')};`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:admin;User:ANONYMOUS',
  },
  kafkaOnly: {
    'listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'security.inter.broker.protocol': 'SASL_PLAINTEXT',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT',
  },
};
