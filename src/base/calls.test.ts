import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { type CallHandlers, Calls, Moved, plainError } from './calls.ts';
import { ownMemory, portOf } from './port.ts';

type Shop = {
  readonly double: { readonly ask: number; readonly answer: number };
  readonly fail: { readonly ask: string; readonly answer: unknown };
  readonly bytes: { readonly ask: Uint8Array; readonly answer: Uint8Array };
  readonly never: { readonly ask: undefined; readonly answer: unknown };
  readonly note: { readonly ask: string; readonly answer: unknown };
};
type Nothing = Record<never, never>;

function open(t: TestContext, more: Partial<CallHandlers<Shop>> = {}) {
  const { port1, port2 } = new MessageChannel();
  t.after(() => {
    port1.close();
    port2.close();
  });
  const failures: string[] = [];
  const options = { revive: plainError, onError: (error: Error) => failures.push(error.message) };
  const handlers: CallHandlers<Shop> = {
    double: (n) => n * 2,
    fail: (message) => {
      throw Object.assign(new TypeError(message), { code: 'BROKEN' });
    },
    bytes: (bytes) => new Moved(bytes, [bytes.buffer as ArrayBuffer]),
    never: () => new Promise(() => {}),
    note: () => {},
    ...more,
  };
  new Calls<Nothing, Shop>(portOf(port1), handlers, options);
  return { calls: new Calls<Shop, Nothing>(portOf(port2), {}, options), failures };
}

describe('calls over a port', () => {
  it('answer each its own question', async (t) => {
    const { calls } = open(t);
    assert.deepEqual(await Promise.all([1, 2, 3].map((n) => calls.call('double', n))), [2, 4, 6]);
  });

  it('carry the name, message and code of an error', async (t) => {
    const { calls } = open(t);
    await assert.rejects(calls.call('fail', 'no'), { name: 'TypeError', message: 'no', code: 'BROKEN' });
  });

  it('move memory there and back', async (t) => {
    const { calls } = open(t);
    const bytes = ownMemory(Buffer.from('abc'));
    const back = await calls.call('bytes', bytes, [bytes.buffer]);
    assert.equal(bytes.byteLength, 0);
    assert.equal(Buffer.from(back).toString(), 'abc');
  });

  it('are refused when what they ask cannot travel', async (t) => {
    const { calls } = open(t);
    const ask = (() => {}) as unknown as number;
    await assert.rejects(calls.call('double', ask), { name: 'DataCloneError' });
  });

  it('end with the reason when the other side does', async (t) => {
    const { calls } = open(t);
    const waiting = calls.call('never', undefined);
    calls.end(new Error('gone'));
    await assert.rejects(waiting, /gone/);
    await assert.rejects(calls.call('double', 1), /gone/);
    calls.tell('note', 'nobody hears it');
  });

  it('tell what nobody waits for, and a failure there is not lost', async (t) => {
    const heard: string[] = [];
    const { calls, failures } = open(t, {
      note: (text) => {
        heard.push(text);
        if (text === 'bad') throw new Error('cannot note that');
      },
    });
    calls.tell('note', 'good');
    calls.tell('note', 'bad');
    await calls.call('double', 1);
    assert.deepEqual(heard, ['good', 'bad']);
    assert.deepEqual(failures, ['cannot note that']);
  });
});
