import type { Mask } from './script.ts';

/**
 * Where Millrace and Apache Kafka 4.1 show something different, and why. Everything else is the same: a difference that
 * is not listed here fails, and so does an entry whose difference is gone.
 */
export interface Difference {
  /** Names of the steps that show it. */
  readonly steps: readonly string[];
  readonly why: string;
  /** What to overlook on both sides; without any, everything the steps show. */
  readonly masks?: readonly Mask[];
}

/** Lines of what a command printed that begin so. */
function linesOf(...names: readonly string[]): Mask {
  return [new RegExp(`^out\\|\\s*(${names.join('|')})[=(].*\\n`, 'gm'), ''];
}

export const DIFFERENCES: readonly Difference[] = [
  {
    steps: ['kafka-topics --list --topic __.*', 'kafka-configs --describe --entity-type topics'],
    why: 'Internal topics are there from the first start, and so are the topics of metadata and SQL statements; Kafka makes its own when they are first used.',
  },
  {
    steps: [
      'kafka-get-offsets --exclude-internal-topics --topic .*',
      'kafka-topics --list --exclude-internal',
      'kafka-topics --describe --topics-with-overrides --exclude-internal',
      'kafka-topics --describe --at-min-isr-partitions --exclude-internal',
    ],
    why: 'The processing log of SQL queries is a topic, there from the first start.',
    masks: [[/^out\|.*default_ksql_processing_log.*\n?/gm, '']],
  },
  {
    steps: ['kafka-configs --describe --topic configured --all', 'clients $BROKER topic-configs'],
    why: 'Topics have one config more, `durability`: whether an acknowledgement waits for the disk.',
    masks: [linesOf('durability')],
  },
  {
    steps: ['kafka-configs --describe --broker 1 --all'],
    why: 'The broker shows its own limits of connections and waiting bytes, one partition for each internal topic, and no addresses of a quorum.',
    masks: [
      linesOf(
        'controller\\.quorum\\.(voters|bootstrap\\.servers)',
        'controller\\.quota\\.window\\.num',
        'log\\.flush\\.interval\\.messages',
        'max\\.connections',
        'queued\\.max\\.request\\.bytes',
        'socket\\.listen\\.backlog\\.size',
        '(offsets|share\\.coordinator\\.state)\\.topic\\.num\\.partitions',
        'transaction\\.state\\.log\\.num\\.partitions',
      ),
    ],
  },
  {
    steps: ['kafka-broker-api-versions'],
    why: 'Metrics of clients are taken without a plugin (APIs 71 and 72), which Kafka serves only with one; the five APIs by which Kafka brokers keep the state of share groups among themselves (83 to 87) are not served.',
    masks: [linesOf('GetTelemetrySubscriptions', 'PushTelemetry', '\\w+ShareGroupState(Summary)?')],
  },
  {
    steps: ['franz-go $BROKER'],
    why: 'A client that guesses the version of a broker from its APIs misses those five and says `at least v3.9`.',
    masks: [[/^out\| api versions: .*$/gm, '']],
  },
  {
    steps: [
      'kafka-share-groups --describe --group sharers',
      'kafka-share-groups --describe --group sharers --verbose',
      'kafka-share-groups --describe --group sharers --members --verbose',
      'kafka-share-groups --describe --group sharers --state --verbose',
      'kafka-share-groups --describe --all-groups',
    ],
    why: 'The start offset of a share group is where it is; Kafka shows where it was before its last acknowledgement. Its epoch counts members that come and go; Kafka counts the first use of a topic too.',
    masks: [
      [/(sharers shared 0 (?:0 )?)\d+$/gm, '$1N'],
      [/(sharer 1) \d+ (shared:0)$/gm, '$1 N $2'],
      [/(Stable) \d+ \d+ (1)$/gm, '$1 N N $2'],
    ],
  },
  {
    steps: ['kafka-acls --list --command-config $DIR/bob.properties'],
    why: 'Who may not list ACLs is told so; Kafka shows its request as an object in memory.',
  },
  {
    steps: ['clients $BROKER share-offsets'],
    why: 'Offsets of a share group that are set anew hold at once; Kafka goes on with what it has in memory of a partition that was just read.',
  },
  {
    steps: [
      'kafka-dump-log --files $DATA/dumped-0/00000000000000000000.index --index-sanity-check',
      'kafka-dump-log --files $DATA/dumped-0/00000000000000000000.timeindex --index-sanity-check',
    ],
    why: 'The indexes of a segment that is being written are as long as their entries, here empty, which the tool cannot open; Kafka takes their room beforehand.',
  },
];
