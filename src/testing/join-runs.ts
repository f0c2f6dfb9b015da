import assert from 'node:assert/strict';
import { systemClock } from '../base/clock.ts';
import { MemoryDiskMap } from '../base/memory-disk-map.ts';
import { type ConsumeRecord, compileSource } from '../engine/compile/source-code.ts';
import { outputCode } from '../engine/compile/stream-steps.ts';
import { Recorder } from '../engine/operators/recorder.ts';
import { RoundOutput } from '../engine/round-output.ts';
import { StateBudget } from '../engine/store/state-budget.ts';
import { StateSpace } from '../engine/store/state-space.ts';
import { type StreamJoinNode, streamJoinNode } from '../engine/stream-join-topology.ts';
import { BatchBuilder } from '../record/batch-builder.ts';
import { RecordCursor } from '../record/record-cursor.ts';
import { SYSTEM_EFFECTS } from '../sql/compile.ts';
import { columns, INTEGER, type JoinWindow, STRING, source, streamStreamJoin } from './plan-builders.ts';

// For tests of stream-stream joins: both sides' sources, the join, and its changelogs, without an engine around them.

const schemaOf = (column: string) => ({ key: columns(['K', STRING]), value: columns([column, INTEGER]) });
const left = source('L', 'STREAM', schemaOf('A'));
const right = source('R', 'STREAM', schemaOf('B'));

export interface JoinRecord {
  readonly side: 'L' | 'R';
  readonly key: string | null;
  readonly timestampMs: number;
  /** Null: a record without a value. */
  readonly value: number | null;
  readonly partition: number;
}

/** A joined row: `key left right at time`, with `-` for what is null. */
export type Joined = string;

export class JoinRun {
  readonly #window: JoinWindow;
  readonly #spills: boolean;
  readonly #seen = new Recorder();
  /** What is committed: records by topic and key, as compaction leaves them. */
  readonly #committed = new Map<string, Map<string, RecordCursor>>();
  #node: StreamJoinNode;
  #state: StateSpace;
  #consume: Record<JoinRecord['side'], ConsumeRecord>;
  late = 0;

  constructor(window: JoinWindow, spills = false) {
    this.#window = window;
    this.#spills = spills;
    [this.#state, this.#node, this.#consume] = this.#open();
  }

  push({ side, key, timestampMs, value, partition }: JoinRecord): Joined[] {
    const json = value === null ? null : Buffer.from(JSON.stringify({ [side === 'L' ? 'A' : 'B']: value }));
    this.#consume[side](cursorAt(timestampMs, key === null ? null : Buffer.from(key), json), partition);
    this.#state.trim();
    return this.#seen.changes.splice(0).map(({ row, timestampMs: at }) => {
      const [joinedKey, , a, , b] = row as unknown[];
      return `${joinedKey ?? '-'} ${a ?? '-'} ${b ?? '-'} at ${at}`;
    });
  }

  /** Ends a round: what has changed is in the changelogs. Gives how many records that took. */
  commit(): number {
    let count = 0;
    for (const { storeName, changelog } of this.#node.states) {
      const output = new RoundOutput();
      changelog.write(changelog.takeDirty(), output.topic(storeName));
      const records = this.#committed.get(storeName) ?? new Map<string, RecordCursor>();
      this.#committed.set(storeName, records);
      for (const { batch } of output.take()) {
        for (const cursor of recordsOf(batch)) {
          count++;
          const key = (cursor.key() as Buffer).toString('latin1');
          records.delete(key);
          if (cursor.valueLength >= 0) records.set(key, cursor);
        }
      }
    }
    return count;
  }

  /** The process ends; another goes on from what is committed. */
  restart(): void {
    [this.#state, this.#node, this.#consume] = this.#open();
    for (const { storeName, changelog } of this.#node.states) {
      for (const cursor of this.#committed.get(storeName)?.values() ?? []) {
        changelog.load(cursor);
        this.#state.trim();
      }
    }
    for (const { operator } of this.#node.states) for (const _ of operator.replay()) this.#state.trim();
  }

  /** Rows in the stores of both sides, and records that their changelogs hold. */
  get sizes(): { readonly rows: number[]; readonly records: number[] } {
    return {
      rows: this.#node.states.map(({ changelog }) => changelog.size),
      records: this.#node.states.map(({ storeName }) => this.#committed.get(storeName)?.size ?? 0),
    };
  }

  #open(): [StateSpace, StreamJoinNode, Record<JoinRecord['side'], ConsumeRecord>] {
    const budget = new StateBudget({ limitBytes: 0, clock: systemClock, onFailure: assert.fail });
    const state = new StateSpace(
      this.#spills ? { budget, openDisk: () => new MemoryDiskMap(), folder: '' } : undefined,
    );
    const context = {
      report: assert.fail,
      reportSkipped: assert.fail,
      late: () => {
        this.late++;
      },
      headers: () => undefined,
      withHeaders: (_: unknown, tell: () => void) => tell(),
      rebuilding: false,
      muted: false,
    };
    const step = streamStreamJoin(left, right, this.#window);
    const node = streamJoinNode(step, outputCode(this.#seen, 1), {
      context,
      effects: SYSTEM_EFFECTS,
      properties: {},
      partitionCount: 2,
      state,
    });
    const compile = (side: typeof left, code: StreamJoinNode['left']) =>
      compileSource(side, code, SYSTEM_EFFECTS, () => assert.fail('a record was skipped'));
    return [state, node, { L: compile(left, node.left), R: compile(right, node.right) }];
  }
}

function cursorAt(timestampMs: number, key: Buffer | null, value: Buffer | null): RecordCursor {
  const builder = new BatchBuilder();
  builder.append(timestampMs, key, value);
  const [cursor] = recordsOf(builder.build());
  return cursor as RecordCursor;
}

/** A cursor at each record. */
function recordsOf(batch: Buffer): RecordCursor[] {
  const found: RecordCursor[] = [];
  const counting = new RecordCursor();
  counting.reset(batch, 0);
  while (counting.next()) {
    const cursor = new RecordCursor();
    cursor.reset(batch, 0);
    for (let skip = found.length; skip >= 0; skip--) cursor.next();
    found.push(cursor);
  }
  return found;
}
