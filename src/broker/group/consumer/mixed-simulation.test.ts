import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  embeddedSubscription,
  openGroups,
  type Runner,
  SILENT,
  TestTopics,
} from '../../../../test/support/group-fixture.ts';
import { MemoryMachineLog } from '../../../../test/support/memory-machine-log.ts';
import { VirtualClock } from '../../../base/virtual-clock.ts';
import { decodeAssignment, encodeAssignment } from '../embedded-protocol.ts';
import type { JoinReply } from '../group-calls.ts';

const SESSION_MS = 45_000;
const HEARTBEAT_MS = 5_000;

/** Who processes which partition at this moment, and what was acknowledged. */
interface World {
  runner: Runner;
  readonly clock: VirtualClock;
  readonly topics: TestTopics;
  readonly owners: Map<number, Client>;
  readonly acknowledged: Map<number, number>;
  readonly violations: string[];
}

/**
 * A consumer as clients write them. It holds a partition from the answer that assigns it until it lets go, and
 * while it holds one nobody else may, unless the coordinator has every reason to think it dead.
 */
abstract class Client {
  readonly world: World;
  isRunning = true;
  owned: readonly number[] = [];
  abstract readonly kind: string;

  constructor(world: World) {
    this.world = world;
  }

  start(): this {
    void this.#run();
    return this;
  }

  /** Falls silent, and no longer processes anything. */
  crash(): void {
    this.isRunning = false;
    this.hold([]);
  }

  hold(partitions: readonly number[]): void {
    const { owners } = this.world;
    for (const partition of this.owned) if (owners.get(partition) === this) owners.delete(partition);
    for (const partition of partitions) {
      const other = owners.get(partition);
      if (other !== undefined && other !== this)
        this.world.violations.push(`${partition} of ${other.kind} given to ${this.kind}`);
      owners.set(partition, this);
    }
    this.owned = partitions;
  }

  async commit(partition: number, offset: number): Promise<void> {
    if (!this.owned.includes(partition)) return;
    const offsets = [{ topic: 't', partition, offset, leaderEpoch: -1, metadata: '' }];
    const reply = await this.world.runner
      .submit('commit', { groupId: 'g', ...this.identity(), offsets, knowsEpochs: true })
      .catch(() => undefined);
    if (reply?.results[0] === 'NONE') this.world.acknowledged.set(partition, offset);
  }

  abstract leave(): Promise<void>;
  abstract turn(): Promise<number>;
  abstract identity(): { memberId: string; instanceId: string | null; generation: number };

  async #run(): Promise<void> {
    while (this.isRunning) {
      // The coordinator went away: ask the next one.
      const pauseMs = await this.turn().catch(() => 100);
      await new Promise<void>((resolve) => this.world.clock.after(pauseMs, resolve));
    }
  }
}

let names = 0;

/** How long listeners of a client take to finish what they do before a partition goes. */
const REVOKE_MS = 12_000;

/** The new protocol: says what changed, and goes on with what it must give up until its listeners have returned. */
class NewClient extends Client {
  readonly kind = 'new';
  readonly #memberId = `n${names++}`;
  #epoch = 0;
  #mustSay = true;
  #revoked: { readonly assigned: readonly number[]; readonly atMs: number } | undefined;

  identity() {
    return { memberId: this.#memberId, instanceId: null, generation: this.#epoch };
  }

  async leave(): Promise<void> {
    this.isRunning = false;
    this.hold([]);
    const request = { ...SILENT, memberId: this.#memberId, memberEpoch: -1 };
    await this.world.runner.submit('consumerHeartbeat', request).catch(() => {});
  }

  async turn(): Promise<number> {
    const { runner, topics, clock } = this.world;
    if (this.#revoked !== undefined && clock.monotonicMs() >= this.#revoked.atMs) {
      this.hold(this.#revoked.assigned);
      this.#revoked = undefined;
      this.#mustSay = true;
    }
    const { topicId } = topics.find('t')!;
    const isJoining = this.#epoch === 0;
    const owned = this.owned.length === 0 ? [] : [{ topicId, partitions: this.owned }];
    const reply = await runner.submit('consumerHeartbeat', {
      ...SILENT,
      memberId: this.#memberId,
      memberEpoch: this.#epoch,
      ...(isJoining && { rebalanceTimeoutMs: 60_000, subscribedTopics: ['t'] }),
      ...((isJoining || this.#mustSay) && { owned }),
    });
    if (!this.isRunning) return 0;
    this.#mustSay = false;
    if (reply.error !== 'NONE') {
      this.hold([]);
      this.#revoked = undefined;
      this.#epoch = 0;
      return 100;
    }
    this.#epoch = reply.memberEpoch;
    if (reply.assignment === null) return HEARTBEAT_MS;
    const assigned = reply.assignment.flatMap(({ partitions }) => partitions);
    if (this.owned.some((partition) => !assigned.includes(partition))) {
      this.#revoked = { assigned, atMs: this.#revoked?.atMs ?? clock.monotonicMs() + REVOKE_MS };
      return HEARTBEAT_MS;
    }
    const isChanged = assigned.length !== this.owned.length;
    this.hold(assigned);
    this.#mustSay = isChanged;
    return isChanged ? 50 : HEARTBEAT_MS;
  }
}

/** The classic protocol, cooperative: keeps what it has through a rebalance, and comes again to give up the rest. */
class ClassicClient extends Client {
  readonly kind = 'classic';
  #memberId = '';
  #generation = -1;

  identity() {
    return { memberId: this.#memberId, instanceId: null, generation: this.#generation };
  }

  async leave(): Promise<void> {
    this.isRunning = false;
    this.hold([]);
    const members = [{ memberId: this.#memberId, instanceId: null }];
    await this.world.runner.submit('leave', { groupId: 'g', members }).catch(() => {});
  }

  async turn(): Promise<number> {
    if (this.#generation < 0) return this.#joinAndSync();
    const { error } = await this.world.runner.submit('heartbeat', { groupId: 'g', ...this.identity() });
    if (!this.isRunning || error === 'NONE') return HEARTBEAT_MS;
    this.#failed(error);
    return 50;
  }

  #failed(error: string): void {
    this.#generation = -1;
    if (error === 'REBALANCE_IN_PROGRESS') return;
    this.hold([]);
    if (error === 'UNKNOWN_MEMBER_ID') this.#memberId = '';
  }

  async #joinAndSync(): Promise<number> {
    const metadata = embeddedSubscription(['t'], [{ topic: 't', partitions: this.owned }]);
    const joined = await this.world.runner.submit('join', {
      groupId: 'g',
      memberId: this.#memberId,
      instanceId: null,
      clientId: 'c',
      clientHost: '/h',
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: SESSION_MS,
      protocolType: 'consumer',
      protocols: [{ name: 'cooperative-sticky', metadata }],
      mustKnowItsId: true,
      canSkipAssignment: true,
    });
    if (!this.isRunning) return 0;
    if (joined.error === 'MEMBER_ID_REQUIRED') this.#memberId = joined.memberId;
    else if (joined.error !== 'NONE') this.#failed(joined.error);
    if (joined.error !== 'NONE') return 50;
    this.#memberId = joined.memberId;
    this.#generation = joined.generation;
    const synced = await this.world.runner.submit('sync', {
      ...{ groupId: 'g', ...this.identity(), protocolType: 'consumer', protocol: 'cooperative-sticky' },
      assignments: this.#lead(joined),
    });
    if (!this.isRunning) return 0;
    if (synced.error !== 'NONE') {
      this.#failed(synced.error);
      return 50;
    }
    const assigned = decodeAssignment(synced.assignment)!.partitions.flatMap(({ partitions }) => partitions);
    const mustGiveUp = this.owned.some((partition) => !assigned.includes(partition));
    this.hold(assigned);
    // What was given up is handed out in another round.
    if (mustGiveUp) this.#generation = -1;
    return mustGiveUp ? 50 : HEARTBEAT_MS;
  }

  /** The cooperative rule: nothing that somebody still owns is given to another. */
  #lead({ members }: JoinReply) {
    const { partitionCount } = this.world.topics.find('t')!;
    const owners = this.world.owners;
    return members.map(({ memberId }, index) => {
      const share = Array.from({ length: partitionCount }, (_, p) => p).filter(
        (p) => p % members.length === index,
      );
      const free = share.filter((p) => {
        const owner = owners.get(p);
        return owner === undefined || owner.identity().memberId === memberId;
      });
      return { memberId, assignment: encodeAssignment(1, [{ topic: 't', partitions: free }]) };
    });
  }
}

type Step =
  | { readonly kind: 'new' | 'classic' }
  | { readonly kind: 'crash' | 'leave'; readonly who: number }
  | { readonly kind: 'commit'; readonly who: number; readonly partition: number }
  | { readonly kind: 'wait' | 'jump'; readonly ms: number }
  | { readonly kind: 'grow' | 'restart' };

const who = fc.nat({ max: 5 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('new' as const, 'classic' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('crash' as const, 'leave' as const), who }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('commit' as const), who, partition: fc.nat(5) }),
    },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(30_000) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('jump' as const), ms: fc.integer({ min: -1e7, max: 1e7 }) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('grow' as const, 'restart' as const) }) },
  ),
  { maxLength: 25 },
);

async function simulate(script: readonly Step[]): Promise<void> {
  const clock = new VirtualClock();
  const log = new MemoryMachineLog();
  const topics = new TestTopics({ t: 4 });
  let seed = 1;
  const open = () => openGroups({ topics, log, clock, seed: seed++ });
  const world: World = {
    ...{ clock, topics, runner: (await open()).runner },
    ...{ owners: new Map(), acknowledged: new Map(), violations: [] },
  };
  const clients: Client[] = [];
  let nextOffset = 1;
  for (const step of script) {
    const client = 'who' in step ? clients[step.who % clients.length] : undefined;
    if (step.kind === 'new' && clients.length < 6) clients.push(new NewClient(world).start());
    if (step.kind === 'classic' && clients.length < 6) clients.push(new ClassicClient(world).start());
    if (step.kind === 'crash') client?.crash();
    if (step.kind === 'leave') void client?.leave();
    if (step.kind === 'commit') await client?.commit(step.partition, nextOffset++);
    if (step.kind === 'wait') await clock.advance(step.ms);
    if (step.kind === 'jump') clock.setWallMs(clock.nowMs() + step.ms);
    if (step.kind === 'grow') topics.set('t', topics.find('t')!.partitionCount + 1);
    if (step.kind === 'restart') {
      world.runner.close();
      world.runner = (await open()).runner;
    }
  }
  // Left alone, the group settles: everything is owned once, and every acknowledged commit is there.
  const Last = script.length % 2 === 0 ? NewClient : ClassicClient;
  clients.push(new Last(world).start());
  await clock.advance(8 * SESSION_MS);
  const { partitionCount } = topics.find('t')!;
  assert.deepEqual(world.violations, []);
  assert.deepEqual(
    clients.flatMap(({ owned }) => owned).sort((a, b) => a - b),
    Array.from({ length: partitionCount }, (_, partition) => partition),
  );
  const reopened = (await open()).runner;
  for (const runner of [world.runner, reopened]) {
    for (const [partition, offset] of world.acknowledged) {
      const request = { groupId: 'g', partitions: [{ topic: 't', partition }], requireStable: false };
      assert.equal((await runner.submit('fetchOffsets', request)).offsets[0]!.offset, offset);
    }
  }
  assert.deepEqual(
    await reopened.submit('describeConsumer', { groupId: 'g' }),
    await world.runner.submit('describeConsumer', { groupId: 'g' }),
  );
  for (const client of clients) client.crash();
}

describe('consumers of both protocols that come, crash and leave while topics grow and the coordinator restarts', () => {
  it('own each partition once, lose no commit, and settle', async () => {
    await fc.assert(fc.asyncProperty(steps, simulate), { numRuns: 60 });
  });
});
