import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PullShape } from '../../sql/planned.ts';
import { ReceivedShapes, SentShapes } from './pull-shapes.ts';

const shapeOf = (source: string): PullShape => ({
  ...{ source, isWindowed: false, hasKeyRange: false, projection: [], columns: [] },
});

describe('shapes of pull queries on their way to a thread', () => {
  it('travel once', () => {
    const sent = new SentShapes();
    const shape = shapeOf('T');
    assert.deepEqual(sent.send(shape), { number: 0, whole: shape });
    assert.deepEqual(sent.send(shape), { number: 0 });
  });

  it('arrive as they were sent, however many there are', () => {
    const sent = new SentShapes();
    const received = new ReceivedShapes();
    const shapes = Array.from({ length: 600 }, (_, n) => shapeOf(`T${n}`));
    const visits = [...shapes, ...shapes.slice(500), ...shapes.slice(0, 300), ...shapes];
    for (const shape of visits) assert.equal(received.receive(sent.send(shape)).source, shape.source);
  });
});
