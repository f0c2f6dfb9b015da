import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type JoinRecord, JoinRun } from '../../testing/join-runs.ts';
import type { JoinWindow } from '../../testing/plan-builders.ts';

const WINDOW: JoinWindow = { join: 'INNER', beforeMs: 10, afterMs: 10, graceMs: 100, waits: false };

function joining(window: Partial<JoinWindow> = {}) {
  const run = new JoinRun({ ...WINDOW, ...window });
  return {
    run,
    /** `side key time value`, e.g. `L a 12 1`, at partition 0 unless `@n` follows; `-` is null. */
    push(...rows: readonly string[]): string[] {
      return rows.flatMap((text) => run.push(parse(text)));
    },
  };
}

function parse(text: string): JoinRecord {
  const [, side, key, at, value, partition = '0'] = /^([LR]) (\S+) (\d+) (\S+?)(?:@(\d))?$/.exec(text) ?? [];
  return {
    side: side as JoinRecord['side'],
    key: key === '-' ? null : (key as string),
    timestampMs: Number(at),
    value: value === '-' ? null : Number(value),
    partition: Number(partition),
  };
}

describe('rows of two streams', () => {
  it('meet when their keys are equal and they are close in time, whoever comes first', () => {
    const { push } = joining();
    assert.deepEqual(push('L a 20 1', 'R b 20 2', 'R a 25 3', 'R a 31 4', 'L b 10 5', 'L b 9 6'), [
      'a 1 3 at 25',
      'b 5 2 at 20',
    ]);
  });

  it('meet within spans of their own before and after the left one', () => {
    const { push } = joining({ beforeMs: 1, afterMs: 5 });
    assert.deepEqual(push('L a 20 1', 'R a 18 2', 'R a 19 3', 'R a 25 4', 'R a 26 5'), [
      'a 1 3 at 20',
      'a 1 4 at 25',
    ]);
    assert.deepEqual(push('R b 20 6', 'L b 14 7', 'L b 15 8', 'L b 21 9', 'L b 22 10'), [
      'b 8 6 at 20',
      'b 9 6 at 21',
    ]);
  });

  it('meet all there are, in the order of time and then of arrival', () => {
    const { push } = joining();
    assert.deepEqual(push('R a 12 1', 'R a 11 2', 'R a 12 3', 'R a 13 4', 'L a 12 5'), [
      'a 5 2 at 12',
      'a 5 1 at 12',
      'a 5 3 at 12',
      'a 5 4 at 13',
    ]);
  });

  it('do not meet without a key or a value', () => {
    const { push } = joining();
    assert.deepEqual(push('L - 10 1', 'R - 10 2', 'L a 10 -', 'R a 10 3', 'R a 10 -', 'L a 10 4'), [
      'a 4 3 at 10',
    ]);
  });

  it('are out of reach when their side is too far ahead, in their partition', () => {
    const { run, push } = joining({ graceMs: 5 });
    // 25 later than the row at 10: before + after + grace.
    assert.deepEqual(push('L a 10 1@0', 'L b 34 2@0', 'R a 10 3@0'), ['a 1 3 at 10']);
    assert.deepEqual(push('L b 35 4@0', 'R a 10 5@0'), []);
    // What comes that late still meets those in reach, but is not kept for others.
    assert.equal(run.late, 0);
    assert.deepEqual(push('L a 9 6@0', 'R a 11 7@0'), ['a 6 3 at 10', 'a 6 5 at 10']);
    assert.equal(run.late, 1);
    // The other partition has a time of its own.
    assert.deepEqual(push('L cc 9 8@1', 'R cc 9 9@1'), ['cc 8 9 at 9']);
  });
});

describe('rows without a partner', () => {
  it('are told at once, and again with one that comes later, where no grace period was given', () => {
    const { push } = joining({ join: 'LEFT' });
    assert.deepEqual(push('L a 10 1', 'R b 10 2', 'R a 12 3', 'L b 11 4'), [
      'a 1 - at 10',
      'a 1 3 at 12',
      'b 4 2 at 11',
    ]);
    assert.deepEqual(joining({ join: 'RIGHT' }).push('L a 10 1', 'R b 10 2'), ['b - 2 at 10']);
    assert.deepEqual(joining({ join: 'FULL' }).push('L a 10 1', 'R b 10 2'), ['a 1 - at 10', 'b - 2 at 10']);
  });

  it('are told once nobody can come any more, with their own time, where one was given', () => {
    const { push } = joining({ join: 'LEFT', graceMs: 5, waits: true });
    assert.deepEqual(push('L a 10 1', 'L b 11 2', 'R a 20 3', 'R x 25 4', 'R x 26 5'), ['a 1 3 at 20']);
    // Beyond 11 + 10 + 5; that a is in time for b no longer matters.
    assert.deepEqual(push('R x 27 6'), ['b 2 - at 11']);
    assert.deepEqual(push('R b 20 7'), ['b 2 7 at 20']);
  });

  it('end their waiting in the order of time, right before left, then of their keys', () => {
    const { push } = joining({ join: 'FULL', graceMs: 0, waits: true });
    assert.deepEqual(push('L c 12 1', 'L b 12 2', 'R d 12 3', 'R a 11 4', 'L c 12 5', 'L z 99 6'), [
      'a - 4 at 11',
      'd - 3 at 12',
      'b 2 - at 12',
      'c 1 - at 12',
      'c 5 - at 12',
    ]);
  });

  it('wait as long as their own side of the window is', () => {
    const { push } = joining({ join: 'FULL', beforeMs: 2, afterMs: 7, graceMs: 0, waits: true });
    assert.deepEqual(push('L a 10 1', 'R b 10 2', 'L x 12 3', 'L x 13 4'), ['b - 2 at 10']);
    assert.deepEqual(push('L x 17 5', 'L x 18 6'), ['a 1 - at 10']);
  });

  it('wait also when they have come too late to be met', () => {
    const { push } = joining({ join: 'LEFT', beforeMs: 0, afterMs: 7, graceMs: 0, waits: true });
    assert.deepEqual(push('L x 17 1', 'R x 17 2', 'L a 10 3', 'R a 10 4'), ['x 1 2 at 17']);
    assert.deepEqual(push('R x 18 5'), ['a 3 - at 10', 'x 1 5 at 18']);
  });

  it('do not wait when their partners would all be late', () => {
    const { push } = joining({ join: 'LEFT', graceMs: 50, waits: true });
    assert.deepEqual(push('L x 100 1', 'L a 89 2', 'L b 90 3'), ['a 2 - at 89']);
  });

  it('have no key, or a value and a key: records without a value are not told of', () => {
    const { push } = joining({ join: 'FULL', waits: true });
    assert.deepEqual(push('L - 10 1', 'R - 11 2', 'L a 12 -', 'R - 12 -'), ['- 1 - at 10', '- - 2 at 11']);
  });

  it('wait for stream time, which any record moves on but only rows with keys act on', () => {
    const { push } = joining({ join: 'LEFT', graceMs: 0, waits: true });
    assert.deepEqual(push('L a 10 1', 'R - 50 2', 'R x 60 -'), []);
    assert.deepEqual(push('R x 15 3'), ['a 1 - at 10']);
  });
});

describe('a join that goes on after a crash', () => {
  it('has the rows of both sides, who waits, and the time', () => {
    const { run, push } = joining({ join: 'LEFT', graceMs: 0, waits: true });
    assert.deepEqual(push('L a 10 1', 'L b 12 2', 'L c 12 3', 'R c 13 4'), ['c 3 4 at 13']);
    run.commit();
    run.restart();
    assert.deepEqual(push('R a 11 5'), ['a 1 5 at 11']);
    run.restart();
    assert.deepEqual(push('L x 23 6'), ['a 1 - at 10', 'b 2 - at 12']);
    run.commit();
    run.restart();
    assert.deepEqual(push('L x 40 7'), ['x 6 - at 23']);
  });

  it('knows of the time of a record that it has not kept', () => {
    const { run, push } = joining({ join: 'LEFT', graceMs: 0, waits: true });
    assert.deepEqual(push('L a 10 1', 'R - 50 2'), []);
    run.commit();
    run.restart();
    assert.deepEqual(push('L b 39 3'), ['a 1 - at 10', 'b 3 - at 39']);
    run.commit();
    run.restart();
    assert.deepEqual(push('R x 51 4', 'L c 52 5', 'R - 90 6'), []);
    run.commit();
    assert.deepEqual(push('R x 60 7'), ['c 5 - at 52']);
    run.commit();
    run.restart();
    assert.deepEqual(push('R x 91 8'), []);
  });

  it('has each of several rows of a key that came at one time, in their order', () => {
    const { run, push } = joining();
    push('L a 10 1', 'L a 10 2', 'L a 9 3', 'L a 10 4');
    run.commit();
    run.restart();
    assert.deepEqual(push('L a 10 5', 'R a 10 6'), [
      'a 3 6 at 10',
      'a 1 6 at 10',
      'a 2 6 at 10',
      'a 4 6 at 10',
      'a 5 6 at 10',
    ]);
  });

  it('has kept no more than what can still be met, in memory and in its changelogs', () => {
    const { run, push } = joining({ graceMs: 0 });
    for (let at = 0; at < 4_000; at += 2) {
      push(`L k${at % 20} ${at} 1`, `R k${at % 14} ${at} 1`);
      if (at % 500 === 0) run.commit();
    }
    run.commit();
    const { rows, records } = run.sizes;
    assert.deepEqual(records, rows);
    // 20 of time are in reach, a row every 2; what is beyond goes a sixteenth of that at a time.
    for (const count of rows) assert.ok(count >= 10 && count <= 12, String(count));
  });

  it('writes nothing of rows that came and went since the last commit', () => {
    const { run, push } = joining({ graceMs: 0 });
    push('L a 10 1', 'L a 500 2');
    assert.equal(run.commit(), 1);
  });
});
