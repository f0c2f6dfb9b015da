import fc from 'fast-check';

/** A pipeline of statements as data, so that it can be shrunk, kept and recomputed by a simple oracle. */
export interface RandomPlan {
  /** Of `PREDICATES`; null: every row. */
  readonly filter: number | null;
  /** What the stream looks up in the table of towns. */
  readonly join: 'INNER' | 'LEFT' | null;
  /** Another key for the stream; with a join the key is the joined column. */
  readonly rekey: 'T' | 'A' | null;
  readonly group: Group | null;
  /** What is made of the groups: those with several rows only, or groups of groups. */
  readonly onTop: 'filter' | 'regroup' | null;
}

export interface Group {
  /** Of `GROUP_KEYS`. */
  readonly by: number;
  /** Of `AGGREGATES`. */
  readonly aggregates: readonly number[];
  readonly window: Window | null;
  readonly having: boolean;
}

export type Window =
  | { readonly type: 'TUMBLING'; readonly sizeMs: number }
  | { readonly type: 'HOPPING'; readonly sizeMs: number; readonly advanceMs: number }
  | { readonly type: 'SESSION'; readonly gapMs: number };

export interface Event {
  readonly into: 'S' | 'TOWNS';
  /** Of S: k, a, b, t. Of TOWNS: name and v; a null v deletes. */
  readonly row: readonly (string | number | null)[];
  readonly timestampMs: number;
}

export interface RandomCase {
  readonly plan: RandomPlan;
  readonly events: readonly Event[];
  /** How many rows are written before the queries are waited for, in turn. */
  readonly chunks: readonly number[];
  /** Calls on the file system after which power is cut, each counted from the last start. */
  readonly crashes: readonly number[];
  readonly seed: number;
}

/** A row of S, joined with `v` or not. */
export interface MidRow {
  readonly K: string | null;
  readonly A: number | null;
  readonly B: number | null;
  readonly T: string | null;
  readonly V?: number | null;
}

interface Predicate {
  readonly sql: string;
  readonly of: (row: MidRow) => boolean;
}

export const PREDICATES: readonly Predicate[] = [
  { sql: 'a > 0', of: ({ A }) => A !== null && A > 0 },
  { sql: 'b IS NOT NULL', of: ({ B }) => B !== null },
  { sql: `t = 'p' OR a < 2`, of: ({ T, A }) => T === 'p' || (A !== null && A < 2) },
  { sql: `t LIKE '%q%' AND k <> 'x'`, of: ({ T, K }) => T === 'q' && K !== null && K !== 'x' },
  { sql: 'a BETWEEN -1 AND 1', of: ({ A }) => A !== null && A >= -1 && A <= 1 },
];

interface GroupKey {
  readonly sql: string;
  readonly of: (row: MidRow) => string | number | null;
}

export const GROUP_KEYS: readonly GroupKey[] = [
  { sql: 't', of: ({ T }) => T },
  { sql: 'k', of: ({ K }) => K },
  { sql: 'a % 3', of: ({ A }) => A && A % 3 },
];

type Values = readonly (number | null)[];

interface Aggregate {
  readonly sql: string;
  readonly column: 'A' | 'B';
  /** Whether the order of rows matters. */
  readonly isOrdered?: true;
  readonly of: (values: Values) => unknown;
}

const present = (values: Values) => values.filter((value) => value !== null);
const sum = (values: Values) => present(values).reduce((a, b) => a + b, 0);

export const AGGREGATES: readonly Aggregate[] = [
  { sql: 'SUM(a)', column: 'A', of: sum },
  { sql: 'COUNT(b)', column: 'B', of: (values) => present(values).length },
  { sql: 'MIN(b)', column: 'B', of: (values) => extreme(values, Math.min) },
  { sql: 'MAX(a)', column: 'A', of: (values) => extreme(values, Math.max) },
  { sql: 'AVG(a)', column: 'A', of: (values) => sum(values) / Math.max(1, present(values).length) },
  { sql: 'COUNT_DISTINCT(b)', column: 'B', of: (values) => new Set(present(values)).size },
  { sql: 'COLLECT_LIST(a)', column: 'A', isOrdered: true, of: (values) => values },
  {
    sql: 'LATEST_BY_OFFSET(b)',
    column: 'B',
    isOrdered: true,
    of: (values) => present(values).at(-1) ?? null,
  },
];

function extreme(values: Values, of: (...numbers: number[]) => number): number | null {
  const numbers = present(values);
  return numbers.length === 0 ? null : of(...numbers);
}

export const DECLARATIONS = `
  CREATE STREAM IF NOT EXISTS s (k VARCHAR KEY, a INT, b INT, t VARCHAR) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=2);
  CREATE TABLE IF NOT EXISTS towns (name VARCHAR PRIMARY KEY, v INT) WITH (KAFKA_TOPIC='towns', VALUE_FORMAT='JSON', PARTITIONS=2);`;

/** The statements of a plan; its streams and tables are called MID, AGG and TOP, with `suffix`. */
export function statementsOf(plan: RandomPlan, suffix = ''): string[] {
  const [mid, agg, top] = ['mid', 'agg', 'top'].map((name) => name + suffix);
  const statements = [`CREATE STREAM IF NOT EXISTS ${mid} AS ${midQuery(plan)};`];
  if (plan.group)
    statements.push(`CREATE TABLE IF NOT EXISTS ${agg} AS ${groupQuery(plan.group, String(mid))};`);
  if (plan.onTop === 'filter')
    statements.push(`CREATE TABLE IF NOT EXISTS ${top} AS SELECT * FROM ${agg} WHERE n > 1;`);
  if (plan.onTop === 'regroup')
    statements.push(
      `CREATE TABLE IF NOT EXISTS ${top} AS SELECT n, COUNT(*) AS groups FROM ${agg} GROUP BY n;`,
    );
  return statements;
}

function midQuery({ filter, join, rekey }: RandomPlan): string {
  const where = filter === null ? '' : ` WHERE ${PREDICATES[filter]!.sql}`;
  if (join)
    return `SELECT s.t AS t, s.k AS k, s.a AS a, s.b AS b, c.v AS v FROM s ${join} JOIN towns c ON s.t = c.name${where}`;
  return `SELECT k, a, b, t FROM s${where}${rekey === null ? '' : ` PARTITION BY ${rekey}`}`;
}

function groupQuery({ by, aggregates, window, having }: Group, from: string): string {
  const key = GROUP_KEYS[by]!.sql;
  const columns = aggregates.map((n, index) => `${AGGREGATES[n]!.sql} AS x${index}`);
  const selected = [`${key} AS g`, 'COUNT(*) AS n', ...columns].join(', ');
  return `SELECT ${selected} FROM ${from}${windowText(window)} GROUP BY ${key}${having ? ' HAVING COUNT(*) > 1' : ''}`;
}

function windowText(window: Window | null): string {
  if (window === null) return '';
  // Longer than everything that happens: no row is late, whatever the order.
  const grace = 'GRACE PERIOD 1 DAY';
  if (window.type === 'SESSION') return ` WINDOW SESSION (${window.gapMs} MILLISECONDS, ${grace})`;
  const advance = window.type === 'HOPPING' ? `, ADVANCE BY ${window.advanceMs} MILLISECONDS` : '';
  return ` WINDOW ${window.type} (SIZE ${window.sizeMs} MILLISECONDS${advance}, ${grace})`;
}

const windows: readonly (Window | null)[] = [
  null,
  null,
  { type: 'TUMBLING', sizeMs: 5_000 },
  { type: 'HOPPING', sizeMs: 6_000, advanceMs: 2_000 },
  { type: 'SESSION', gapMs: 1_500 },
];

const group: fc.Arbitrary<Group> = fc.record({
  by: fc.nat(GROUP_KEYS.length - 1),
  aggregates: fc.uniqueArray(fc.nat(AGGREGATES.length - 1), { maxLength: 3 }),
  window: fc.constantFrom(...windows),
  having: fc.boolean(),
});

const anyPlan: fc.Arbitrary<RandomPlan> = fc.record({
  filter: fc.option(fc.nat(PREDICATES.length - 1)),
  join: fc.constantFrom(null, null, 'INNER', 'LEFT'),
  rekey: fc.constantFrom(null, null, 'T', 'A'),
  group: fc.option(group, { freq: 6 }),
  onTop: fc.constantFrom(null, 'filter', 'regroup'),
});

/** Only what SQL takes: tables over windows, and over nothing, are none. */
const plan = anyPlan.map((drawn): RandomPlan => {
  const isPlainTable = drawn.group !== null && drawn.group.window === null;
  return { ...drawn, onTop: isPlainTable ? drawn.onTop : null };
});

const small = fc.option(fc.integer({ min: -3, max: 3 }), { freq: 6 });

interface Drawn {
  readonly into: Event['into'];
  readonly row: Event['row'];
  readonly jitter: number;
}

const sRow = fc.tuple(
  fc.option(fc.constantFrom('x', 'y', 'z'), { freq: 8 }),
  small,
  small,
  // The last is a text that cannot be copied from record to record as it stands.
  fc.option(fc.constantFrom('p', 'q', 'r', 'é"\n'), { freq: 8 }),
);
const townRow = fc.tuple(fc.constantFrom('p', 'q', 'r'), small);

const drawn: fc.Arbitrary<Drawn> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      into: fc.constant('S' as const),
      row: sRow,
      jitter: fc.integer({ min: -5, max: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ into: fc.constant('TOWNS' as const), row: townRow, jitter: fc.constant(0) }),
  },
);

const START_MS = 1_000_000;

/** Times go up with every row, except where no result depends on the order of rows. */
function timed(events: readonly Drawn[], { join, group }: RandomPlan): Event[] {
  const mayJitter = join === null && !group?.aggregates.some((n) => AGGREGATES[n]!.isOrdered);
  return events.map(({ into, row, jitter }, index) => ({
    into,
    row,
    timestampMs: START_MS + 1_000 * (index + (mayJitter ? jitter : 0)),
  }));
}

export const randomCase: fc.Arbitrary<RandomCase> = fc
  .record({
    plan,
    events: fc.array(drawn, { minLength: 1, maxLength: 30, size: 'max' }),
    chunks: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
    crashes: fc.array(fc.integer({ min: 1, max: 250 }), { maxLength: 3, size: 'max' }),
    seed: fc.nat(1_000),
  })
  .map(({ events, ...others }) => ({ ...others, events: timed(events, others.plan) }));
