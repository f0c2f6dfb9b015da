// Does it grow as it should? Ten and a hundred times as many events, keys, partitions, queries, subscribers, connections.
import { costs } from './connections.ts';
import { oursWith } from './partitions.ts';
import { subscribed } from './push.ts';
import { filters } from './queries.ts';
import { type Bench, say } from './support/bench.ts';
import { startMillrace } from './support/brokers.ts';
import { eventSet } from './support/events.ts';
import { declareSources, loadSources, PIPELINES, runOurs } from './support/pipelines.ts';
import { type ResultRow, resultRow } from './support/results.ts';
import type { Measured } from './support/statistics.ts';

interface Figure {
  readonly of: string;
  readonly at: number;
  readonly what: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly ours: Measured;
}

/** What grows, and how to measure it at a size. */
type Dimension = (at: number, quick: boolean) => Promise<Omit<Figure, 'of' | 'at'>[]>;

const DIMENSIONS: readonly {
  of: string;
  sizes: readonly number[];
  quick: readonly number[];
  measure: Dimension;
}[] = [
  {
    of: 'events',
    sizes: [200_000, 2_000_000, 20_000_000],
    quick: [1_000, 10_000, 100_000],
    measure: ofEvents,
  },
  { of: 'keys', sizes: [10_000, 100_000, 1_000_000], quick: [100, 1_000, 10_000], measure: ofKeys },
  { of: 'partitions', sizes: [100, 1_000, 10_000], quick: [1, 10, 100], measure: ofPartitions },
  { of: 'queries', sizes: [10, 100, 1_000], quick: [1, 10, 100], measure: ofQueries },
  { of: 'subscribers', sizes: [10, 100, 1_000], quick: [1, 10, 100], measure: ofSubscribers },
  { of: 'connections', sizes: [100, 1_000, 10_000], quick: [10, 100, 1_000], measure: ofConnections },
];

export const growth: Bench = async ({ effort }) => {
  const quick = effort === 'quick';
  const rows: ResultRow[] = [];
  for (const { of, measure, ...sizes } of DIMENSIONS) {
    for (const at of quick ? sizes.quick : sizes.sizes) {
      say(`${at} ${of}`);
      for (const figure of await measure(at, quick)) rows.push(rowOf({ of, at, ...figure }));
    }
  }
  return rows;
};

function rowOf({ of, at, what, unit, better, ours }: Figure): ResultRow {
  return resultRow({
    ...{ bench: 'growth', name: `${at} ${of}: ${what}`, unit, better },
    settings: {},
    ours: [ours],
    growth: { of, at },
  });
}

async function ofEvents(events: number): Promise<Omit<Figure, 'of' | 'at'>[]> {
  return scoreboardOf(events, 10_000);
}

async function ofKeys(keys: number, quick: boolean): Promise<Omit<Figure, 'of' | 'at'>[]> {
  return scoreboardOf(quick ? 50_000 : 2_000_000, keys);
}

async function scoreboardOf(events: number, keys: number): Promise<Omit<Figure, 'of' | 'at'>[]> {
  const set = eventSet({ events, keys, partitions: 1 });
  const server = await startMillrace();
  try {
    await loadSources(server, set);
    await declareSources(server);
    const options = { merges: true, guarantee: 'exactly_once_v2' } as const;
    const ours = await runOurs(server, PIPELINES.scoreboard, set, options);
    const peakMb = ours.processes?.server?.peakMb ?? Number.NaN;
    return [
      { what: 'scoreboard', unit: 'events/s', better: 'higher', ours },
      { what: 'scoreboard, peak memory', unit: 'MB', better: 'lower', ours: { value: peakMb } },
    ];
  } finally {
    await server.stop();
  }
}

async function ofPartitions(count: number, quick: boolean): Promise<Omit<Figure, 'of' | 'at'>[]> {
  const cost = await oursWith(count, quick ? 5_000 : 100_000);
  return [
    { what: 'create', unit: 'ms', better: 'lower', ours: cost.createMs },
    { what: 'restart', unit: 'ms', better: 'lower', ours: cost.restartMs },
    { what: 'memory', unit: 'MB', better: 'lower', ours: cost.residentMb },
    { what: 'write to all', unit: 'records/s', better: 'higher', ours: cost.recordsPerSecond },
  ];
}

async function ofQueries(count: number, quick: boolean): Promise<Omit<Figure, 'of' | 'at'>[]> {
  const cost = await filters(count, quick ? 2_000 : 20_000);
  return [
    { what: 'compile p50', unit: 'ms', better: 'lower', ours: cost.compileP50 },
    { what: 'create p50', unit: 'ms', better: 'lower', ours: cost.createP50 },
    { what: 'memory', unit: 'bytes each', better: 'lower', ours: cost.bytesEach },
    { what: 'all at work', unit: 'events/s', better: 'higher', ours: cost.eventsPerSecond },
  ];
}

async function ofSubscribers(count: number, quick: boolean): Promise<Omit<Figure, 'of' | 'at'>[]> {
  const { p99, rowsPerSecond, bytesEach } = await subscribed(count, 1, quick ? 1 : 4, quick ? 50 : 300);
  return [
    { what: 'receipt p99', unit: 'ms', better: 'lower', ours: p99[0] as Measured },
    { what: 'burst', unit: 'rows/s', better: 'higher', ours: rowsPerSecond[0] as Measured },
    { what: 'memory', unit: 'bytes each', better: 'lower', ours: bytesEach[0] as Measured },
  ];
}

async function ofConnections(count: number, quick: boolean): Promise<Omit<Figure, 'of' | 'at'>[]> {
  const [cost] = await costs(await startMillrace(), [count], 1, quick ? 1 : 4);
  return [
    { what: 'produce p99 beside', unit: 'ms', better: 'lower', ours: cost?.p99[0] as Measured },
    { what: 'memory', unit: 'bytes each', better: 'lower', ours: cost?.bytesEach[0] as Measured },
  ];
}
