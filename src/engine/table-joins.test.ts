import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { engineInThreads } from '../../test/support/engine-threads.ts';
import type { TableTableJoinStep } from '../sql/plan.ts';
import { caughtUp, createTopics, engineOn, runInterrupted } from '../testing/engine-runs.ts';
import { type CommitFault, MemoryTopics } from '../testing/memory-topics.ts';
import {
  aggregate,
  aggregateCall,
  BIGINT,
  column,
  columns,
  foreignKeyJoin,
  INTEGER,
  plan,
  project,
  rekey,
  STRING,
  source,
  tableTableJoin,
} from '../testing/plan-builders.ts';
import { consume, produce, tableOf } from '../testing/topic-content.ts';
import type { Engine } from './engine.ts';
import type { EngineHost } from './threads/engine-host.ts';

const person = source('PEOPLE', 'TABLE', {
  key: columns(['NAME', STRING]),
  value: columns(['CITY', STRING], ['AGE', INTEGER]),
});
const city = source('CITIES', 'TABLE', { key: columns(['CITY', STRING]), value: columns(['SIZE', INTEGER]) });
const flag = source('FLAGS', 'TABLE', { key: columns(['NAME', STRING]), value: columns(['FLAG', INTEGER]) });

/** Of a person, a city or a flag; names and cities are the same few letters, so that they meet. */
interface TableChange {
  readonly table: 'PEOPLE' | 'CITIES' | 'FLAGS';
  readonly key: string;
  /** Null: a deletion. */
  readonly value: { readonly CITY?: string | null; readonly n: number } | null;
}

const letter = fc.constantFrom('a', 'b', 'c', 'd', 'é');
const row = fc.record({ CITY: fc.option(letter), n: fc.nat(99) });
const tableChange: fc.Arbitrary<TableChange> = fc.record({
  table: fc.constantFrom('PEOPLE', 'CITIES'),
  key: letter,
  value: fc.option(row, { freq: 3 }),
});
const fault = fc.constantFrom<CommitFault | undefined>('lost', 'aborted', 'committed', undefined, undefined);
const kind = fc.constantFrom<TableTableJoinStep['join']>('INNER', 'LEFT', 'RIGHT', 'FULL');

const NUMBER_OF = { PEOPLE: 'AGE', CITIES: 'SIZE', FLAGS: 'FLAG' } as const;

async function write(
  topics: MemoryTopics,
  { table, key, value }: TableChange,
  timestampMs: number,
): Promise<void> {
  const cell = value && {
    [NUMBER_OF[table]]: value.n,
    ...(table === 'PEOPLE' && { CITY: value.CITY ?? null }),
  };
  await produce(topics, table, partition(key), [{ key, value: cell, timestampMs }]);
}

function partition(key: string): number {
  return key.charCodeAt(0) % 2;
}

// The oracle: the rules as sentences about two maps, and tables as what is to be seen in those at an instant.

interface Kept {
  readonly value: NonNullable<TableChange['value']>;
  readonly timestampMs: number;
}
type Kind = TableTableJoinStep['join'] | 'FK INNER' | 'FK LEFT';

interface Told {
  readonly key: string;
  readonly value: string | null;
  readonly timestampMs: number;
}

class Oracle {
  readonly #kind: Kind;
  readonly people = new Map<string, Kept>();
  readonly cities = new Map<string, Kept>();

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  /** What the result's row of a person's key is now, as JSON. */
  rowOf(name: string): string | null {
    const person = this.people.get(name);
    const isForeign = this.#kind.startsWith('FK');
    const city = this.cities.get((isForeign ? person?.value.CITY : name) ?? '');
    const needs = {
      INNER: person && city,
      LEFT: person,
      RIGHT: city,
      FULL: person ?? city,
      'FK INNER': person && city,
      'FK LEFT': person,
    }[this.#kind];
    if (!needs) return null;
    return JSON.stringify({ C0: person?.value.n ?? null, C1: city?.value.n ?? null });
  }

  /** Names whose row may have become another, in the order in which they are told, with their times. */
  apply({ table, key, value }: TableChange, timestampMs: number): Told[] {
    const mine = table === 'PEOPLE' ? this.people : this.cities;
    const before = mine.get(key);
    const cityBefore = this.people.get(key)?.value.CITY ?? null;
    if (value === null) mine.delete(key);
    else mine.set(key, { value, timestampMs });
    const told = (name: string, timeMs: number) => ({
      key: name,
      value: this.rowOf(name),
      timestampMs: timeMs,
    });
    if (this.#kind.startsWith('FK')) {
      if (table === 'CITIES')
        return [...this.people]
          .filter(([, person]) => person.value.CITY === key)
          .map(([name]) => name)
          .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
          .map((name) => told(name, timestampMs));
      const cityNow = value?.CITY ?? null;
      const now = cityNow === null ? undefined : this.cities.get(cityNow);
      const last = cityBefore === null ? undefined : this.cities.get(cityBefore);
      if (this.#kind === 'FK LEFT')
        return value || before ? [told(key, Math.max(timestampMs, now?.timestampMs ?? 0))] : [];
      if (!now && cityBefore === null) return [];
      const met = cityNow === null ? last : now;
      return [told(key, Math.max(timestampMs, met?.timestampMs ?? 0))];
    }
    const other = (table === 'PEOPLE' ? this.cities : this.people).get(key);
    const standsAlone = this.#kind === 'FULL' || this.#kind === (table === 'PEOPLE' ? 'LEFT' : 'RIGHT');
    if (!other && !(standsAlone && (value || before))) return [];
    return [told(key, Math.max(timestampMs, other?.timestampMs ?? 0))];
  }
}

interface TimedChange {
  readonly change: TableChange;
  readonly timestampMs: number;
}

/** As a task takes them: of the partitions' next records the earliest, people before cities where times are equal. */
function inOrder(changes: readonly TimedChange[]): TimedChange[] {
  const partitionOf = ({ change }: TimedChange) =>
    `${change.table === 'PEOPLE' ? 0 : 1}-${partition(change.key)}`;
  const heads = [...Map.groupBy(changes, partitionOf)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, queue]) => queue);
  const ordered: TimedChange[] = [];
  for (;;) {
    const times = heads.map(([head]) => head?.timestampMs ?? Number.POSITIVE_INFINITY);
    const next = heads[times.indexOf(Math.min(...times))]?.shift();
    if (next === undefined) return ordered;
    ordered.push(next);
  }
}

function joinOf(kindOf: Kind) {
  const join =
    kindOf === 'FK INNER' || kindOf === 'FK LEFT'
      ? foreignKeyJoin(person, city, kindOf === 'FK INNER' ? 'INNER' : 'LEFT', column(person, 1))
      : tableTableJoin(person, city, kindOf);
  return project(join, 3, 5);
}

interface Place {
  readonly name: string;
  readonly engineOn: (topics: MemoryTopics) => Engine | EngineHost;
  readonly numRuns: number;
}

const places: readonly Place[] = [
  { name: 'in this thread', engineOn, numRuns: 60 },
  { name: 'with its state on disk', engineOn: (topics) => engineOn(topics, true), numRuns: 60 },
  { name: 'in threads of its own', engineOn: (topics) => engineInThreads(topics), numRuns: 3 },
];

for (const place of places)
  describe(`a join of tables that is interrupted, ${place.name}`, () => {
    it('tells each change once, as the rules say', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom<Kind>('INNER', 'LEFT', 'RIGHT', 'FULL', 'FK INNER', 'FK LEFT'),
          fc.array(fc.record({ change: tableChange, timestampMs: fc.nat(50) }), {
            maxLength: 120,
            size: 'max',
          }),
          fc.array(fault, { maxLength: 8 }),
          fc.nat(3),
          async (kindOf, changes, faults, takeovers) => {
            const topics = new MemoryTopics();
            await createTopics(topics, { PEOPLE: 2, CITIES: 2, JOINED: 1 });
            const oracle = new Oracle(kindOf);
            for (const { change, timestampMs } of changes) await write(topics, change, timestampMs);
            const wanted = inOrder(changes).flatMap(({ change, timestampMs }) =>
              oracle.apply(change, timestampMs),
            );
            topics.failCommits(...faults);
            const joined = plan('JOINED', 'JOINED', joinOf(kindOf), { 'commit.interval.ms': '0' });
            await runInterrupted(topics, joined, takeovers, place.engineOn);
            const got = (await consume(topics, 'JOINED')).map(({ key, value, timestampMs }) => ({
              key,
              value,
              timestampMs,
            }));
            assert.deepEqual(got, wanted);
          },
        ),
        { numRuns: place.numRuns, endOnFailure: true },
      );
    });
  });

describe('joins of tables, and what is made of them', () => {
  const flagChange: fc.Arbitrary<TableChange> = fc.record({
    table: fc.constant('FLAGS'),
    key: letter,
    value: fc.option(fc.record({ n: fc.nat(3) }), { freq: 3 }),
  });
  const event = fc.record({
    change: fc.oneof(tableChange, tableChange, flagChange),
    fault,
    pause: fc.boolean(),
    restart: fc.nat(7).map((n) => n === 0),
    timestampMs: fc.nat(1000),
  });

  it('equal what is computed from the rows that are left', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<Kind>('INNER', 'LEFT', 'RIGHT', 'FULL', 'FK INNER', 'FK LEFT'),
        kind,
        fc.array(event, { maxLength: 40, size: 'max' }),
        fc.boolean(),
        fc.constantFrom('0', '1000'),
        async (first, second, events, spills, cache) => {
          const topics = new MemoryTopics();
          await createTopics(topics, { PEOPLE: 2, CITIES: 2, FLAGS: 2, CHAIN: 2, COUNTS: 2 });
          const joined = joinOf(first);
          const chain = project(tableTableJoin(joined, flag, second, 'Join-2'), 2, 3, 5);
          const grouped = rekey(chain, 'GROUP_BY', [column(chain, 3)], ['FLAG']);
          const counted = aggregate(
            grouped,
            aggregateCall('COUNT', 'ROWS', BIGINT, column(grouped, 1)),
            aggregateCall('SUM', 'AGES', INTEGER, column(grouped, 2)),
          );
          const properties = { 'cache.max.bytes.buffering': cache };
          const start = async () => {
            const engine = engineOn(topics, spills);
            const queries = [
              await engine.start(plan('CHAIN', 'CHAIN', chain, properties)),
              await engine.start(plan('COUNTS', 'COUNTS', counted, properties)),
            ] as const;
            return { engine, queries };
          };
          const oracle = new Oracle(first);
          const flags = new Map<string, number>();
          let running = await start();
          let faults = 0;
          for (const { change, fault: next, pause, restart, timestampMs } of events) {
            await write(topics, change, timestampMs);
            if (change.table !== 'FLAGS') oracle.apply(change, timestampMs);
            else if (change.value) flags.set(change.key, change.value.n);
            else flags.delete(change.key);
            // Three in a row at one record would be a failure of the query.
            if (next && faults++ < 2) topics.failCommits(next);
            if (pause) await new Promise((resolve) => setImmediate(resolve));
            if (restart) {
              await running.engine.stop();
              running = await start();
            }
          }
          for (const query of running.queries) await caughtUp(topics, query);

          const wanted = new Map<string, { C0: unknown; C1: unknown; C2: unknown }>();
          for (const key of ['a', 'b', 'c', 'd', 'é']) {
            const left = oracle.rowOf(key);
            const right = flags.get(key);
            const isRow = {
              INNER: left !== null && right !== undefined,
              LEFT: left !== null,
              RIGHT: right !== undefined,
              FULL: left !== null || right !== undefined,
            }[second];
            if (isRow)
              wanted.set(key, { C0: null, C1: null, ...JSON.parse(left ?? '{}'), C2: right ?? null });
          }
          const written = tableOf(await consume(topics, 'CHAIN'));
          assert.deepEqual(new Map([...written].map(([key, json]) => [key, JSON.parse(json)])), wanted);
          const [table] = running.queries;
          assert.equal(table.table?.size, wanted.size);
          for (const [key, { C0, C1, C2 }] of wanted)
            assert.deepEqual(table.table?.get([key])?.row, [key, C0, C1, C2]);

          for (const [key, json] of tableOf(await consume(topics, 'COUNTS'))) {
            // An INTEGER key is four bytes, of which the last one says it all.
            const rows = [...wanted.values()].filter(({ C2 }) => C2 === key?.charCodeAt(3));
            const ages = rows.reduce((sum, { C0 }) => sum + ((C0 as number | null) ?? 0), 0);
            assert.deepEqual(JSON.parse(json), { ROWS: rows.length, AGES: ages });
          }
          await running.engine.stop();
        },
      ),
      { numRuns: 50, endOnFailure: true },
    );
  });
});

describe('a push query over a join of tables', () => {
  it('knows what the tables held before it tells of anything, whatever the times', async () => {
    for (const kindOf of ['INNER', 'FK INNER'] as const) {
      const topics = new MemoryTopics();
      await createTopics(topics, { PEOPLE: 2, CITIES: 2 });
      await write(topics, { table: 'PEOPLE', key: 'a', value: { CITY: 'a', n: 1 } }, 100);
      await write(topics, { table: 'CITIES', key: 'a', value: { n: 2 } }, 7);
      const from = [
        { topic: 'PEOPLE', partition: 1, offset: 1 },
        { topic: 'CITIES', partition: 1, offset: 0 },
      ];
      const engine = engineOn(topics);
      const told: unknown[] = [];
      const query = await engine.startTransient({
        queryId: 'push',
        root: joinOf(kindOf),
        properties: { 'auto.offset.reset': 'latest' },
        from,
      });
      query.subscribe((changes) => told.push(...changes.map(({ row }) => row)));
      await caughtUp(topics, query);
      assert.deepEqual(told, [['a', 1, 2]], kindOf);
      await engine.stop();
    }
  });
});
