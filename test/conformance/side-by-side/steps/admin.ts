import { type Mask, script, step, steps } from '../script.ts';

const LOG_DIRS: readonly Mask[] = [[/"(size|totalBytes|usableBytes)":-?\d+/g, '"$1":N']];

/** What administrators of a broker ask it and tell it. */
export const ADMIN = script(
  'administration of a broker',
  step('kafka-topics --create --topic kept --partitions 2'),
  step('kafka-console-producer --topic kept --property parse.key=true', {
    stdin: Array.from({ length: 10 }, (_, n) => `k${n}\tv${n}\n`).join(''),
  }),
  step('kafka-get-offsets --topic kept'),
  deleteRecords([{ topic: 'kept', partition: 0, offset: 2 }]),
  deleteRecords([{ topic: 'kept', partition: 0, offset: 1 }]),
  deleteRecords([{ topic: 'kept', partition: 0, offset: 100 }]),
  deleteRecords([{ topic: 'kept', partition: 1, offset: -1 }]),
  deleteRecords([
    { topic: 'kept', partition: 0, offset: 1 },
    { topic: 'kept', partition: 0, offset: 2 },
  ]),
  step('kafka-delete-records --offset-json-file $DIR/not.json', { files: { 'not.json': 'not JSON' } }),
  step('kafka-get-offsets --topic kept --time earliest'),
  step('kafka-log-dirs --describe --topic-list kept', { masks: LOG_DIRS }),
  step('kafka-log-dirs --describe --topic-list kept --broker-list 1', { masks: LOG_DIRS }),
  step('kafka-log-dirs --describe --topic-list nothing', { masks: LOG_DIRS }),
  step('kafka-log-dirs --describe --broker-list 9', { masks: LOG_DIRS }),
  ...steps(`
    kafka-broker-api-versions
    kafka-cluster cluster-id
    kafka-cluster list-endpoints
    kafka-cluster list-endpoints --include-fenced-brokers
    kafka-cluster unregister --id 9
    kafka-features upgrade --feature group.version=9
    kafka-features upgrade --feature no.such.feature=1
    kafka-features upgrade --feature transaction.version=2 --dry-run
    kafka-features downgrade --feature transaction.version=0 --dry-run
    kafka-features downgrade --feature metadata.version=1
    kafka-features upgrade --release-version 4.0 --dry-run
    kafka-features version-mapping --release-version 4.1
    kafka-features feature-dependencies --feature transaction.version=2
  `),
  step('kafka-features describe'),
  step('kafka-metadata-quorum describe --status', {
    masks: [[/^(LeaderEpoch|HighWatermark|MaxFollowerLag|MaxFollowerLagTimeMs): *-?\d+/gm, '$1: N']],
  }),
  step('kafka-metadata-quorum describe --replication', { masks: QUORUM_NUMBERS() }),
  step('kafka-metadata-quorum describe --replication --human-readable', { masks: QUORUM_NUMBERS() }),
  step(
    'kafka-metadata-quorum remove-controller --controller-id 9 --controller-directory-id AAAAAAAAAAAAAAAAAAAABQ',
  ),
  step('kafka-metadata-quorum describe'),
);

function deleteRecords(partitions: readonly object[]) {
  const json = JSON.stringify({ partitions, version: 1 });
  return step('kafka-delete-records --offset-json-file $DIR/offsets.json', {
    files: { 'offsets.json': json },
  });
}

function QUORUM_NUMBERS(): Mask[] {
  return [
    [/\b\d+ ms ago\b/g, 'N ms ago'],
    [/^(1 ID) \d+ /gm, '$1 N '],
    [/ TIME TIME /g, ' TIME TIME '],
  ];
}

const MOVE = '{"version":1,"partitions":[{"topic":"moved","partition":0,"replicas":[1],"log_dirs":["any"]}]}';
const ELSEWHERE = '{"version":1,"partitions":[{"topic":"moved","partition":0,"replicas":[2]}]}';
const UNKNOWN = '{"version":1,"partitions":[{"topic":"nothing","partition":0,"replicas":[1]}]}';
const TWICE = '{"version":1,"partitions":[{"topic":"moved","partition":0,"replicas":[1,1]}]}';

/** What moves partitions about, on a cluster where there is nowhere to go. */
export const PLACEMENT = script(
  'placement of partitions',
  step('kafka-topics --create --topic moved --partitions 2'),
  step('kafka-reassign-partitions --generate --broker-list 1 --topics-to-move-json-file $DIR/topics.json', {
    files: { 'topics.json': '{"version":1,"topics":[{"topic":"moved"}]}' },
  }),
  step('kafka-reassign-partitions --generate --broker-list 1,2 --topics-to-move-json-file $DIR/topics.json'),
  // --verify asks about unknown brokers and topics for a minute.
  ...[ELSEWHERE, UNKNOWN, TWICE, 'not JSON', MOVE].map((plan) =>
    step('kafka-reassign-partitions --execute --reassignment-json-file $DIR/plan.json', {
      files: { 'plan.json': plan },
    }),
  ),
  step('kafka-reassign-partitions --verify --reassignment-json-file $DIR/plan.json'),
  step('kafka-reassign-partitions --cancel --reassignment-json-file $DIR/plan.json', {
    files: { 'plan.json': MOVE },
  }),
  ...steps(`
    kafka-reassign-partitions --list
    kafka-reassign-partitions
    kafka-leader-election --election-type preferred --topic moved --partition 0
    kafka-leader-election --election-type unclean --topic moved --partition 0
    kafka-leader-election --election-type preferred --topic nothing --partition 0
    kafka-leader-election --election-type preferred --topic moved --partition 9
    kafka-leader-election --election-type preferred --path-to-json-file $DIR/missing.json
    kafka-leader-election --election-type nonsense --all-topic-partitions
    kafka-leader-election --election-type unclean --all-topic-partitions
    kafka-leader-election
  `),
  step('kafka-leader-election --election-type preferred --path-to-json-file $DIR/elect.json', {
    files: {
      'elect.json': '{"partitions":[{"topic":"moved","partition":0},{"topic":"moved","partition":1}]}',
    },
    unordered: true,
  }),
);

export const TOKENS = script(
  'kafka-delegation-tokens on a broker without authentication',
  step('kafka-delegation-tokens --create --max-life-time-period -1 --command-config $DIR/client.properties', {
    files: { 'client.properties': 'client.id=tokens\n' },
  }),
  ...steps(`
    kafka-delegation-tokens --describe --command-config $DIR/client.properties
    kafka-delegation-tokens --renew --renew-time-period -1 --hmac AAAA --command-config $DIR/client.properties
    kafka-delegation-tokens --expire --expiry-time-period -1 --hmac AAAA --command-config $DIR/client.properties
    kafka-acls --list
    kafka-acls --add --allow-principal User:alice --operation Read --topic t
    kafka-acls --remove --allow-principal User:alice --operation Read --topic t --force
  `),
);

export const STREAMS_RESET = script(
  'kafka-streams-application-reset',
  step('kafka-topics --create --topic streamed --partitions 2'),
  step('kafka-topics --create --topic app-counts-changelog --partitions 2'),
  step('kafka-topics --create --topic app-words-repartition'),
  step('kafka-console-producer --topic streamed --property parse.key=true', { stdin: 'a\t1\nb\t2\nc\t3\n' }),
  step('kafka-console-consumer --topic streamed --group app --from-beginning --max-messages 3', {
    unordered: true,
  }),
  ...steps(
    `
    kafka-streams-application-reset --application-id app --input-topics streamed --dry-run
    kafka-streams-application-reset --application-id app --input-topics streamed
    kafka-streams-application-reset --application-id app --input-topics nothing
    kafka-streams-application-reset --application-id app --internal-topics streamed
  `,
    { unordered: true },
  ),
  step('kafka-topics --list --topic app-.*'),
  step('kafka-consumer-groups --describe --group app'),
);
