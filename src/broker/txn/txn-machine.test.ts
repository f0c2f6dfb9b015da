import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MemoryMachineLog } from '../../../test/support/memory-machine-log.ts';
import { silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { StateMachineRunner } from '../../topics/runner.ts';
import type { TransactionCalls } from './txn-calls.ts';
import { transactionCodec } from './txn-codec.ts';
import { TransactionMachine } from './txn-machine.ts';
import type { TransactionEntry, TransactionOutcome, TransactionVersion } from './txn-state.ts';

const p0 = { topic: 't', partition: 0 };
const p1 = { topic: 't', partition: 1 };
const never = { idExpirationMs: Number.POSITIVE_INFINITY, isHeld: () => false, version: 0 as const };

async function coordinator(log = new MemoryMachineLog(), version: TransactionVersion = 0) {
  const clock = new VirtualClock();
  const machine = new TransactionMachine();
  const runner = await StateMachineRunner.open<TransactionCalls, TransactionEntry>({
    ...{ machine, codec: transactionCodec, log, clock, logger: silentLogger },
  });
  let fresh = 100;
  const init = (resume?: { producerId: number; producerEpoch: number }) =>
    runner.submit('init', {
      transactionalId: 'x',
      timeoutMs: 60_000,
      freshProducerId: fresh++,
      resume,
      version,
    });
  const owner = (producerEpoch: number, producerId = 100) => ({
    transactionalId: 'x',
    producerId,
    producerEpoch,
  });
  const add = async (epoch: number, ...partitions: (typeof p0)[]) =>
    (await runner.submit('addPartitions', { ...owner(epoch), partitions, version })).error;
  const end = (epoch: number, outcome: TransactionOutcome, freshProducerId = -1) =>
    runner.submit('end', { ...owner(epoch), outcome, version, freshProducerId });
  const complete = (epoch: number) => runner.submit('complete', owner(epoch));
  const state = () => machine.find('x')?.state;
  return { clock, machine, runner, log, init, owner, add, end, complete, state };
}

describe('owning a transactional id', () => {
  it('starts at epoch 0 and rises with each owner', async () => {
    const { init } = await coordinator();
    assert.deepEqual(await init(), { error: 'NONE', producerId: 100, producerEpoch: 0 });
    assert.deepEqual(await init(), { error: 'NONE', producerId: 100, producerEpoch: 1 });
  });

  it('fences whoever had it before', async () => {
    const { init, add, end, runner, owner } = await coordinator();
    await init();
    await init();
    assert.equal(await add(0, p0), 'PRODUCER_FENCED');
    assert.equal((await end(0, 'commit')).error, 'PRODUCER_FENCED');
    const stranger = { ...owner(0, 7), partitions: [p0], version: 0 as const };
    assert.equal((await runner.submit('addPartitions', stranger)).error, 'INVALID_PRODUCER_ID_MAPPING');
  });

  it('first aborts what the last owner left open, under an epoch that nobody has', async () => {
    const { init, add, complete, state } = await coordinator();
    await init();
    await add(0, p0, p1);
    const { error, unfinished } = await init();
    assert.equal(error, 'CONCURRENT_TRANSACTIONS');
    assert.deepEqual(
      [unfinished?.outcome, unfinished?.producerEpoch, unfinished?.partitions],
      ['abort', 1, [p0, p1]],
    );
    assert.equal(state(), 'PrepareAbort');
    await complete(1);
    assert.deepEqual(await init(), { error: 'NONE', producerId: 100, producerEpoch: 2 });
  });

  it('waits for a commit that is decided', async () => {
    const { init, add, end } = await coordinator();
    await init();
    await add(0, p0);
    await end(0, 'commit');
    assert.equal((await init()).unfinished?.outcome, 'commit');
  });

  it('takes a new producer id when the epochs are used up', async () => {
    const { init, machine } = await coordinator();
    await init();
    machine.replay({ transactionalId: 'x', value: { ...machine.find('x')!, producerEpoch: 32_766 } });
    const { producerId, producerEpoch } = await init();
    assert.deepEqual([producerId, producerEpoch, machine.find('x')?.previousProducerId], [101, 0, 100]);
  });

  it('resumes only for the current owner, and forgives a lost answer', async () => {
    const { init } = await coordinator();
    await init();
    const before = { producerId: 100, producerEpoch: 0 };
    assert.equal((await init(before)).producerEpoch, 1);
    assert.equal((await init(before)).producerEpoch, 1, 'a retry changes nothing');
    await init();
    assert.equal((await init(before)).error, 'PRODUCER_FENCED');
  });

  it('does not take an owner of before for the one whose answer was lost', async () => {
    const { init } = await coordinator();
    await init();
    await init();
    assert.equal((await init({ producerId: 100, producerEpoch: 0 })).error, 'PRODUCER_FENCED');
  });

  it('resumes after the epochs were used up, and forgives a lost answer', async () => {
    const { init, machine } = await coordinator();
    await init();
    const last = { producerId: 100, producerEpoch: 32_766 };
    machine.replay({ transactionalId: 'x', value: { ...machine.find('x')!, ...last } });
    const { producerId, producerEpoch } = await init(last);
    assert.deepEqual([producerId, producerEpoch], [101, 0]);
    const again = await init(last);
    assert.deepEqual([again.error, again.producerId, again.producerEpoch], ['NONE', 101, 0]);
  });
});

describe('ending a transaction', () => {
  it('is decided once; the same decision may be repeated', async () => {
    const { init, add, end, complete, state } = await coordinator();
    await init();
    await add(0, p0);
    assert.deepEqual((await end(0, 'commit')).decided?.partitions, [p0]);
    assert.equal((await end(0, 'commit')).decided?.outcome, 'commit');
    assert.equal((await end(0, 'abort')).error, 'INVALID_TXN_STATE');
    assert.equal(await add(0, p1), 'CONCURRENT_TRANSACTIONS');
    await complete(0);
    assert.equal(state(), 'CompleteCommit');
    assert.deepEqual(await end(0, 'commit'), {
      error: 'NONE',
      producerId: 100,
      producerEpoch: 0,
      decided: undefined,
    });
    assert.equal((await end(0, 'abort')).error, 'INVALID_TXN_STATE');
    assert.equal(await add(0, p1), 'NONE');
    assert.equal(state(), 'Ongoing');
  });

  it('is told of with its begin, as Kafka does, until the next one begins', async () => {
    const { init, add, end, complete, clock, machine } = await coordinator();
    await init();
    await clock.advance(5);
    await add(0, p0);
    const begunAtMs = machine.find('x')!.startedAtMs;
    await clock.advance(5);
    await end(0, 'commit');
    await complete(0);
    assert.equal(machine.find('x')!.startedAtMs, begunAtMs);
    await add(0, p0);
    assert.equal(machine.find('x')!.startedAtMs, begunAtMs + 5);
    await end(0, 'abort');
    await complete(0);
    await init();
    assert.equal(machine.find('x')!.startedAtMs, -1);
  });

  it('needs one that was begun', async () => {
    const { init, end } = await coordinator();
    await init();
    assert.equal((await end(0, 'commit')).error, 'INVALID_TXN_STATE');
  });

  it('comes by itself after the time-out, with the owner fenced', async () => {
    const { init, add, runner, clock, end } = await coordinator();
    await init();
    await add(0, p0);
    await clock.advance(59_999);
    assert.deepEqual((await runner.submit('expire', never)).decided, []);
    await clock.advance(1);
    const [aborted] = (await runner.submit('expire', never)).decided;
    assert.deepEqual([aborted?.outcome, aborted?.producerEpoch], ['abort', 1]);
    assert.equal((await end(0, 'commit')).error, 'PRODUCER_FENCED');
  });

  it('an id nobody used for long is forgotten, unless it is held', async () => {
    const { init, runner, clock, machine } = await coordinator();
    await init();
    await clock.advance(1000);
    await runner.submit('expire', { ...never, idExpirationMs: 1000, isHeld: () => true });
    assert.ok(machine.find('x'));
    await runner.submit('expire', { ...never, idExpirationMs: 1000 });
    assert.equal(machine.find('x'), undefined);
  });
});

describe('ending a transaction in version 2', () => {
  const version2 = () => coordinator(new MemoryMachineLog(), 2);

  it('raises the epoch; a retry gets the same answer, before and after the markers', async () => {
    const { init, add, end, complete } = await version2();
    await init();
    await add(0, p0);
    const { decided, ...answer } = await end(0, 'commit');
    assert.deepEqual(answer, { error: 'NONE', producerId: 100, producerEpoch: 1 });
    assert.deepEqual([decided?.producerEpoch, decided?.version], [1, 2]);
    assert.equal((await end(0, 'commit')).producerEpoch, 1);
    await complete(1);
    const { decided: nothingLeft, ...again } = await end(0, 'commit');
    assert.deepEqual([nothingLeft, again], [undefined, answer]);
    assert.equal((await end(0, 'abort')).error, 'INVALID_TXN_STATE');
  });

  it('never ends the next transaction by a late request', async () => {
    const { init, add, end, complete, state } = await version2();
    await init();
    await add(0, p0);
    await end(0, 'commit');
    await complete(1);
    await add(1, p0);
    assert.equal((await end(0, 'commit')).error, 'PRODUCER_FENCED');
    assert.equal(state(), 'Ongoing');
  });

  it('may abort what was never begun, which makes a lost first record late', async () => {
    const { init, end, complete, add } = await version2();
    await init();
    assert.equal((await end(0, 'commit')).error, 'INVALID_TXN_STATE');
    const { decided, producerEpoch } = await end(0, 'abort');
    assert.deepEqual([decided?.partitions, producerEpoch], [[], 1]);
    await complete(1);
    assert.equal((await end(1, 'abort')).producerEpoch, 2);
    await complete(2);
    assert.equal(await add(1, p0), 'PRODUCER_FENCED');
  });

  it('gives a new producer id when the epochs are used up', async () => {
    const { init, end, machine, complete, add, runner, owner } = await version2();
    await init();
    machine.replay({ transactionalId: 'x', value: { ...machine.find('x')!, producerEpoch: 32_766 } });
    await add(32_766, p0);
    assert.equal((await end(32_766, 'commit')).needsProducerId, true);
    const { decided, ...answer } = await end(32_766, 'commit', 500);
    assert.deepEqual(answer, { error: 'NONE', producerId: 500, producerEpoch: 0 });
    assert.deepEqual([decided?.producerId, decided?.producerEpoch], [100, 32_767]);
    await complete(32_767);
    const { decided: nothingLeft, ...again } = await end(32_766, 'commit');
    assert.deepEqual([nothingLeft, again], [undefined, answer]);
    const next = { ...owner(0, 500), partitions: [p0], version: 2 as const };
    assert.equal((await runner.submit('addPartitions', next)).error, 'NONE');
    assert.equal((await end(32_766, 'commit')).error, 'PRODUCER_FENCED');
  });

  it('by a time-out or a new owner fences: two epochs on, so that no retry takes it for its own', async () => {
    const timedOut = await version2();
    await timedOut.init();
    await timedOut.add(0, p0);
    await timedOut.clock.advance(60_000);
    const [aborted] = (await timedOut.runner.submit('expire', { ...never, version: 2 })).decided;
    assert.equal(aborted?.producerEpoch, 2);
    await timedOut.complete(2);
    for (const outcome of ['commit', 'abort'] as const)
      assert.equal((await timedOut.end(0, outcome)).error, 'PRODUCER_FENCED');
    const takenOver = await version2();
    await takenOver.init();
    await takenOver.add(0, p0);
    assert.equal((await takenOver.init()).unfinished?.producerEpoch, 2);
    await takenOver.complete(2);
    assert.equal((await takenOver.init()).producerEpoch, 3);
  });

  it('resumes with the epoch of before the end whose answer was lost', async () => {
    const { init, add, end, complete } = await version2();
    await init();
    await add(0, p0);
    await end(0, 'abort');
    await complete(1);
    assert.equal((await init({ producerId: 100, producerEpoch: 0 })).producerEpoch, 1);
  });
});

describe('the transaction machine after a restart', () => {
  const epoch = fc.nat({ max: 4 });
  const call = fc.oneof(
    fc.constant(['init'] as const),
    fc.tuple(fc.constant('add' as const), epoch),
    fc.tuple(fc.constantFrom('commit' as const, 'abort' as const), epoch),
    fc.tuple(fc.constant('complete' as const), epoch),
    fc.constant(['expire'] as const),
  );

  it('is what it was, whatever happened', async () => {
    const version = fc.constantFrom<TransactionVersion>(0, 2);
    // Kafka's schema does not keep it.
    const kept = (machine: TransactionMachine) =>
      machine.all().map(([id, state]) => [id, { ...state, lastProducerEpoch: -1 }]);
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 20 }), version, async (calls, version) => {
        const before = await coordinator(new MemoryMachineLog(), version);
        for (const [kind, producerEpoch = 0] of calls) {
          if (kind === 'init') await before.init();
          else if (kind === 'add') await before.add(producerEpoch, p0);
          else if (kind === 'complete') await before.complete(producerEpoch);
          else if (kind === 'expire') {
            await before.clock.advance(30_000);
            await before.runner.submit('expire', { ...never, version });
          } else await before.end(producerEpoch, kind);
        }
        const after = await coordinator(before.log);
        assert.deepEqual(kept(after.machine), kept(before.machine));
        assert.equal(after.machine.unfinished().length, before.machine.unfinished().length);
      }),
      { numRuns: 100 },
    );
  });
});
