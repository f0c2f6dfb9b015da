import type { PairOptions } from './pair.ts';
import type { Script } from './script.ts';
import { ACLS, SECURED } from './steps/acls.ts';
import { ADMIN, PLACEMENT, STREAMS_RESET, TOKENS } from './steps/admin.ts';
import { JAVA_CLIENTS, NEW_JAVA_CLIENTS, OTHER_CLIENTS, STREAMS } from './steps/clients.ts';
import { CONFIGS, QUOTAS } from './steps/configs.ts';
import { CONNECT } from './steps/connect.ts';
import { CONSOLE } from './steps/console.ts';
import { DUMP } from './steps/dump.ts';
import { GROUPS, LIVE_GROUPS, SHARE_GROUPS } from './steps/groups.ts';
import { TOPICS } from './steps/topics.ts';
import { TRANSACTION_TOOLS } from './steps/transactions.ts';
import { VERIFIABLE } from './steps/verifiable.ts';

/** Members of the newer groups learn of changes by their heartbeats: those of a second instead of five. */
const QUICK: PairOptions = {
  properties: Object.fromEntries(
    ['consumer', 'share'].flatMap((kind) => [
      [`group.${kind}.min.heartbeat.interval.ms`, '1000'],
      [`group.${kind}.heartbeat.interval.ms`, '1000'],
    ]),
  ),
};

/** Scripts that run one after another against one pair of brokers. */
export interface Suite {
  readonly title: string;
  readonly scripts: readonly Script[];
  readonly options?: PairOptions;
}

export const SUITES = {
  topics: {
    title: 'the tools of Apache Kafka 4.1 for topics, configurations and the broker',
    scripts: [TOPICS, CONFIGS, QUOTAS, ADMIN, PLACEMENT, TOKENS, DUMP],
  },
  groups: {
    title: 'the tools of Apache Kafka 4.1 for groups, records and transactions',
    scripts: [GROUPS, LIVE_GROUPS, SHARE_GROUPS, CONSOLE, TRANSACTION_TOOLS, VERIFIABLE, STREAMS_RESET],
  },
  clients: { title: 'the Java clients of Apache Kafka 4.1', scripts: [JAVA_CLIENTS], options: QUICK },
  newer: {
    title: 'what is newer in the Java clients of Apache Kafka 4.1',
    scripts: [NEW_JAVA_CLIENTS],
    options: QUICK,
  },
  programs: { title: 'programs around Kafka', scripts: [OTHER_CLIENTS, STREAMS, CONNECT] },
  secured: { title: 'a broker that asks who its clients are', scripts: [ACLS], options: SECURED },
} satisfies Record<string, Suite>;
