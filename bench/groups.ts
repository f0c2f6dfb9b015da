// What a consumer group with a member costs, and how long a heartbeat takes when there are many of them.
import { RawClient } from '../test/support/raw-client.ts';
import { createTopic } from './support/admin.ts';
import { type Bench, say } from './support/bench.ts';
import { type Broker, startKafka, startMillrace } from './support/brokers.ts';
import { KAFKA } from './support/java.ts';
import { sleep, usageOf, watchUsage } from './support/machine.ts';
import { type ResultRow, resultRow } from './support/results.ts';
import { type Measured, quantile } from './support/statistics.ts';

const TOPIC = 'grouped';
/** Of each member; Kafka's clients send one every three seconds. */
const HEARTBEAT_EVERY_MS = 1_000;
const SESSION_TIMEOUT_MS = 45_000;
const JOIN_AT_ONCE = 50;

interface GroupCost {
  readonly groups: number;
  readonly joinMs: Measured[];
  readonly bytesEach: Measured[];
  readonly p99: Measured[];
}

export const groups: Bench = async ({ effort, rounds }) => {
  const count = effort === 'quick' ? 100 : 1_000;
  const seconds = { quick: 2, brief: 4, full: 10 }[effort];
  // One broker after the other, so that neither heartbeats beside the other's.
  const ours = await cost(await startMillrace(), count, rounds, seconds);
  const rival = await cost(await startKafka(), count, rounds, seconds);
  return rowsOf(ours, rival);
};

function rowsOf(ours: GroupCost, rival: GroupCost): ResultRow[] {
  const settings = { 'members a group': 1, 'heartbeats/s': (ours.groups * 1000) / HEARTBEAT_EVERY_MS };
  const row = (what: string, unit: string, field: 'joinMs' | 'bytesEach' | 'p99') =>
    resultRow({
      ...{ bench: 'groups', name: `${ours.groups} groups, ${what}`, unit, better: 'lower', settings },
      ours: ours[field],
      rival: { name: KAFKA, rounds: rival[field] },
    });
  return [
    row('all of them joined', 'ms', 'joinMs'),
    row('memory, their connections included', 'bytes each', 'bytesEach'),
    row('heartbeat p99', 'ms', 'p99'),
  ];
}

/** Stops the broker. */
async function cost(broker: Broker, count: number, rounds: number, seconds: number): Promise<GroupCost> {
  const members: Member[] = [];
  try {
    say(`${broker.name}: ${count} groups`);
    await createTopic(broker, TOPIC, 1);
    // The first group of all makes the broker create its topic of offsets.
    members.push(await Member.join(broker, 'first'));
    const before = usageOf(broker.pid).residentMb;
    const joining = performance.now();
    while (members.length < count) {
      const more = Math.min(JOIN_AT_ONCE, count - members.length);
      const from = members.length;
      members.push(
        ...(await Promise.all(
          Array.from({ length: more }, (_, i) => Member.join(broker, `group-${from + i}`)),
        )),
      );
    }
    const joinMs = performance.now() - joining;
    await heartbeats(members, 1);
    const bytes = ((usageOf(broker.pid).residentMb - before) * 2 ** 20) / count;
    const p99: Measured[] = [];
    for (let round = 0; round < rounds; round++) {
      const usage = watchUsage(broker.pid);
      const latencies = await heartbeats(members, seconds);
      p99.push({ value: quantile(latencies, 0.99), processes: { broker: usage() } });
    }
    return { groups: count, joinMs: [{ value: joinMs }], bytesEach: [{ value: Math.max(1, bytes) }], p99 };
  } finally {
    for (const member of members) member.close();
    await broker.stop();
  }
}

/** Every member in turn, evenly over each interval; how long each heartbeat took, ascending. */
async function heartbeats(members: readonly Member[], seconds: number): Promise<number[]> {
  const answers: Promise<number>[] = [];
  const begun = performance.now();
  const total = Math.floor((members.length * seconds * 1000) / HEARTBEAT_EVERY_MS);
  const gapMs = HEARTBEAT_EVERY_MS / members.length;
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.ceil((performance.now() - begun) / gapMs));
    for (; sent < due; sent++) answers.push(members[sent % members.length]!.heartbeat());
    await sleep(1);
  }
  return (await Promise.all(answers)).sort((a, b) => a - b);
}

/** A classic consumer that does nothing but stay in its group. */
class Member {
  readonly #client: RawClient;
  readonly #groupId: string;
  #memberId = '';
  #generationId = -1;

  private constructor(client: RawClient, groupId: string) {
    this.#client = client;
    this.#groupId = groupId;
  }

  static async join(broker: Broker, groupId: string): Promise<Member> {
    const member = new Member(await RawClient.connect(Number(broker.bootstrap.split(':')[1])), groupId);
    for (let attempt = 0; ; attempt++) {
      if (await member.#join()) return member;
      if (attempt === 100) throw new Error(`${broker.name} lets nobody into ${groupId}`);
      await sleep(100);
    }
  }

  /** False while the broker prepares its topic of offsets. */
  async #join(): Promise<boolean> {
    const groupId = this.#groupId;
    const found = await this.#client.request('FindCoordinator', 3, { key: groupId, keyType: 0 });
    if (found.errorCode !== 0) return false;
    const joined = await this.#client.request('JoinGroup', 3, {
      groupId,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      rebalanceTimeoutMs: SESSION_TIMEOUT_MS,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscription(TOPIC) }],
    });
    if (joined.errorCode !== 0) return false;
    this.#memberId = joined.memberId;
    this.#generationId = joined.generationId;
    const identity = { groupId, generationId: joined.generationId, memberId: joined.memberId };
    const assignments = [{ memberId: joined.memberId, assignment: Buffer.alloc(0) }];
    const synced = await this.#client.request('SyncGroup', 2, { ...identity, assignments });
    return synced.errorCode === 0;
  }

  async heartbeat(): Promise<number> {
    const sent = performance.now();
    const { errorCode } = await this.#client.request('Heartbeat', 2, {
      groupId: this.#groupId,
      generationId: this.#generationId,
      memberId: this.#memberId,
    });
    if (errorCode !== 0) throw new Error(`a heartbeat of ${this.#groupId} failed with error ${errorCode}`);
    return performance.now() - sent;
  }

  close(): void {
    this.#client.close();
  }
}

/** ConsumerProtocolSubscription v0: version, one topic, no user data. */
function subscription(topic: string): Buffer {
  const bytes = Buffer.alloc(2 + 4 + 2 + topic.length + 4);
  bytes.writeInt32BE(1, 2);
  bytes.writeInt16BE(topic.length, 6);
  bytes.write(topic, 8);
  bytes.writeInt32BE(-1, 8 + topic.length);
  return bytes;
}
