import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { MemoryMachineLog } from '../../test/support/memory-machine-log.ts';
import type { Clock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { StateMachineRunner } from './runner.ts';
import type {
  Call,
  EntryCodec,
  Outcome,
  ProducerIdentity,
  StateMachine,
  TransactionMarker,
} from './state-machine.ts';
import { TopicError } from './topics.ts';

type Calls = {
  add: { request: { readonly text: string; readonly producer?: ProducerIdentity }; reply: number };
  list: { request: null; reply: string };
  /** Answered when `atMs` comes. */
  alarm: { request: { readonly delayMs: number }; reply: string };
};

/** Remembers texts; those of a transaction only when it commits. */
class Notes implements StateMachine<Calls, string> {
  #texts: string[] = [];
  readonly #pending = new Map<number, string[]>();
  readonly #alarms: { atMs: number; token: number }[] = [];

  handle(call: Call<Calls>, nowMs: number): Outcome<Calls, string> {
    if (call.kind === 'alarm') {
      this.#alarms.push({ atMs: nowMs + call.request.delayMs, token: call.token });
      return this.#outcome([], []);
    }
    if (call.kind === 'list') return this.#outcome([], [{ token: call.token, reply: this.#texts.join() }]);
    const reply = { token: call.token, reply: this.#texts.length };
    return { ...this.#outcome([call.request.text], [reply]), producer: call.request.producer };
  }

  wake(nowMs: number): Outcome<Calls, string> {
    const due = this.#alarms.filter(({ atMs }) => atMs <= nowMs);
    for (const alarm of due) this.#alarms.splice(this.#alarms.indexOf(alarm), 1);
    return this.#outcome(
      due.map(() => 'rang'),
      due.map(({ token }) => ({ token, reply: 'rang' })),
    );
  }

  replay(text: string, producer?: ProducerIdentity): void {
    if (producer === undefined) this.#texts.push(text);
    else this.#pending.set(producer.producerId, [...(this.#pending.get(producer.producerId) ?? []), text]);
  }

  replayMarker({ producerId, outcome }: TransactionMarker): void {
    if (outcome === 'commit') this.#texts.push(...(this.#pending.get(producerId) ?? []));
    this.#pending.delete(producerId);
  }

  #outcome(entries: string[], replies: Outcome<Calls, string>['replies']): Outcome<Calls, string> {
    const wakeAtMs =
      this.#alarms.length === 0 ? undefined : Math.min(...this.#alarms.map(({ atMs }) => atMs));
    return { entries, replies, wakeAtMs };
  }
}

const codec: EntryCodec<string> = {
  encode: (text) => ({ key: Buffer.from('note'), value: Buffer.from(text) }),
  decode: (key, value) => (key.toString() === 'note' ? String(value) : undefined),
};

function open(log: MemoryMachineLog, clock: Clock = new VirtualClock()) {
  return StateMachineRunner.open<Calls, string>({
    machine: new Notes(),
    codec,
    log,
    clock,
    logger: silentLogger,
  });
}

/** Whether a promise has settled after everything that is ready has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

const storageError = (error: unknown) => error instanceof TopicError && error.code === 'KAFKA_STORAGE_ERROR';

describe('StateMachineRunner', () => {
  it('answers when the entries are durable, not before', async () => {
    const log = new MemoryMachineLog();
    const runner = await open(log);
    log.hold();
    const added = runner.submit('add', { text: 'a' });
    assert.equal(await isSettled(added), false);
    log.release();
    assert.equal(await added, 0);
  });

  it('does not tell of a state that is not durable yet', async () => {
    const log = new MemoryMachineLog();
    const runner = await open(log);
    log.hold();
    const added = runner.submit('add', { text: 'a' });
    const listed = runner.submit('list', null);
    assert.equal(await isSettled(listed), false);
    log.release();
    assert.equal(await listed, 'a');
    await added;
  });

  it('takes effect in the order of the calls, many of them before the first is durable', async () => {
    const log = new MemoryMachineLog();
    const runner = await open(log);
    log.hold();
    const replies = ['a', 'b', 'c'].map((text) => runner.submit('add', { text }));
    log.release();
    assert.deepEqual(await Promise.all(replies), [0, 1, 2]);
  });

  it('is after a restart what it was', async () => {
    const log = new MemoryMachineLog();
    const runner = await open(log);
    for (const text of ['a', 'b', 'c']) await runner.submit('add', { text });
    assert.equal(await (await open(log)).submit('list', null), 'a,b,c');
  });

  it('does not start from a log that the disk has changed, and names it', async () => {
    const log = new MemoryMachineLog();
    const runner = await open(log);
    for (const text of ['a', 'b', 'c']) await runner.submit('add', { text });
    const changed = log.batches[1]!;
    changed.writeUInt8(changed.at(-2)! ^ 4, changed.length - 2);
    await assert.rejects(
      open(log),
      (error: TopicError) => storageError(error) && /notes-0 .*offset 1 .*checksum.*copy/.test(error.message),
    );
  });

  it('counts the entries of a transaction when its commit marker comes, live and after a restart', async () => {
    const log = new MemoryMachineLog();
    const runner = await open(log);
    const kept = { producerId: 1, producerEpoch: 0 };
    const dropped = { producerId: 2, producerEpoch: 0 };
    await runner.submit('add', { text: 'kept', producer: kept });
    await runner.submit('add', { text: 'dropped', producer: dropped });
    assert.equal(await (await open(log)).submit('list', null), '');
    await runner.endTransaction({ ...kept, coordinatorEpoch: 0, outcome: 'commit' });
    await runner.endTransaction({ ...dropped, coordinatorEpoch: 0, outcome: 'abort' });
    assert.equal(await runner.submit('list', null), 'kept');
    assert.equal(await (await open(log)).submit('list', null), 'kept');
  });

  it('refuses a call whose entries are too large for the log, and goes on', async () => {
    const log = new MemoryMachineLog();
    const { append } = log;
    log.append = (batch, producer) => {
      if (batch.length > 1_000) throw new TopicError('MESSAGE_TOO_LARGE', 'larger than 1000');
      return append(batch, producer);
    };
    const runner = await open(log);
    await assert.rejects(runner.submit('add', { text: 'x'.repeat(2_000) }), { code: 'MESSAGE_TOO_LARGE' });
    await runner.submit('add', { text: 'short' });
    assert.equal(await runner.submit('list', null), 'short');
    assert.equal(runner.pendingCount, 0);
  });

  it('refuses a call of a producer that its log has fenced, and goes on', async () => {
    const log = new MemoryMachineLog();
    const { append } = log;
    log.append = () => {
      throw new TopicError('INVALID_PRODUCER_EPOCH', 'fenced');
    };
    const runner = await open(log);
    await assert.rejects(runner.submit('add', { text: 'a' }), { code: 'INVALID_PRODUCER_EPOCH' });
    log.append = append;
    await runner.submit('add', { text: 'b' });
    assert.equal(await runner.submit('list', null), 'b');
  });

  it('is fenced by a failed append: whoever waits and whoever comes is refused', async () => {
    const log = new MemoryMachineLog();
    const runner = await open(log);
    const parked = runner.submit('alarm', { delayMs: 1000 });
    log.hold();
    const added = runner.submit('add', { text: 'a' });
    log.fail();
    await assert.rejects(added, storageError);
    await assert.rejects(parked, storageError);
    await assert.rejects(runner.submit('list', null), storageError);
  });

  it('lets deadlines wait after a stall, so that nobody who could not be heard is taken for silent', async () => {
    const virtual = new VirtualClock();
    let stalledMs = 0;
    const clock: Clock = {
      nowMs: () => virtual.nowMs() + stalledMs,
      monotonicMs: () => virtual.monotonicMs() + stalledMs,
      after: (delayMs, callback) => virtual.after(delayMs, callback),
    };
    for (const isHeardFirst of [false, true]) {
      const runner = await open(new MemoryMachineLog(), clock);
      const alarm = runner.submit('alarm', { delayMs: 1_000 });
      await virtual.advance(900);
      stalledMs += 20_000;
      if (isHeardFirst) await runner.submit('add', { text: 'heard' });
      await virtual.advance(5_900);
      assert.equal(await isSettled(alarm), false);
      await runner.submit('add', { text: 'heard' });
      await virtual.advance(200);
      assert.equal(await isSettled(alarm), true, 'but not for ever');
    }
  });

  it('notices a stall at whichever reading of the clock in a step the process stopped', async () => {
    for (let stallAt = 1; stallAt <= 8; stallAt++) {
      const virtual = new VirtualClock();
      let readings = 0;
      let isCounting = false;
      const monotonicMs = () => {
        if (isCounting) readings++;
        return virtual.monotonicMs() + (readings >= stallAt ? 20_000 : 0);
      };
      const clock: Clock = {
        nowMs: () => virtual.nowMs(),
        monotonicMs,
        after: (delayMs, callback) => virtual.after(delayMs, callback),
      };
      const runner = await open(new MemoryMachineLog(), clock);
      const alarm = runner.submit('alarm', { delayMs: 1_000 });
      isCounting = true;
      await runner.submit('add', { text: 'heard' });
      await virtual.advance(900);
      readings = stallAt;
      await virtual.advance(5_000);
      assert.equal(await isSettled(alarm), false, `at reading ${stallAt}`);
      await virtual.advance(3_000);
      assert.equal(await isSettled(alarm), true, `at reading ${stallAt}, but not for ever`);
    }
  });

  it('wakes the machine at its deadline; a jump of the wall clock is not time', async () => {
    const clock = new VirtualClock();
    const runner = await open(new MemoryMachineLog(), clock);
    const alarm = runner.submit('alarm', { delayMs: 1000 });
    clock.setWallMs(clock.nowMs() + 3_600_000);
    await clock.advance(999);
    assert.equal(await isSettled(alarm), false);
    await clock.advance(1);
    assert.equal(await alarm, 'rang');
    assert.equal(await runner.submit('list', null), 'rang');
  });

  it('turns away whoever waits when it stops', async () => {
    const runner = await open(new MemoryMachineLog());
    const parked = runner.submit('alarm', { delayMs: 1000 });
    runner.close();
    await assert.rejects(parked, (error: TopicError) => error.code === 'COORDINATOR_NOT_AVAILABLE');
  });
});
