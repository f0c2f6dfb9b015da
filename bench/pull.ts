// Pull queries by key over HTTP at a fixed rate, each with the right answer. An answer's time counts from when its query was due.
import { type Bench, say } from './support/bench.ts';
import { type Millrace, startMillrace } from './support/brokers.ts';
import { type EventSet, eventSet } from './support/events.ts';
import { type HttpResult, httpLoad } from './support/http-load.ts';
import { caughtUp } from './support/ksql.ts';
import { watchUsage } from './support/machine.ts';
import { declareSources, loadSources, PIPELINES, startPipeline } from './support/pipelines.ts';
import { resultRow } from './support/results.ts';
import type { Measured } from './support/statistics.ts';

const PER_SECOND = 5_000;
const CONNECTIONS = 64;

interface Round extends HttpResult, Measured {
  readonly queries: number;
}

export const pull: Bench = async ({ effort, rounds }) => {
  const quick = effort === 'quick';
  const seconds = quick ? 2 : 8;
  const set = eventSet({ events: quick ? 20_000 : 200_000, keys: quick ? 1_000 : 10_000, partitions: 1 });
  const server = await startMillrace();
  const found: Round[] = [];
  try {
    await makeScores(server, set);
    await lookUp(server, set, 1);
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1} of ${rounds}`);
      const usage = watchUsage(server.pid);
      const result = await lookUp(server, set, seconds);
      const queries = PER_SECOND * seconds;
      found.push({ ...result, queries, value: 0, work: queries, processes: { server: usage() } });
    }
  } finally {
    await server.stop();
  }
  const settings = {
    'asked for /s': PER_SECOND,
    connections: CONNECTIONS,
    keys: set.keys,
    protocol: 'HTTP/1.1',
  };
  const row = (name: string, unit: string, better: 'higher' | 'lower', value: (round: Round) => number) =>
    resultRow({
      ...{ bench: 'pull', name, unit, better, settings },
      ours: found.map((round) => ({ ...round, value: value(round) })),
    });
  return [
    row('by key, p50', 'ms', 'lower', ({ fromDue }) => fromDue.p50),
    row('by key, p99', 'ms', 'lower', ({ fromDue }) => fromDue.p99),
    row('by key, p999', 'ms', 'lower', ({ fromDue }) => fromDue.p999),
    row('by key, from its sending, p50', 'ms', 'lower', ({ fromSent }) => fromSent.p50),
    row('by key, from its sending, p99', 'ms', 'lower', ({ fromSent }) => fromSent.p99),
    row('by key, answered', 'queries/s', 'higher', ({ perSecond }) => perSecond),
    row(
      'by key, CPU of the load itself',
      'us a query',
      'lower',
      ({ cpuSeconds, queries }) => (cpuSeconds * 1e6) / queries,
    ),
  ];
};

async function makeScores(server: Millrace, set: EventSet): Promise<void> {
  await loadSources(server, set);
  await declareSources(server);
  const id = await startPipeline(server, PIPELINES.scoreboard, {
    merges: true,
    guarantee: 'exactly_once_v2',
  });
  await caughtUp(server, [id], 'USER_GAME');
}

async function lookUp(server: Millrace, { keys }: EventSet, seconds: number): Promise<HttpResult> {
  return httpLoad({
    url: server.http,
    path: '/query-stream',
    perSecond: PER_SECOND,
    seconds,
    connections: CONNECTIONS,
    request: (n) => {
      const user = `player${(n * 7919) % keys}`;
      return {
        body: JSON.stringify({ sql: `SELECT * FROM STATS_PER_USER WHERE USER = '${user}';` }),
        expect: `["${user}",`,
      };
    },
  });
}
