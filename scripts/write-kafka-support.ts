// Writes docs/kafka-support.md: every Kafka API a client may speak, with the versions served here beside those that
// are stable in Kafka 4.1. The rows come from the registrations and the message table, so that they cannot differ
// from what ApiVersions answers; only what a served API leaves out is said here in words.
//
//   npx node scripts/write-kafka-support.ts
import { writeFileSync } from 'node:fs';
import type { ControlPlane } from '../src/broker/apis/control-plane.ts';
import type { DataPlane } from '../src/broker/apis/data-plane.ts';
import { allApis } from '../src/broker/apis/registry.ts';
import type { SharePlane } from '../src/broker/apis/share-plane.ts';
import { API_KEYS, type ApiName, MESSAGES } from '../src/protocol/messages.gen.ts';
import { DIFFERENCES } from '../test/conformance/side-by-side/differences.ts';

export const KAFKA_SUPPORT_FILE = new URL('../docs/kafka-support.md', import.meta.url);

/** What a served API leaves out, and what a client misses without one that is not served. */
const NOTES: Partial<Record<ApiName, string>> = {
  Produce:
    'versions 0-2 are announced, because librdkafka turns compression off without them (KAFKA-18659), but refused, as in Kafka; a batch is checked by header and CRC, its records where they matter: keys of compacted topics, times beyond a bound',
  Fetch: 'what versions 15-18 add is for replicas alone and is ignored',
  ListOffsets: 'nothing is in tiered storage: its latest offset is -1',
  LeaveGroup: 'the reason is not kept',
  DescribeLogDirs: 'there is one log directory',
  WriteTxnMarkers: 'no marker of a coordinator to come; in Kafka it would fence the present one',
  ListPartitionReassignments: 'always none: there is one broker',
  DescribeCluster: 'a cluster of one; controllers are told by a listener of their own, as in Kafka',
  SaslHandshake: 'PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER; not GSSAPI',
  CreateDelegationToken: 'there are no delegation tokens, and the answer says so',
  RenewDelegationToken: 'as CreateDelegationToken',
  ExpireDelegationToken: 'as CreateDelegationToken',
  DescribeDelegationToken: 'as CreateDelegationToken',
  AlterReplicaLogDirs: 'there is one log directory, where everything is',
  ElectLeaders: 'there is one broker: no election is ever needed',
  AlterPartitionReassignments: 'there is one broker: only it can be the target',
  AlterClientQuotas: 'an `ip` must be an address, not a name',
  DescribeQuorum: 'a quorum of one; its log is `__millrace_metadata`',
  UnregisterBroker: 'the one broker cannot be unregistered',
  AddRaftVoter: 'the voters are fixed, as with kraft.version=0',
  RemoveRaftVoter: 'as AddRaftVoter',
  PushTelemetry: 'shown at `/metrics` as `kafka_client_...`',
  DescribeShareGroupOffsets: 'the start is where the group is now, not where its last change was written',
};

function versionText([first, last]: readonly [first: number, last: number]): string {
  if (last < first) return 'none';
  return first === last ? `${first}` : `${first}-${last}`;
}

function stableVersions(name: ApiName): readonly [first: number, last: number] {
  const { versions, lastUnstable } = MESSAGES[`${name}Request`];
  return [versions[0], versions[1] - (lastUnstable ? 1 : 0)];
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

export function kafkaSupport(): string {
  // Factories only keep their dependencies; no handler runs here.
  const served = new Map(
    allApis({} as DataPlane, {} as ControlPlane, {} as SharePlane).map((api) => [api.name, api.versions]),
  );
  const names = (Object.keys(API_KEYS) as ApiName[]).sort((a, b) => API_KEYS[a] - API_KEYS[b]);
  const note = (name: ApiName) => NOTES[name] ?? '';
  const servedRows = names
    .filter((name) => served.has(name))
    .map((name) =>
      row([
        API_KEYS[name],
        name,
        versionText(served.get(name)!),
        versionText(stableVersions(name)),
        note(name),
      ]),
    );
  const otherRows = names
    .filter((name) => !served.has(name))
    .map((name) => row([API_KEYS[name], name, versionText(stableVersions(name)), note(name)]));
  return `${[
    '# Kafka APIs',
    '<!-- Written by scripts/write-kafka-support.ts from the registrations in src/broker/apis; do not edit. -->',
    `Millrace serves ${servedRows.length} of the ${names.length} APIs that Apache Kafka 4.1 has for clients. Clients learn it from ApiVersions;`,
    'a request for anything else closes its connection, as in Kafka.',
    '',
    '## Served',
    '| key | API | versions | stable in Kafka 4.1 | left out |',
    '|--:|---|---|---|---|',
    ...servedRows,
    '',
    '## Not served',
    '| key | API | stable in Kafka 4.1 | what that means |',
    '|--:|---|---|---|',
    ...otherRows,
    '',
    '## Beside Apache Kafka 4.1',
    'The tools of Apache Kafka and clients of Java, C, Python, Go and JavaScript get the same commands from',
    '`test/conformance/side-by-side/` against Millrace and against Apache Kafka 4.1, and see the same but for these',
    '(`test/conformance/side-by-side/differences.ts` says where; a difference that is not listed fails):',
    '',
    ...DIFFERENCES.map(({ why }) => `- ${why}`),
  ].join('\n')}\n`;
}

if (import.meta.main) writeFileSync(KAFKA_SUPPORT_FILE, kafkaSupport());
