import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compareBytes } from '../../data/compare.ts';
import { type Joined, type JoinRecord, JoinRun } from '../../testing/join-runs.ts';
import type { JoinWindow } from '../../testing/plan-builders.ts';

/**
 * A join by its rules alone: everything is remembered for ever and looked through from the beginning.
 *
 *  1. Two rows meet when their keys are equal and the right one is in [left - before, left + after].
 *  2. A row meets those that have come before it; pairs are told in the order of the others' times, then of arrival.
 *  3. A row is out of reach once its side has had one that is before + after + grace later, or more.
 *  4. On a side that is told of without partners, one that meets nobody is told at once; or, when it may wait, at the
 *     first row after stream time has gone beyond its last possible partner's time and the grace period.
 */
class Oracle {
  readonly #window: JoinWindow;
  readonly #seen: JoinRecord[] = [];
  #waiting: JoinRecord[] = [];
  readonly #timeMs = new Map<number, number>();
  readonly #latestMs = new Map<string, number>();

  constructor(window: JoinWindow) {
    this.#window = window;
  }

  push(record: JoinRecord): Joined[] {
    const { side, key, timestampMs, value, partition } = record;
    const { graceMs } = this.#window;
    this.#timeMs.set(partition, Math.max(this.#timeMs.get(partition) ?? -1, timestampMs));
    if (value === null) return [];
    if (key === null) return this.#isOuter(side) ? [told(record)] : [];
    const nowMs = this.#timeMs.get(partition) as number;
    const ended = this.#waiting.filter(
      (row) => row.partition === partition && row.timestampMs + this.#reach(row.side).later + graceMs < nowMs,
    );
    this.#waiting = this.#waiting.filter((row) => !ended.includes(row));
    const reach = this.#reach(side);
    const met = this.#seen
      .filter((other) => other.side !== side && other.key === key && other.partition === partition)
      .filter((other) => other.timestampMs >= timestampMs - reach.earlier)
      .filter((other) => other.timestampMs <= timestampMs + reach.later)
      .filter((other) => other.timestampMs > this.#latestOf(other) - this.#retentionMs);
    met.sort((a, b) => a.timestampMs - b.timestampMs);
    this.#waiting = this.#waiting.filter((row) => !met.includes(row));
    this.#seen.push(record);
    this.#latestMs.set(`${side}${partition}`, Math.max(this.#latestOf(record), timestampMs));
    const isAlone = met.length === 0 && this.#isOuter(side);
    const waits = isAlone && this.#window.waits && timestampMs + reach.later >= nowMs;
    if (waits) this.#waiting.push(record);
    return [
      ...ended.sort(byTimeSideAndKey).map((row) => told(row)),
      ...met.map((other) => told(record, other)),
      ...(isAlone && !waits ? [told(record)] : []),
    ];
  }

  get #retentionMs(): number {
    return this.#window.beforeMs + this.#window.afterMs + this.#window.graceMs;
  }

  #latestOf({ side, partition }: JoinRecord): number {
    return this.#latestMs.get(`${side}${partition}`) ?? -1;
  }

  #isOuter(side: JoinRecord['side']): boolean {
    return this.#window.join === 'FULL' || this.#window.join === (side === 'L' ? 'LEFT' : 'RIGHT');
  }

  #reach(side: JoinRecord['side']): { readonly earlier: number; readonly later: number } {
    const { beforeMs, afterMs } = this.#window;
    return side === 'L' ? { earlier: beforeMs, later: afterMs } : { earlier: afterMs, later: beforeMs };
  }
}

function told(row: JoinRecord, other?: JoinRecord): Joined {
  const [left, right] = row.side === 'L' ? [row, other] : [other, row];
  const timestampMs = Math.max(row.timestampMs, other?.timestampMs ?? -1);
  return `${row.key ?? '-'} ${left?.value ?? '-'} ${right?.value ?? '-'} at ${timestampMs}`;
}

function byTimeSideAndKey(a: JoinRecord, b: JoinRecord): number {
  if (a.timestampMs !== b.timestampMs) return a.timestampMs - b.timestampMs;
  if (a.side !== b.side) return a.side === 'R' ? -1 : 1;
  return compareBytes(Buffer.from(a.key as string), Buffer.from(b.key as string));
}

const window = fc.record({
  join: fc.constantFrom<JoinWindow['join']>('INNER', 'LEFT', 'RIGHT', 'FULL'),
  beforeMs: fc.constantFrom(0, 3, 10),
  afterMs: fc.constantFrom(0, 3, 10),
  graceMs: fc.constantFrom(0, 5, 40),
  waits: fc.boolean(),
});

/** Time goes on, with steps back and jumps; values are numbered, so that every row is told from every other. */
const record = fc.record({
  side: fc.constantFrom<JoinRecord['side']>('L', 'R'),
  key: fc.option(fc.constantFrom('a', 'bb', 'Zoë'), { freq: 9 }),
  stepMs: fc.oneof(
    { weight: 8, arbitrary: fc.nat(4) },
    { weight: 3, arbitrary: fc.integer({ min: -30, max: 0 }) },
    { weight: 1, arbitrary: fc.integer({ min: 20, max: 100 }) },
  ),
  hasValue: fc.constantFrom(true, true, true, true, true, true, false),
  /** What happens after it. */
  after: fc.constantFrom('goes on', 'goes on', 'goes on', 'commits', 'restarts'),
});

for (const spills of [false, true])
  describe(`a stream-stream join, ${spills ? 'with its rows on disk' : 'in memory'}`, () => {
    it('tells what its rules say, in their order, whatever comes and whenever it restarts', () => {
      fc.assert(
        fc.property(window, fc.array(record, { maxLength: 60 }), (spec, steps) => {
          const run = new JoinRun(spec, spills);
          const oracle = new Oracle(spec);
          let nowMs = 30;
          for (const [value, { side, key, stepMs, hasValue, after }] of steps.entries()) {
            nowMs = Math.max(0, nowMs + stepMs);
            // A key stays in its partition.
            const partition = key === null ? value % 2 : key.length % 2;
            const given = { side, key, timestampMs: nowMs, value: hasValue ? value : null, partition };
            assert.deepEqual(run.push(given), oracle.push(given), JSON.stringify(given));
            if (after !== 'goes on') run.commit();
            if (after === 'restarts') run.restart();
          }
        }),
        { numRuns: 400, endOnFailure: true },
      );
    });
  });
