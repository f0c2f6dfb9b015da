import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainError } from '../../base/calls.ts';
import { answerAll, Gathered } from './gathered.ts';

/** Doubles what it is asked for, refuses 13. */
function doubling(): {
  readonly messages: (readonly number[])[];
  readonly gathered: Gathered<number, number>;
} {
  const messages: (readonly number[])[] = [];
  const gathered = new Gathered<number, number>((asks) => {
    messages.push(asks);
    return answerAll(asks, async (n) => {
      if (n === 13) throw new RangeError('no luck');
      return n * 2;
    });
  }, plainError);
  return { messages, gathered };
}

describe('gathered questions', () => {
  it('of one turn are one message, those of the next another', async () => {
    const { messages, gathered } = doubling();
    assert.deepEqual(await Promise.all([gathered.ask(1), gathered.ask(2)]), [2, 4]);
    assert.equal(await gathered.ask(3), 6);
    assert.deepEqual(messages, [[1, 2], [3]]);
  });

  it('fail one by one', async () => {
    const { gathered } = doubling();
    const [first, second, third] = await Promise.allSettled([12, 13, 14].map((n) => gathered.ask(n)));
    assert.deepEqual(
      [first, third].map((one) => one?.status),
      ['fulfilled', 'fulfilled'],
    );
    assert.match(String(second?.status === 'rejected' && second.reason), /RangeError: no luck/);
  });

  it('all fail when they cannot be asked', async () => {
    const gathered = new Gathered<number, number>(async () => {
      throw new Error('gone');
    }, plainError);
    for (const one of await Promise.allSettled([gathered.ask(1), gathered.ask(2)]))
      assert.match(String(one.status === 'rejected' && one.reason), /gone/);
  });
});
