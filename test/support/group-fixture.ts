import { Buffer } from 'node:buffer';
import { silentLogger } from '../../src/base/logger.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import type { ConsumerHeartbeatRequest } from '../../src/broker/group/consumer/consumer-calls.ts';
import type { ConsumerGroupConfig, GroupOverrides } from '../../src/broker/group/consumer/consumer-config.ts';
import type { GroupTopics, TopicShape } from '../../src/broker/group/consumer/group-topics.ts';
import type { NamedPartitions } from '../../src/broker/group/embedded-protocol.ts';
import type { GroupCalls } from '../../src/broker/group/group-calls.ts';
import { groupCodec } from '../../src/broker/group/group-codec.ts';
import { DEFAULT_GROUP_CONFIG, type GroupConfig } from '../../src/broker/group/group-config.ts';
import type { CoordinatorEntry } from '../../src/broker/group/group-entries.ts';
import { GroupMachine } from '../../src/broker/group/group-machine.ts';
import { encodeRecordValue } from '../../src/protocol/coordinator-record.ts';
import { StateMachineRunner } from '../../src/topics/runner.ts';
import { MemoryMachineLog } from './memory-machine-log.ts';

/** Topics that tests create and delete; ids tell which incarnation of which name. */
export class TestTopics implements GroupTopics {
  readonly #topics = new Map<string, TopicShape>();
  version = 0;

  constructor(partitionCounts: Readonly<Record<string, number>> = {}) {
    for (const [name, count] of Object.entries(partitionCounts)) this.set(name, count);
  }

  set(name: string, partitionCount: number): void {
    this.version++;
    const topicId = this.#topics.get(name)?.topicId ?? idOf(name, this.version);
    this.#topics.set(name, { name, topicId, partitionCount });
  }

  delete(name: string): void {
    this.version++;
    this.#topics.delete(name);
  }

  find(name: string): TopicShape | undefined {
    return this.#topics.get(name);
  }

  findById(topicId: string): TopicShape | undefined {
    return [...this.#topics.values()].find((topic) => topic.topicId === topicId);
  }

  list(): Iterable<TopicShape> {
    return this.#topics.values();
  }
}

function idOf(name: string, incarnation: number): string {
  return Buffer.from(`${name}#${incarnation}`).toString('hex').padEnd(32, '0').slice(0, 32);
}

export interface FixtureOptions {
  readonly topics?: TestTopics;
  readonly log?: MemoryMachineLog;
  readonly clock?: VirtualClock;
  readonly config?: Partial<GroupConfig>;
  readonly consumer?: Partial<ConsumerGroupConfig>;
  readonly overrides?: GroupOverrides;
  readonly seed?: number;
}

export type Runner = StateMachineRunner<GroupCalls, CoordinatorEntry>;

export async function openGroups(options: FixtureOptions = {}) {
  const { topics = new TestTopics({ t: 4 }), log = new MemoryMachineLog() } = options;
  const { clock = new VirtualClock(), overrides = {}, seed = 1 } = options;
  const config: GroupConfig = {
    ...DEFAULT_GROUP_CONFIG,
    initialRebalanceDelayMs: 0,
    ...options.config,
    consumer: { ...DEFAULT_GROUP_CONFIG.consumer, ...options.consumer },
  };
  const machine = new GroupMachine(() => config, new SeededRandom(seed), {
    topics,
    groupConfig: () => overrides,
  });
  const runner: Runner = await StateMachineRunner.open<GroupCalls, CoordinatorEntry>({
    ...{ machine, codec: groupCodec, log, clock, logger: silentLogger },
  });
  return { topics, log, clock, machine, runner };
}

export const SILENT: Omit<ConsumerHeartbeatRequest, 'memberId' | 'memberEpoch'> = {
  groupId: 'g',
  instanceId: null,
  rackId: null,
  clientId: 'client',
  clientHost: '/127.0.0.1',
  rebalanceTimeoutMs: -1,
  subscribedTopics: null,
  subscribedRegex: null,
  serverAssignor: null,
  owned: null,
  mayDescribe: () => true,
};

/** What the consumer of the classic protocol says in JoinGroup. */
export function embeddedSubscription(
  topics: readonly string[],
  ownedPartitions: readonly NamedPartitions[] = [],
): Buffer {
  return encodeRecordValue('ConsumerProtocolSubscription', 1, { topics, ownedPartitions });
}

/** Calls of the consumer protocol, in the words of a test. */
export function consumerCalls(runner: Runner) {
  const beat = (memberId: string, memberEpoch: number, more: Partial<ConsumerHeartbeatRequest> = {}) =>
    runner.submit('consumerHeartbeat', { ...SILENT, memberId, memberEpoch, ...more });
  const join = (memberId: string, more: Partial<ConsumerHeartbeatRequest> = {}) =>
    beat(memberId, 0, { rebalanceTimeoutMs: 30_000, subscribedTopics: ['t'], owned: [], ...more });
  const describe = async (groupId = 'g') => {
    const described = await runner.submit('describeConsumer', { groupId });
    if (described === 'other type') throw new Error('not a consumer group');
    return described;
  };
  return { beat, join, describe };
}
