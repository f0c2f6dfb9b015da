import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryDiskMap } from '../../base/memory-disk-map.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { Row } from '../../data/schema.ts';
import { BatchBuilder } from '../../record/batch-builder.ts';
import { RecordCursor } from '../../record/record-cursor.ts';
import { SYSTEM_EFFECTS } from '../../sql/compile.ts';
import type { WindowSpec } from '../../sql/plan.ts';
import {
  aggregateCall,
  column,
  columns,
  INTEGER,
  rekey,
  STRING,
  source,
  windowedAggregate,
} from '../../testing/plan-builders.ts';
import { compileSource } from '../compile/source-code.ts';
import { rekeyCode } from '../compile/stream-steps.ts';
import { windowCode } from '../compile/window-code.ts';
import { partitionOfKey } from '../murmur2.ts';
import { StateBudget } from '../store/state-budget.ts';
import { type SpillPlace, StateSpace } from '../store/state-space.ts';
import { windowedAggregateNode } from '../windowed-topology.ts';
import type { QueryContext } from './change.ts';
import { Recorder } from './recorder.ts';

const events = source('EVENTS', 'STREAM', { key: columns(['K', STRING]), value: columns(['V', INTEGER]) });

interface Options {
  readonly graceMs?: number;
  readonly retentionMs?: number;
  readonly emit?: 'CHANGES' | 'FINAL';
  readonly losesOnJump?: boolean;
  readonly rekeyed?: boolean;
  readonly tellsOld?: boolean;
  readonly tellsEachChange?: boolean;
}

/** Where all windows go to disk that may. */
function spillPlace(): SpillPlace {
  const budget = new StateBudget({ limitBytes: 0, clock: new VirtualClock(), onFailure: assert.fail });
  return { budget, openDisk: () => new MemoryDiskMap(), folder: '/spill' };
}

/** SELECT K, SUM(V) ... GROUP BY K over the window. */
function summingIn(
  spills: boolean,
  window: WindowSpec,
  {
    graceMs = 10,
    retentionMs,
    emit = 'CHANGES',
    losesOnJump,
    rekeyed = false,
    tellsOld = false,
    tellsEachChange = true,
  }: Options = {},
) {
  const lengthMs = window.type === 'SESSION' ? window.gapMs : window.sizeMs;
  const input = rekeyed ? rekey(events, 'GROUP_BY', [column(events, 0)], ['K']) : events;
  const value = column(input, rekeyed ? 2 : 1);
  const step = windowedAggregate(input, window, aggregateCall('SUM', 'S', INTEGER, value), {
    graceMs,
    retentionMs: retentionMs ?? lengthMs + graceMs,
    emit,
  });
  const seen = new Recorder();
  const forgotten: string[] = [];
  let late = 0;
  const context: QueryContext = {
    report: assert.fail,
    reportSkipped: assert.fail,
    late: () => late++,
    headers: () => undefined,
    withHeaders: (_, tell) => tell(),
    rebuilding: false,
    muted: false,
  };
  const below = {
    tellsOld,
    tellsEachChange,
    onExpired: (key: Row) => {
      forgotten.push(key.join(' '));
    },
  };
  const properties: Record<string, string> = losesOnJump ? { 'ksql.suppress.loses.on.jump': 'true' } : {};
  const state = new StateSpace(spills ? spillPlace() : undefined);
  const options = { context, effects: SYSTEM_EFFECTS, properties, partitionCount: 4, state };
  const { operator, changelog } = windowedAggregateNode(step, seen, below, options);
  const code = windowCode(input.schema.key, operator);
  const consume = compileSource(
    events,
    input.step === 'rekeyV1' ? rekeyCode(input, assert.fail, code) : code,
    SYSTEM_EFFECTS,
    () => assert.fail('a record was skipped'),
  );
  const end = window.type === 'SESSION' ? ']' : ')';
  const told = () =>
    seen.changes.splice(0).map(({ key: [key, start, bound], row, old, timestampMs }) => {
      const was = tellsOld && row !== null && old !== null ? ` was ${old[3]}` : '';
      return `${key} [${start},${bound}${end} ${row === null ? 'gone' : row[3]}${was} at ${timestampMs}`;
    });
  return {
    /** `key time value`, e.g. `a 12 1`, at partition 0 unless `@n` follows; what comes out: `a [10,20) 1 at 12`. */
    push(...rows: readonly string[]): string[] {
      for (const text of rows) {
        const [, key = '', at, value, partition = '0'] = /^(\w+) (-?\d+) (\S+?)(?:@(\d))?$/.exec(text) ?? [];
        const builder = new BatchBuilder();
        const json = value === 'null' ? null : Buffer.from(`{"V":${value}}`);
        builder.append(Number(at), key === 'null' ? null : Buffer.from(key), json);
        const cursor = new RecordCursor();
        cursor.reset(builder.build(), 0);
        cursor.next();
        consume(cursor, Number(partition));
        // As if the round had ended.
        if (spills && tellsEachChange) changelog.takeDirty();
        state.trim();
      }
      return told();
    },
    endRound(): string[] {
      operator.tell(operator.toTell());
      changelog.takeDirty();
      state.trim();
      return told();
    },
    forgotten: () => forgotten.splice(0),
    late: () => late,
    state: changelog,
  };
}

const tumbling = (sizeMs: number): WindowSpec => ({ type: 'TUMBLING', sizeMs, advanceMs: sizeMs });
const hopping = (sizeMs: number, advanceMs: number): WindowSpec => ({ type: 'HOPPING', sizeMs, advanceMs });
const session = (gapMs: number): WindowSpec => ({ type: 'SESSION', gapMs });

for (const spills of [false, true]) {
  const where = spills ? ', with windows on disk' : '';
  const summing = (window: WindowSpec, options?: Options) => summingIn(spills, window, options);

  describe(`time windows${where}`, () => {
    it('are aligned to the epoch, and hold what lies between their start and their end', () => {
      const sum = summing(tumbling(10));
      assert.deepEqual(sum.push('a 0 1', 'a 9 2', 'a 10 4', 'b 15 8'), [
        'a [0,10) 1 at 0',
        'a [0,10) 3 at 9',
        'a [10,20) 4 at 10',
        'b [10,20) 8 at 15',
      ]);
    });

    it('overlap when they hop, and begin at the epoch', () => {
      assert.deepEqual(summing(hopping(10, 4)).push('a 5 1', 'a 13 2'), [
        'a [0,10) 1 at 5',
        'a [4,14) 1 at 5',
        'a [4,14) 3 at 13',
        'a [8,18) 2 at 13',
        'a [12,22) 2 at 13',
      ]);
    });

    it('take late rows, and keep the latest time, until end and grace are over', () => {
      const sum = summing(tumbling(10), { graceMs: 5 });
      assert.deepEqual(sum.push('a 3 1', 'b 14 1', 'a 2 2'), [
        'a [0,10) 1 at 3',
        'b [10,20) 1 at 14',
        'a [0,10) 3 at 3',
      ]);
      assert.deepEqual([sum.push('b 15 1', 'a 9 4'), sum.late()], [['b [10,20) 2 at 15'], 1]);
    });

    it('are late one by one when they hop', () => {
      const sum = summing(hopping(10, 5), { graceMs: 0 });
      assert.deepEqual(sum.push('a 12 1').length, 2);
      assert.deepEqual([sum.push('a 8 2'), sum.late()], [['a [5,15) 3 at 12'], 1]);
    });

    it('leave out rows without value, key or time', () => {
      const sum = summing(tumbling(10));
      assert.deepEqual(sum.push('a 99 null', 'null 99 1', 'a -1 1', 'a 1 1'), ['a [0,10) 1 at 1']);
      assert.equal(sum.late(), 0);
    });

    it('have a stream time for each partition', () => {
      const sum = summing(tumbling(10), { graceMs: 0 });
      assert.deepEqual(sum.push('a 1000 1@1', 'b 5 1@0', 'c 5 1@1'), [
        'a [1000,1010) 1 at 1000',
        'b [0,10) 1 at 5',
      ]);
      assert.equal(sum.late(), 1);
    });

    it('after a change of key have the stream time of the partition to which the new key belongs', () => {
      const partitions = ['a', 'd', 'h'].map((key) => partitionOfKey(Buffer.from(key), 4));
      assert.deepEqual(partitions, [0, 1, 1]);
      const sum = summing(tumbling(10), { graceMs: 0, rekeyed: true });
      assert.deepEqual(sum.push('d 1000 1@0', 'a 5 1@0', 'h 5 1@3'), [
        'd [1000,1010) 1 at 1000',
        'a [0,10) 1 at 5',
      ]);
      assert.equal(sum.late(), 1);
    });

    it('are dropped when retention is over, and what is derived from them with them', () => {
      const sum = summing(tumbling(10), { graceMs: 0, retentionMs: 20 });
      sum.push('a 5 1', 'b 5 1', 'a 15 1', 'a 25 1');
      assert.deepEqual([sum.forgotten(), sum.state?.size], [[], 4]);
      sum.push('a 30 1');
      assert.deepEqual([sum.forgotten(), sum.state?.size], [['a 0 10', 'b 0 10'], 3]);
    });

    it('leave no trace of keys that were only ever late', () => {
      const sum = summing(tumbling(10), { graceMs: 0 });
      sum.push('a 100 1', ...Array.from({ length: 50 }, (_, index) => `late${index} 5 1`));
      assert.deepEqual([sum.late(), sum.state?.size], [50, 1]);
    });
  });

  describe(`sessions${where}`, () => {
    it('grow, and delete what they were', () => {
      assert.deepEqual(summing(session(5)).push('a 10 1', 'a 15 2', 'a 12 4', 'a 21 8'), [
        'a [10,10] 1 at 10',
        'a [10,10] gone at 10',
        'a [10,15] 3 at 15',
        'a [10,15] gone at 15',
        'a [10,15] 7 at 15',
        'a [21,21] 8 at 21',
      ]);
    });

    it('become one when a row closes the gap between them', () => {
      assert.deepEqual(summing(session(5)).push('a 10 1', 'a 20 2', 'b 15 9', 'a 15 4').slice(3), [
        'a [10,10] gone at 10',
        'a [20,20] gone at 20',
        'a [10,20] 7 at 20',
      ]);
    });

    it('of one moment go on without a deletion', () => {
      assert.deepEqual(summing(session(5)).push('a 10 1', 'a 10 2'), [
        'a [10,10] 1 at 10',
        'a [10,10] 3 at 10',
      ]);
    });

    it('that are over take no rows, but an open one reaches back to rows that are late by themselves', () => {
      const sum = summing(session(5), { graceMs: 2 });
      assert.deepEqual(sum.push('a 10 1', 'b 17 1', 'a 5 2').slice(2), [
        'a [10,10] gone at 10',
        'a [5,10] 3 at 10',
      ]);
      assert.deepEqual(
        [sum.push('c 9 1', 'b 18 1', 'a 6 1'), sum.late()],
        [['b [17,17] gone at 17', 'b [17,18] 2 at 18'], 2],
      );
    });

    it('are dropped when retention is over', () => {
      const sum = summing(session(5), { graceMs: 0, retentionMs: 20 });
      sum.push('a 10 1', 'a 12 1', 'b 32 1');
      assert.deepEqual([sum.forgotten(), sum.state?.size], [[], 2]);
      sum.push('b 33 1');
      assert.deepEqual([sum.forgotten(), sum.state?.size], [['a 10 12'], 1]);
    });
  });

  describe(`EMIT FINAL${where}`, () => {
    it('gives each time window once, when it is closed, by start and key', () => {
      const sum = summing(tumbling(10), { graceMs: 5, emit: 'FINAL' });
      assert.deepEqual(sum.push('b 1 1', 'a 2 1', 'b 9 1', 'a 12 7', 'b 14 9', 'a 3 2'), []);
      assert.deepEqual(sum.push('c 15 1'), ['a [0,10) 3 at 3', 'b [0,10) 2 at 9']);
      assert.deepEqual(sum.push('c 16 1', 'a 9 1'), []);
      assert.deepEqual(sum.push('c 25 1'), ['a [10,20) 7 at 12', 'b [10,20) 9 at 14', 'c [10,20) 2 at 16']);
    });

    it('gives sessions once, by end, start and key', () => {
      const sum = summing(session(5), { graceMs: 0, emit: 'FINAL' });
      assert.deepEqual(sum.push('b 2 1', 'a 1 1', 'a 2 1', 'c 2 1', 'c 6 1'), []);
      assert.deepEqual(sum.push('d 7 1'), []);
      assert.deepEqual(sum.push('d 8 1'), ['a [1,2] 2 at 2', 'b [2,2] 1 at 2']);
    });

    it('loses nothing when time jumps, unless it is to do as ksqlDB does', () => {
      const rows = ['a 0 1', 'a 11 2', 'a 35 4', 'a 1000 8'];
      const all = ['a [0,10) 1 at 0', 'a [10,20) 2 at 11', 'a [30,40) 4 at 35'];
      assert.deepEqual(summing(tumbling(10), { graceMs: 10, emit: 'FINAL' }).push(...rows), all);
      const lossy = summing(tumbling(10), { graceMs: 10, emit: 'FINAL', losesOnJump: true });
      assert.deepEqual(lossy.push(...rows), ['a [10,20) 2 at 11']);
      const sessions = summing(session(5), { graceMs: 0, emit: 'FINAL', losesOnJump: true });
      assert.deepEqual(sessions.push('a 1 1', 'a 1000 8'), ['a [1,1] 1 at 1']);
    });
  });

  describe(`a windowed table${where}`, () => {
    it('has the old row for what needs it', () => {
      assert.deepEqual(summing(tumbling(10), { tellsOld: true }).push('a 1 1', 'b 1 9', 'a 2 2', 'a 12 4'), [
        'a [0,10) 1 at 1',
        'b [0,10) 9 at 1',
        'a [0,10) 3 was 1 at 2',
        'a [10,20) 4 at 12',
      ]);
      assert.deepEqual(
        summing(session(5), { tellsOld: true }).push('a 1 1', 'a 1 2', 'a 3 4', 'a 2 8').slice(1),
        [
          'a [1,1] 3 was 1 at 1',
          'a [1,1] gone at 1',
          'a [1,3] 7 at 3',
          'a [1,3] gone at 3',
          'a [1,3] 15 at 3',
        ],
      );
    });

    it('tells once a round what only the last change of a round counts for, also of windows that are dropped in it', () => {
      const sum = summing(tumbling(10), { graceMs: 0, tellsOld: true, tellsEachChange: false });
      assert.deepEqual(sum.push('a 1 1', 'b 1 9', 'a 2 2'), []);
      assert.deepEqual(sum.endRound(), ['a [0,10) 3 at 2', 'b [0,10) 9 at 1']);
      assert.deepEqual(sum.push('a 3 4', 'c 11 1'), []);
      assert.deepEqual(sum.push('c 20 1'), ['a [0,10) 7 was 3 at 3']);
      assert.deepEqual(sum.endRound(), ['c [10,20) 1 at 11', 'c [20,30) 1 at 20']);
    });
  });
}
