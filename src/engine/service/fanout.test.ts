import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Deferred } from '../../base/async.ts';
import type { Position } from '../../topics/topics.ts';
import type { ChangeListener, OutputChange, Pace, RunningQuery } from '../running-query.ts';
import { Fanout, type RowListener } from './fanout.ts';

const at = (offset: number): readonly Position[] => [{ topic: 't', partition: 0, offset }];
const change = (n: number): OutputChange => ({
  key: [],
  row: [n],
  timestampMs: 0,
  partition: 0,
  offset: n,
});

/** A query that tells what the test says. */
class ToldQuery {
  readonly failure = new Deferred<Error>();
  readonly failed = this.failure.promise;
  stops = 0;
  pace: Pace | undefined;
  #listener: ChangeListener | undefined;

  positions = () => at(0);

  subscribe = (listener: ChangeListener) => {
    this.#listener = listener;
    return () => {};
  };

  stop = async () => {
    this.stops++;
  };

  tell(...numbers: number[]): void {
    this.#listener!(numbers.map(change), at(numbers.at(-1)! + 1));
  }
}

function fanoutOver(query: ToldQuery, pace?: Pace): { fanout: Fanout; ends: () => number } {
  let ends = 0;
  const fanout = new Fanout({
    start: async (held) => {
      query.pace = held;
      return query as unknown as RunningQuery;
    },
    toRow: ({ row }) => {
      if (row![0] === 13) throw new RangeError('13 is no row');
      return { values: row!, tombstone: false };
    },
    ...(pace && { pace }),
    onEnd: () => {
      ends++;
    },
  });
  return { fanout, ends: () => ends };
}

/** Keeps what it is told. */
function recorder(check: (n: number) => void = () => {}) {
  const seen: unknown[] = [];
  const failures: string[] = [];
  const listener: RowListener = {
    told: (rows) => {
      for (const row of rows) {
        check(row!.values[0] as number);
        seen.push(row!.values[0]);
      }
    },
    failed: ({ message }) => failures.push(message),
  };
  return { listener, seen, failures };
}

describe('a fan-out', () => {
  it('goes on with others where one listener throws', async () => {
    const query = new ToldQuery();
    const { fanout } = fanoutOver(query);
    const first = recorder();
    const broken = recorder((n) => {
      if (n === 2) throw new Error('no room for 2');
    });
    const last = recorder();
    for (const { listener } of [first, broken, last]) await fanout.join(listener);
    for (const n of [1, 2, 3]) query.tell(n);
    assert.deepEqual([first.seen, broken.seen, last.seen], [[1, 2, 3], [1], [1, 2, 3]]);
    assert.deepEqual([first.failures, broken.failures, last.failures], [[], ['no room for 2'], []]);
  });

  it('tells everybody of a row that cannot be made', async () => {
    const query = new ToldQuery();
    const { fanout, ends } = fanoutOver(query);
    const all = [recorder(), recorder()];
    for (const { listener } of all) await fanout.join(listener);
    query.tell(1);
    query.tell(12, 13);
    assert.deepEqual(
      all.map(({ seen, failures }) => [seen, failures]),
      [
        [[1], ['13 is no row']],
        [[1], ['13 is no row']],
      ],
    );
    assert.equal(ends(), 1);
  });

  it('tells everybody once that the query has failed', async () => {
    const query = new ToldQuery();
    const { fanout } = fanoutOver(query);
    const all = [recorder(), recorder()];
    for (const { listener } of all) await fanout.join(listener);
    query.failure.resolve(new Error('lost'));
    await query.failed;
    assert.deepEqual(
      all.map(({ failures }) => failures),
      [['lost'], ['lost']],
    );
  });

  it('stops when the last has left, also one that threw', async () => {
    const query = new ToldQuery();
    const { fanout, ends } = fanoutOver(query);
    const broken = recorder(() => {
      throw new Error('no');
    });
    const one = await fanout.join(recorder().listener);
    const other = await fanout.join(broken.listener);
    query.tell(1);
    await one.leave();
    assert.deepEqual([query.stops, ends()], [1, 1]);
    await other.leave();
    await one.leave();
    assert.deepEqual([query.stops, ends()], [1, 1]);
  });

  it('waits for one reader until it is shared', async () => {
    const query = new ToldQuery();
    const full = Promise.resolve();
    const { fanout } = fanoutOver(query, { hold: () => full });
    await fanout.join(recorder().listener);
    assert.equal(query.pace!.hold(), full);
    fanout.unpace();
    assert.equal(query.pace!.hold(), undefined);
  });

  it('takes back who has all that it has told', async () => {
    const query = new ToldQuery();
    const { fanout } = fanoutOver(query);
    const early = recorder();
    await fanout.join(early.listener);
    query.tell(1);
    const late = recorder();
    assert.equal(fanout.rejoin(at(1), late.listener), undefined);
    assert.ok(fanout.rejoin(at(2), late.listener));
    query.tell(2);
    assert.deepEqual(late.seen, [2]);
  });
});
