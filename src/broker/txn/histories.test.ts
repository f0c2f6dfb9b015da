import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openLocal } from '../../../test/support/local-storage.ts';
import { valuesOf } from '../../../test/support/records.ts';
import {
  Handlers,
  type History,
  IdempotentClient,
  type Server,
  TransactionalClient,
} from '../../../test/support/transaction-clients.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { randomInt } from '../../base/random.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { BatchBuilder, sealBatch } from '../../record/batch-builder.ts';
import { transactionCodec } from './txn-codec.ts';
import { TRANSACTIONS_TOPIC } from './txn-coordinator.ts';
import { NONE, preparedWithBump } from './txn-state.ts';

/*
 * Clients of both versions of transactions, two owners of one id among them, while the power is cut, the server is
 * stopped and transactions run out of time. At the end a checker looks for lost, duplicated, reordered, torn and
 * aborted-yet-read records. MILLRACE_HISTORIES=1000 looks longer.
 */
const RUNS = Number(process.env.MILLRACE_HISTORIES ?? 25);
const ROUNDS = 40;
const PARTITIONS = 2;

class World implements Server {
  readonly random: SeededRandom;
  local: Awaited<ReturnType<typeof openLocal>> | undefined;
  #fs = new MemoryFileSystem();
  #clock = new VirtualClock();
  #handlers: Handlers | undefined;
  #starting: Promise<Handlers> | undefined;

  readonly #config: Readonly<Record<string, string>>;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    const count = String(1 + (seed % 3));
    this.#config = { 'transaction.state.log.num.partitions': count, 'offsets.topic.num.partitions': count };
  }

  get clock(): VirtualClock {
    return this.#clock;
  }

  up(): Promise<Handlers> {
    if (this.#handlers !== undefined && !this.#fs.crashed) return Promise.resolve(this.#handlers);
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /** The power may be cut again while it starts. */
  async #start(): Promise<Handlers> {
    for (;;) {
      try {
        this.#handlers = await this.#startOnce();
        return this.#handlers;
      } catch (error) {
        if (!this.#fs.crashed) throw error;
      }
    }
  }

  async #startOnce(): Promise<Handlers> {
    if (this.#fs.crashed) {
      this.local?.storage.stopCoordinators();
      const keep = (['synced', 'random', 'all'] as const)[randomInt(this.random, 3)]!;
      this.#fs = this.#fs.crash({ keep, random: this.random });
    }
    this.#clock = new VirtualClock(this.#clock.nowMs());
    this.local = await openLocal({ fs: this.#fs, clock: this.#clock, config: this.#config });
    return new Handlers(this.local);
  }

  cutPower(): void {
    this.#fs.crashAtCall(1);
    this.#fs = this.#fs.crash({ keep: 'all' });
    this.#handlers = undefined;
  }

  cutPowerSoon(): void {
    this.#fs.crashAtCall(1 + randomInt(this.random, 12));
  }

  async restart(): Promise<void> {
    await this.up();
    if (this.#fs.crashed) return;
    await this.local!.close().catch((error: unknown) => assert.ok(this.#fs.crashed, String(error)));
    this.#handlers = undefined;
  }
}

async function step(world: World, client: TransactionalClient): Promise<void> {
  const dice = world.random.next();
  if (dice < 0.5) await client.send(randomInt(world.random, PARTITIONS));
  else if (dice < 0.65) await client.commitOffset(randomInt(world.random, 1_000_000));
  else if (dice < 0.9) {
    await client.end(world.random.next() < 0.8);
    // At once, while the note that the one before is complete is on its way to the disk.
    await client.send(randomInt(world.random, PARTITIONS));
  } else await client.sendLate();
}

async function live(seed: number) {
  const world = new World(seed);
  await world.up();
  await world.local!.topics.create({ name: 't', partitionCount: PARTITIONS });
  const clients: TransactionalClient[] = [];
  let count = 0;
  const open = async (id: string, version: 1 | 2) => {
    const client = new TransactionalClient(world, id, `${id}.${count++}`, version);
    clients.push(client);
    await client.init();
    return client;
  };
  const ids = [['one', 1] as const, ['two', 2] as const, ['both', 2] as const];
  const idempotent = new IdempotentClient(world);
  const current = new Map<string, TransactionalClient>();
  for (const [id, version] of ids) current.set(id, await open(id, version));
  for (let round = 0; round < ROUNDS; round++) {
    const dice = world.random.next();
    if (dice < 0.3) world.cutPowerSoon();
    else if (dice < 0.34) await world.restart();
    else if (dice < 0.38) await world.clock.advance(75_000);
    const busy = [...current.values()].filter(() => world.random.next() < 0.7);
    const plain = idempotent.send(randomInt(world.random, PARTITIONS), 1 + randomInt(world.random, 4));
    await Promise.all([plain, ...busy.map((client) => step(world, client))]);
    for (const [id, version] of ids) {
      const client = current.get(id)!;
      if (!client.fenced && world.random.next() >= 0.04) continue;
      // A new instance, of either version, takes over; the one before may not have noticed.
      const next = world.random.next() < 0.2 ? ((3 - version) as 1 | 2) : version;
      current.set(id, await open(id, next));
      if (!client.fenced) await step(world, client);
      client.die();
    }
  }
  for (const [id] of ids) {
    current.get(id)!.die();
    await open(id, 2);
  }
  await world.up();
  await world.restart();
  await world.up();
  return { world, clients, idempotent };
}

/** What a reader of committed records finds must be what the clients were promised. */
async function check({ world, clients, idempotent }: Awaited<ReturnType<typeof live>>): Promise<void> {
  const { topics, groups } = world.local!;
  const read = await Promise.all(
    Array.from({ length: PARTITIONS }, (_, partition) => valuesOf(topics, { topic: 't', partition })),
  );
  const seen = read.map((values) => new Set(values));
  for (const [partition, values] of read.entries()) {
    assert.equal(seen[partition]!.size, values.length, `duplicates in ${partition}: ${values}`);
    const { highWatermark, lastStableOffset } = await topics.offsets({ topic: 't', partition });
    assert.equal(lastStableOffset, highWatermark, `partition ${partition} hangs`);
  }
  for (const [partition, values] of idempotent.acknowledged)
    assert.deepEqual(
      values,
      read[partition]!.filter((value) => value.startsWith('idempotent')),
    );
  for (const client of clients) {
    for (const history of client.histories) checkHistory(history, seen);
    for (const [partition, values] of read.entries()) {
      const sent = client.histories
        .flatMap((each) => each.values)
        .filter((each) => each.partition === partition);
      const order = sent.map(({ value }) => value).filter((value) => seen[partition]!.has(value));
      assert.deepEqual(
        values.filter((value) => order.includes(value)),
        order,
        'reordered',
      );
    }
  }
  for (const id of ['one', 'two', 'both']) {
    const possible = new Set<number>([0]);
    const ofId = clients.filter((client) => client.histories.length > 0 && client.name.startsWith(`${id}.`));
    for (const { outcome, offset } of ofId.flatMap((client) => client.histories)) {
      if (offset === undefined || outcome === 'aborted') continue;
      if (outcome === 'committed') possible.clear();
      possible.add(offset);
    }
    const { offsets } = await groups.call('fetchOffsets', {
      groupId: id,
      partitions: 'all',
      requireStable: true,
    });
    assert.ok(
      possible.has(offsets[0]?.offset ?? 0),
      `offset ${offsets[0]?.offset} of ${id}, not ${[...possible]}`,
    );
  }
}

function checkHistory({ outcome, values }: History, seen: readonly Set<string>[]): void {
  const acknowledged = values.filter((each) => each.acknowledged);
  const present = values.filter(({ partition, value }) => seen[partition]!.has(value));
  const told = `${outcome}: ${present.length} of ${values.map(({ value }) => value)}`;
  if (outcome === 'committed') assert.deepEqual(present, acknowledged, told);
  else if (outcome === 'aborted') assert.equal(present.length, 0, told);
  else assert.ok(present.length === 0 || present.length === acknowledged.length, `torn, ${told}`);
}

describe('a history of transactions', () => {
  for (let seed = 1; seed <= RUNS; seed++) {
    it(`is what its clients were told (seed ${seed})`, async () => check(await live(seed)));
  }
});

describe('a decision that a start carries out once more', () => {
  it('does not end the transaction that began since', async () => {
    const world = new World(1);
    await world.up();
    await world.local!.topics.create({ name: 't', partitionCount: PARTITIONS });
    const client = new TransactionalClient(world, 'x', 'x', 2);
    await client.init();
    await client.send(0);
    const { registry, transactions } = world.local!;
    const ongoing = transactions.find('x')!;
    await client.end(true);
    await client.send(0);
    // As if neither the end nor what followed had been noted: the decision is the last that the log tells.
    const builder = new BatchBuilder();
    const value = preparedWithBump(ongoing, 'commit', world.clock.nowMs(), NONE);
    const record = transactionCodec.encode({ transactionalId: 'x', value });
    builder.append(world.clock.nowMs(), record.key, record.value);
    const decision = builder.build();
    sealBatch(decision);
    await registry.partitionLog(TRANSACTIONS_TOPIC, 0)!.append(decision, { origin: 'internal' }).durable;
    world.cutPower();
    await world.up();
    const partition = { topic: 't', partition: 0 };
    assert.deepEqual(await valuesOf(world.local!.topics, partition), ['x:1:0']);
    assert.equal(world.local!.transactions.find('x')?.state, 'Ongoing');
    await client.end(true);
    assert.deepEqual(await valuesOf(world.local!.topics, partition), ['x:1:0', 'x:2:0']);
  });
});
