import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MemoryMachineLog } from '../../../test/support/memory-machine-log.ts';
import { silentLogger } from '../../base/logger.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { StateMachineRunner } from '../../topics/runner.ts';
import type { GroupCalls } from './group-calls.ts';
import { groupCodec } from './group-codec.ts';
import { DEFAULT_GROUP_CONFIG } from './group-config.ts';
import type { CoordinatorEntry } from './group-entries.ts';
import { GroupMachine } from './group-machine.ts';

const PARTITIONS = 4;
const SESSION_MS = 6000;
const HEARTBEAT_MS = 1000;
const config = { ...DEFAULT_GROUP_CONFIG, initialRebalanceDelayMs: 0 };

type Runner = StateMachineRunner<GroupCalls, CoordinatorEntry>;

let starts = 0;

function open(log: MemoryMachineLog, clock: VirtualClock): Promise<Runner> {
  // Ids handed out and never used are forgotten at a restart: they must not be handed out again.
  const machine = new GroupMachine(() => config, new SeededRandom(++starts));
  return StateMachineRunner.open({ machine, codec: groupCodec, log, clock, logger: silentLogger });
}

/** Who may process which partition, as of which generation; and what was acknowledged. */
interface World {
  runner: Runner;
  clock: VirtualClock;
  /** partition -> generation -> who got it */
  readonly grants: Map<string, string>;
  readonly acknowledged: Map<number, number>;
}

/** A consumer as clients write them: joins, syncs, heartbeats, commits, and begins anew when it is told to. */
class Consumer {
  readonly #world: World;
  #running = true;
  #memberId = '';
  #generation = -1;
  #owned: readonly number[] = [];

  constructor(world: World) {
    this.#world = world;
    void this.#run();
  }

  /** Falls silent. */
  crash(): void {
    this.#running = false;
  }

  async leave(): Promise<void> {
    this.#running = false;
    const members = [{ memberId: this.#memberId, instanceId: null }];
    await this.#world.runner.submit('leave', { groupId: 'g', members }).catch(() => {});
  }

  get owned(): readonly number[] {
    return this.#running ? this.#owned : [];
  }

  async commit(partition: number, offset: number): Promise<void> {
    if (!this.#owned.includes(partition)) return;
    const { runner, acknowledged } = this.#world;
    const offsets = [{ topic: 't', partition, offset, leaderEpoch: -1, metadata: '' }];
    const reply = await runner.submit('commit', { ...this.#identity(), offsets }).catch(() => undefined);
    if (reply?.results[0] === 'NONE') acknowledged.set(partition, offset);
  }

  async #run(): Promise<void> {
    while (this.#running) {
      try {
        await this.#joinAndSync();
        while (this.#running && this.#generation >= 0) await this.#heartbeat();
      } catch {
        // The coordinator went away: ask the next one.
        this.#generation = -1;
      }
      await this.#pause(10);
    }
  }

  async #joinAndSync(): Promise<void> {
    this.#owned = [];
    const joined = await this.#world.runner.submit('join', {
      groupId: 'g',
      memberId: this.#memberId,
      instanceId: null,
      clientId: 'c',
      clientHost: '/h',
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: SESSION_MS,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(6) }],
      mustKnowItsId: true,
      canSkipAssignment: true,
    });
    this.#memberId = joined.error === 'UNKNOWN_MEMBER_ID' ? '' : joined.memberId;
    if (joined.error !== 'NONE') return;
    this.#generation = joined.generation;
    const assignments = joined.members.map(({ memberId }, index) => ({
      memberId,
      assignment: Buffer.from(
        Array.from({ length: PARTITIONS }, (_, p) => p).filter((p) => p % joined.members.length === index),
      ),
    }));
    const synced = await this.#world.runner.submit('sync', {
      ...this.#identity(),
      ...{ protocolType: null, protocol: null, assignments },
    });
    if (synced.error !== 'NONE') {
      this.#generation = -1;
      return;
    }
    this.#owned = [...synced.assignment];
    for (const partition of this.#owned) {
      const grant = `${partition} in generation ${this.#generation}`;
      const owner = this.#world.grants.get(grant) ?? this.#memberId;
      assert.equal(owner, this.#memberId, `${grant} has two owners`);
      this.#world.grants.set(grant, this.#memberId);
    }
  }

  async #heartbeat(): Promise<void> {
    await this.#pause(HEARTBEAT_MS);
    if (!this.#running) return;
    const { error } = await this.#world.runner.submit('heartbeat', this.#identity());
    if (error === 'NONE') return;
    this.#generation = -1;
    if (error === 'UNKNOWN_MEMBER_ID') this.#memberId = '';
  }

  #identity() {
    return { groupId: 'g', memberId: this.#memberId, instanceId: null, generation: this.#generation };
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#world.clock.after(ms, resolve));
  }
}

type Step =
  | { readonly kind: 'start' }
  | { readonly kind: 'crash' | 'leave'; readonly who: number }
  | { readonly kind: 'commit'; readonly who: number; readonly partition: number }
  | { readonly kind: 'wait' | 'jump'; readonly ms: number }
  | { readonly kind: 'restart' };

const who = fc.nat({ max: 5 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant({ kind: 'start' as const }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('crash' as const, 'leave' as const), who }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('commit' as const), who, partition: fc.nat(PARTITIONS - 1) }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(8000) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('jump' as const), ms: fc.integer({ min: -1e7, max: 1e7 }) }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  ),
  { maxLength: 25 },
);

async function simulate(script: readonly Step[]): Promise<void> {
  const clock = new VirtualClock();
  const log = new MemoryMachineLog();
  const world: World = { runner: await open(log, clock), clock, grants: new Map(), acknowledged: new Map() };
  const consumers = [new Consumer(world)];
  let nextOffset = 1;
  for (const step of script) {
    const consumer = 'who' in step ? consumers[step.who % consumers.length]! : undefined;
    if (step.kind === 'start' && consumers.length < 6) consumers.push(new Consumer(world));
    if (step.kind === 'crash') consumer!.crash();
    if (step.kind === 'leave') void consumer!.leave();
    if (step.kind === 'commit') await consumer!.commit(step.partition, nextOffset++);
    if (step.kind === 'wait') await clock.advance(step.ms);
    if (step.kind === 'jump') clock.setWallMs(clock.nowMs() + step.ms);
    if (step.kind === 'restart') {
      world.runner.close();
      world.runner = await open(log, clock);
    }
  }
  // Left alone, the group settles: each partition has one owner and every acknowledged commit is there.
  consumers.push(new Consumer(world));
  await clock.advance(10 * SESSION_MS);
  assert.deepEqual(
    consumers.flatMap(({ owned }) => owned).sort(),
    Array.from({ length: PARTITIONS }, (_, partition) => partition),
  );
  const reopened = await open(log, clock);
  for (const runner of [world.runner, reopened]) {
    for (const [partition, offset] of world.acknowledged) {
      const request = { groupId: 'g', partitions: [{ topic: 't', partition }], requireStable: false };
      const { offsets } = await runner.submit('fetchOffsets', request);
      assert.equal(offsets[0]!.offset, offset);
    }
  }
  assert.deepEqual(
    await reopened.submit('describe', { groupId: 'g' }),
    await world.runner.submit('describe', { groupId: 'g' }),
  );
  for (const consumer of consumers) consumer.crash();
}

describe('consumers that come, crash and leave while the coordinator restarts', () => {
  it('own each partition once, lose no commit, and settle', async () => {
    await fc.assert(fc.asyncProperty(steps, simulate), { numRuns: 60 });
  });
});
