import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { KeyWindow, Step, WindowedAggregateStep, WindowSpec } from '../sql/plan.ts';
import { keyWindowOf } from '../sql/planner/window.ts';
import { createTopics, engineOn, runInterrupted } from '../testing/engine-runs.ts';
import { type CommitFault, MemoryTopics } from '../testing/memory-topics.ts';
import {
  aggregateCall,
  column,
  columns,
  INTEGER,
  plan,
  rekey,
  STRING,
  source,
  windowedAggregate,
} from '../testing/plan-builders.ts';
import { produce } from '../testing/topic-content.ts';
import { readCommitted } from './read-committed.ts';
import type { StoredRow } from './running-query.ts';

const events = source('EVENTS', 'STREAM', { key: [], value: columns(['K', STRING], ['V', INTEGER]) });

interface Event {
  readonly partition: number;
  readonly key: string;
  readonly value: number;
  readonly timestampMs: number;
}

/** A record of the sink: key, window, sum (null: a tombstone), time. */
type Output = readonly [key: string, startMs: number, endMs: number, sum: number | null, timestampMs: number];

const keys = fc.constantFrom('ann', 'bob', 'Zoë', 'd');
const MOST_MS = 300;
const event = fc.record({
  partition: fc.nat(2),
  key: keys,
  value: fc.integer({ min: -9, max: 9 }),
  timestampMs: fc.nat(MOST_MS),
});
const window = fc.constantFrom<WindowSpec>(
  { type: 'TUMBLING', sizeMs: 20, advanceMs: 20 },
  { type: 'HOPPING', sizeMs: 25, advanceMs: 10 },
  { type: 'SESSION', gapMs: 6 },
);
const emit = fc.constantFrom<WindowedAggregateStep['emit']>('CHANGES', 'FINAL');
const fault = fc.constantFrom<CommitFault | undefined>('lost', 'aborted', 'committed', undefined, undefined);

function sumsPerKey(
  spec: WindowSpec,
  graceMs: number,
  emits: WindowedAggregateStep['emit'],
): WindowedAggregateStep {
  const keyed: Step = rekey(events, 'GROUP_BY', [column(events, 0)], ['K']);
  const lengthMs = spec.type === 'SESSION' ? spec.gapMs : spec.sizeMs;
  return windowedAggregate(keyed, spec, aggregateCall('SUM', 'S', INTEGER, column(keyed, 2)), {
    graceMs,
    retentionMs: lengthMs + graceMs,
    emit: emits,
  });
}

interface Run {
  readonly faults?: readonly (CommitFault | undefined)[];
  readonly takeovers?: number;
  readonly properties?: Record<string, string>;
  readonly spills?: boolean;
}

async function outputsOf(
  step: WindowedAggregateStep,
  given: readonly Event[],
  { faults = [], takeovers = 0, properties, spills = false }: Run = {},
) {
  const topics = new MemoryTopics();
  await createTopics(topics, { EVENTS: 3, SUMS: 2 });
  for (const { partition, key: K, value: V, timestampMs } of given)
    await produce(topics, 'EVENTS', partition, [{ value: { K, V }, timestampMs }]);
  topics.failCommits(...faults);
  const made = plan('SUMS', 'SUMS', step, { 'commit.interval.ms': '0', ...properties }, keyWindowOf(step));
  let rows: StoredRow[] = [];
  let ofAnn: readonly StoredRow[] = [];
  await runInterrupted(
    topics,
    made,
    takeovers,
    (on) => engineOn(on, spills),
    ({ table }) => {
      rows = [...(table?.scan() ?? [])];
      ofAnn = table?.windowsOf(['ann']) ?? [];
    },
  );
  return { outputs: await sinkOf(topics, keyWindowOf(step)), rows, ofAnn };
}

async function sinkOf(topics: MemoryTopics, { type, sizeMs = 0 }: KeyWindow): Promise<Output[]> {
  const found: Output[] = [];
  for (let partition = 0; partition < 2; partition++) {
    const at = { topic: 'SUMS', partition };
    const { lastStableOffset } = await topics.offsets(at);
    await readCommitted(topics, at, 0, lastStableOffset, (cursor) => {
      const bytes = cursor.key() as Buffer;
      const startMs = Number(bytes.readBigInt64BE(bytes.length - 8));
      const endMs = type === 'SESSION' ? Number(bytes.readBigInt64BE(bytes.length - 16)) : startMs + sizeMs;
      const key = bytes.toString('utf8', 0, bytes.length - (type === 'SESSION' ? 16 : 8));
      const value = cursor.value();
      found.push([key, startMs, endMs, value && JSON.parse(value.toString()).S, cursor.timestampMs]);
    });
  }
  return found;
}

/** What is left of a table's records. */
function lastPerWindow(outputs: readonly Output[]): Map<string, Output> {
  const left = new Map<string, Output>();
  for (const output of outputs) {
    const id = output.slice(0, 3).join(' ');
    if (output[3] === null) left.delete(id);
    else left.set(id, output);
  }
  return left;
}

/** All windows from scratch, as if every row had been there at once. */
function recomputed(spec: WindowSpec, given: readonly Event[]): Map<string, Output> {
  const sums = new Map<string, Output>();
  for (const [key, rows] of Map.groupBy(given, (each) => each.key))
    for (const { startMs, endMs, members } of spec.type === 'SESSION'
      ? sessions(spec.gapMs, rows)
      : timeWindows(spec, rows)) {
      const sum = members.reduce((total, { value }) => total + value, 0);
      const timestampMs = Math.max(...members.map((row) => row.timestampMs));
      sums.set(`${key} ${startMs} ${endMs}`, [key, startMs, endMs, sum, timestampMs]);
    }
  return sums;
}

interface Members {
  readonly startMs: number;
  readonly endMs: number;
  readonly members: readonly Event[];
}

function timeWindows(
  { sizeMs, advanceMs }: Extract<WindowSpec, { sizeMs: number }>,
  rows: readonly Event[],
): Members[] {
  const found: Members[] = [];
  for (let startMs = 0; startMs <= 10 * MOST_MS; startMs += advanceMs) {
    const endMs = startMs + sizeMs;
    const members = rows.filter(({ timestampMs }) => timestampMs >= startMs && timestampMs < endMs);
    if (members.length > 0) found.push({ startMs, endMs, members });
  }
  return found;
}

function sessions(gapMs: number, rows: readonly Event[]): Members[] {
  const found: { startMs: number; endMs: number; members: Event[] }[] = [];
  for (const row of rows.toSorted((a, b) => a.timestampMs - b.timestampMs)) {
    const last = found.at(-1);
    if (last && row.timestampMs <= last.endMs + gapMs) {
      last.endMs = row.timestampMs;
      last.members.push(row);
    } else found.push({ startMs: row.timestampMs, endMs: row.timestampMs, members: [row] });
  }
  return found;
}

const sortedIds = (windows: Map<string, Output>) => [...windows].sort(([a], [b]) => (a < b ? -1 : 1));

describe('windows', () => {
  it('whose grace covers the disorder hold what recomputing from scratch gives, also for readers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 120 }),
        window,
        fc.constantFrom('0', '1000'),
        fc.boolean(),
        async (given, spec, cache, spills) => {
          const step = sumsPerKey(spec, MOST_MS, 'CHANGES');
          const { outputs, rows, ofAnn } = await outputsOf(step, given, {
            properties: { 'cache.max.bytes.buffering': cache },
            spills,
          });
          const expected = sortedIds(recomputed(spec, given));
          assert.deepEqual(sortedIds(lastPerWindow(outputs)), expected);
          const shown = rows.map(({ row, timestampMs }) => String([...row, timestampMs]));
          assert.deepEqual(new Set(shown), new Set(expected.map(([, output]) => String(output))));
          const starts = expected.filter(([, [key]]) => key === 'ann').map(([, [, startMs]]) => startMs);
          assert.deepEqual(
            ofAnn.map(({ row }) => row[1]),
            starts.toSorted((a, b) => a - b),
          );
        },
      ),
      { numRuns: 60, endOnFailure: true },
    );
  });

  it('are given out finally once each, with all their rows', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 120 }),
        window,
        fc.boolean(),
        async (given, spec, spills) => {
          const step = sumsPerKey(spec, MOST_MS, 'FINAL');
          // One row far ahead for each key closes what its partition has.
          const closing = ['ann', 'bob', 'Zoë', 'd'].map((key) => ({
            partition: 0,
            key,
            value: 0,
            timestampMs: 5_000,
          }));
          const { outputs } = await outputsOf(step, [...given, ...closing], { spills });
          assert.equal(outputs.length, lastPerWindow(outputs).size);
          assert.deepEqual(sortedIds(lastPerWindow(outputs)), sortedIds(recomputed(spec, given)));
        },
      ),
      { numRuns: 60, endOnFailure: true },
    );
  });

  it('come out of an interrupted query as of one that was not, late rows included, from disk as from memory', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 100, maxLength: 500 }),
        window,
        emit,
        fc.constantFrom(0, 5, 40),
        fc.array(fault, { maxLength: 12 }),
        fc.nat(3),
        fc.boolean(),
        async (given, spec, emits, graceMs, faults, takeovers, spills) => {
          const step = sumsPerKey(spec, graceMs, emits);
          const properties = { 'cache.max.bytes.buffering': '0' };
          const wanted = await outputsOf(step, given, { properties });
          const got = await outputsOf(step, given, { properties, faults, takeovers, spills });
          assert.deepEqual(got.outputs, wanted.outputs);
          const shown = ({ rows }: typeof got) => new Set(rows.map(({ row }) => String(row)));
          assert.deepEqual(shown(got), shown(wanted));
        },
      ),
      { numRuns: 60, endOnFailure: true },
    );
  });
});
