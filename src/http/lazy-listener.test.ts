import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nextTurn } from '../base/async.ts';
import { lazyListener } from './lazy-listener.ts';
import type { NodeBindings, NodeListener } from './port.ts';

const incoming = { url: '/x' } as NodeBindings['incoming'];
const outgoing = {} as NodeBindings['outgoing'];

describe('a lazy listener', () => {
  /** What happened, in order; `loads` gives the listener of each attempt to load it. */
  function listenerOf(...loads: (NodeListener | Error)[]): { listener: NodeListener; seen: string[] } {
    const seen: string[] = [];
    const listener = lazyListener(
      async () => {
        const loaded = loads.shift();
        if (typeof loaded === 'function') return (...request) => loaded(...request);
        throw loaded;
      },
      (_outgoing, path, error) => seen.push(`refused ${path}: ${(error as Error).message}`),
    );
    return { listener, seen };
  }

  it('is loaded by the first request and answers the next at once', async () => {
    let answered = 0;
    const { listener } = listenerOf(() => {
      answered += 1;
    });
    listener(incoming, outgoing);
    assert.equal(answered, 0);
    await nextTurn();
    assert.equal(answered, 1);
    listener(incoming, outgoing);
    assert.equal(answered, 2);
  });

  it('refuses what it cannot load, and tries again', async () => {
    const { listener, seen } = listenerOf(new Error('gone'), () => {
      seen.push('answered');
    });
    listener(incoming, outgoing);
    await nextTurn();
    listener(incoming, outgoing);
    await nextTurn();
    assert.deepEqual(seen, ['refused /x: gone', 'answered']);
  });

  it('refuses what its listener throws at, the first time and later', async () => {
    const { listener, seen } = listenerOf(() => {
      throw new Error('broken');
    });
    listener(incoming, outgoing);
    await nextTurn();
    listener(incoming, outgoing);
    assert.deepEqual(seen, ['refused /x: broken', 'refused /x: broken']);
  });
});
