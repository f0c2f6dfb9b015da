import {
  AGGREGATES,
  type Event,
  GROUP_KEYS,
  type Group,
  type MidRow,
  PREDICATES,
  type RandomPlan,
  type Window,
} from './random-plan.ts';

// What a plan comes to, computed from all rows at once and as simply as can be.

interface TimedRow {
  readonly row: MidRow;
  readonly timestampMs: number;
}

type Row = Record<string, unknown>;

export interface Expected {
  /** The rows of the stream, in no order. */
  readonly mid: readonly Row[];
  readonly agg: readonly Row[] | undefined;
  readonly top: readonly Row[] | undefined;
}

/** `events`: in the order in which they count, which is that of their times where that matters. */
export function expectedOf(plan: RandomPlan, events: readonly Event[]): Expected {
  const mid = midRows(plan, events);
  const groups = plan.group ? groupRows(plan.group, mid) : undefined;
  const isShown = ({ N }: Row) => !plan.group?.having || (N as number) > 1;
  const agg = groups?.filter(isShown);
  return { mid: mid.map(({ row }) => row as unknown as Row), agg, top: agg && topRows(plan, agg) };
}

function midRows({ filter, join }: RandomPlan, events: readonly Event[]): TimedRow[] {
  const towns = new Map<string, number | null>();
  const rows: TimedRow[] = [];
  for (const { into, row, timestampMs } of events) {
    if (into === 'TOWNS') {
      const [name, v] = row as [string, number | null];
      if (v === null) towns.delete(name);
      else towns.set(name, v);
      continue;
    }
    const [K, A, B, T] = row as [string | null, number | null, number | null, string | null];
    const found = T !== null && towns.has(T);
    if (join === 'INNER' && !found) continue;
    const mid: MidRow = join ? { K, A, B, T, V: found ? (towns.get(T) ?? null) : null } : { K, A, B, T };
    if (filter !== null && !PREDICATES[filter]!.of(mid)) continue;
    rows.push({ row: mid, timestampMs });
  }
  return rows;
}

interface Bounds {
  readonly startMs: number;
  readonly endMs: number;
}

function groupRows(group: Group, rows: readonly TimedRow[]): Row[] {
  const key = GROUP_KEYS[group.by]!;
  const byKey = Map.groupBy(
    rows.filter(({ row }) => key.of(row) !== null),
    ({ row }) => key.of(row),
  );
  return [...byKey].flatMap(([G, members]) =>
    windowsOf(group.window, members).map(({ bounds, members: inWindow }) => ({
      G,
      ...(bounds && { WINDOWSTART: bounds.startMs, WINDOWEND: bounds.endMs }),
      N: inWindow.length,
      ...Object.fromEntries(
        group.aggregates.map((n, index) => {
          const { column, of } = AGGREGATES[n]!;
          return [`X${index}`, of(inWindow.map(({ row }) => row[column]))];
        }),
      ),
    })),
  );
}

interface Members {
  readonly bounds: Bounds | undefined;
  readonly members: readonly TimedRow[];
}

function windowsOf(window: Window | null, rows: readonly TimedRow[]): Members[] {
  if (window === null) return [{ bounds: undefined, members: rows }];
  if (window.type === 'SESSION') return sessionsOf(window.gapMs, rows);
  const { sizeMs } = window;
  const advanceMs = window.type === 'HOPPING' ? window.advanceMs : sizeMs;
  const starts = new Set<number>();
  for (const { timestampMs } of rows)
    for (
      let start = timestampMs - (timestampMs % advanceMs);
      start > timestampMs - sizeMs;
      start -= advanceMs
    )
      starts.add(start);
  return [...starts].map((startMs) => {
    const bounds = { startMs, endMs: startMs + sizeMs };
    const isInside = ({ timestampMs }: TimedRow) => timestampMs >= startMs && timestampMs < bounds.endMs;
    return { bounds, members: rows.filter(isInside) };
  });
}

function sessionsOf(gapMs: number, rows: readonly TimedRow[]): Members[] {
  const sessions: TimedRow[][] = [];
  for (const row of rows.toSorted((a, b) => a.timestampMs - b.timestampMs)) {
    const last = sessions.at(-1);
    if (last && row.timestampMs - last.at(-1)!.timestampMs <= gapMs) last.push(row);
    else sessions.push([row]);
  }
  return sessions.map((members) => ({
    bounds: { startMs: members[0]!.timestampMs, endMs: members.at(-1)!.timestampMs },
    members,
  }));
}

function topRows({ onTop }: RandomPlan, agg: readonly Row[]): Row[] | undefined {
  if (onTop === null) return undefined;
  if (onTop === 'filter') return agg.filter(({ N }) => (N as number) > 1);
  return [...Map.groupBy(agg, ({ N }) => N)].map(([N, groups]) => ({ N, GROUPS: groups.length }));
}
