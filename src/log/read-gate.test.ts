import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Deferred } from '../base/async.ts';
import { ReadGate } from './read-gate.ts';

describe('a read gate', () => {
  it('lets readers inside finish first, and new ones in when the work has ended, even badly', async () => {
    const gate = new ReadGate();
    const events: string[] = [];
    const inside = new Deferred();
    const work = new Deferred();
    const first = gate.pass(async () => {
      await inside.promise;
      events.push('first read');
    });
    const closing = gate.close(async () => {
      events.push('work begins');
      await work.promise;
      throw new Error('no');
    });
    const second = gate.pass(async () => void events.push('second read'));
    await Promise.resolve();
    inside.resolve();
    await first;
    work.resolve();
    await assert.rejects(closing, /no/);
    await second;
    assert.deepEqual(events, ['first read', 'work begins', 'second read']);
  });
});
