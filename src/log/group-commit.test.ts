import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { Deferred } from '../base/async.ts';
import { type CommitGroup, GroupCommit, MAX_GROUP_BYTES } from './group-commit.ts';
import type { Segment } from './segment.ts';

const SEGMENT = {} as Segment;
const turn = () => new Promise((resolve) => setImmediate(resolve));

interface Write extends Deferred<'sync'> {
  readonly group: CommitGroup;
}

/** A queue whose writes end when the test says so; `add(n)` appends n bytes and tells how that ended. */
class Bench {
  readonly writes: Write[] = [];
  readonly durable: number[] = [];
  readonly outcomes: string[] = [];
  mayOverlap = true;
  #endOffset = 0;
  #position = 0;
  readonly commit = new GroupCommit({
    write: (group) => {
      const write = Object.assign(new Deferred<'sync'>(), { group });
      this.writes.push(write);
      return write.promise;
    },
    mayOverlap: () => this.mayOverlap,
    onDurable: ({ endOffset }) => this.durable.push(endOffset),
    onFailure: (error) => error,
  });

  /** One append a turn. */
  async add(bytes = 1, segment = SEGMENT): Promise<void> {
    const offset = this.#endOffset++;
    const durable = this.commit.add(segment, this.#position, Buffer.alloc(bytes), this.#endOffset);
    this.#position += bytes;
    durable.then(
      () => this.outcomes.push(`${offset} durable`),
      (error: Error) => this.outcomes.push(`${offset} ${error.message}`),
    );
    await turn();
  }

  async end(write: number): Promise<void> {
    this.writes[write]!.resolve('sync');
    await turn();
  }

  /** The first write of a segment is alone; after it others may overlap. */
  static async warm(): Promise<Bench> {
    const bench = new Bench();
    await bench.add();
    await bench.add();
    assert.equal(bench.writes.length, 1);
    await bench.end(0);
    await bench.end(1);
    assert.deepEqual(bench.durable, [1, 2]);
    return bench;
  }
}

describe('group commit', () => {
  it('writes two groups side by side and gathers the rest in a third', async () => {
    const bench = await Bench.warm();
    for (let n = 0; n < 5; n++) await bench.add();
    assert.deepEqual(
      bench.writes.slice(2).map(({ group }) => group.batches.length),
      [1, 1],
    );
    await bench.end(2);
    assert.deepEqual(
      bench.writes.slice(2).map(({ group }) => group.batches.length),
      [1, 1, 3],
    );
  });

  it('tells nobody before everything in front is durable', async () => {
    const bench = await Bench.warm();
    await bench.add();
    await bench.add();
    await bench.end(3);
    assert.deepEqual(bench.durable, [1, 2]);
    await bench.end(2);
    assert.deepEqual(bench.durable, [1, 2, 3, 4]);
  });

  it('keeps both together within what recovery takes for a torn tail', async () => {
    const bench = await Bench.warm();
    await bench.add(MAX_GROUP_BYTES - 10);
    await bench.add(11);
    assert.equal(bench.writes.length, 3);
    await bench.end(2);
    assert.equal(bench.writes.length, 4);
    await bench.add(10);
    assert.equal(bench.writes.length, 5);
  });

  it('begins another segment, and what may not overlap, alone', async () => {
    const bench = await Bench.warm();
    await bench.add();
    await bench.add(1, {} as Segment);
    assert.equal(bench.writes.length, 3);
    await bench.end(2);
    await bench.add();
    assert.equal(bench.writes.length, 4);
    await bench.end(3);
    bench.mayOverlap = false;
    await bench.add();
    assert.equal(bench.writes.length, 5);
  });

  for (const [failing, other] of [
    [2, 3],
    [3, 2],
  ] as const) {
    it(`acknowledges none of two when ${failing === 2 ? 'the first' : 'the second'} fails`, async () => {
      const bench = await Bench.warm();
      for (let n = 0; n < 3; n++) await bench.add();
      bench.writes[failing]!.reject(new Error('EIO'));
      await turn();
      let idle = false;
      void bench.commit.idle().then(() => {
        idle = true;
      });
      await turn();
      assert.equal(idle, false);
      await bench.end(other);
      assert.equal(idle, true);
      assert.deepEqual(bench.durable, [1, 2]);
      assert.deepEqual(bench.outcomes.slice(2), ['2 EIO', '3 EIO', '4 EIO']);
      assert.equal(bench.writes.length, 4);
    });
  }
});
