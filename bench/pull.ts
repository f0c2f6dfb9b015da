// Pull queries by key over HTTP at a fixed rate, each with the right answer, in turn with a server of node:http alone that
// finds nothing: what a query takes beyond that is ours. An answer's time counts from when its query was due.
import { startBareHttp } from './support/bare-http.ts';
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
/** As long as ours. */
const BARE_ANSWER = `{"queryId":"query_1764345600000",${' '.repeat(170)}}\n["player1",3,49999,30]\n`;

interface Round extends HttpResult, Measured {
  readonly queries: number;
}

export const pull: Bench = async ({ effort, rounds }) => {
  const quick = effort === 'quick';
  const seconds = quick ? 2 : 8;
  const set = eventSet({ events: quick ? 20_000 : 200_000, keys: quick ? 1_000 : 10_000, partitions: 1 });
  const server = await startMillrace();
  const bare = await startBareHttp(BARE_ANSWER);
  const ours: Round[] = [];
  const rival: Round[] = [];
  const measure = async (pid: number, load: (seconds: number) => Promise<HttpResult>): Promise<Round> => {
    const usage = watchUsage(pid);
    const result = await load(seconds);
    const queries = PER_SECOND * seconds;
    return { ...result, queries, value: 0, work: queries, processes: { server: usage() } };
  };
  const loadOurs = (seconds: number) => lookUp(server.http, set, seconds, (user) => `["${user}",`);
  const loadBare = (seconds: number) => lookUp(bare.url, set, seconds, () => BARE_ANSWER);
  try {
    await makeScores(server, set);
    // So long V8 compiles beside, on cores that the load needs too.
    for (const load of [loadOurs, loadBare]) await load(quick ? 1 : 4);
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1} of ${rounds}`);
      ours.push(await measure(server.pid, loadOurs));
      rival.push(await measure(bare.pid, loadBare));
    }
  } finally {
    bare.stop();
    await server.stop();
  }
  const settings = {
    'asked for /s': PER_SECOND,
    connections: CONNECTIONS,
    keys: set.keys,
    protocol: 'HTTP/1.1',
  };
  const row = (name: string, unit: string, better: 'higher' | 'lower', of: (round: Round) => number) => {
    const valued = (rounds: Round[]) => rounds.map((round) => ({ ...round, value: of(round) }));
    return resultRow({
      ...{ bench: 'pull', name, unit, better, settings },
      ours: valued(ours),
      rival: { name: 'node:http alone', rounds: valued(rival) },
    });
  };
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

function lookUp(
  url: string,
  { keys }: EventSet,
  seconds: number,
  expect: (user: string) => string,
): Promise<HttpResult> {
  return httpLoad({
    url,
    path: '/query-stream',
    perSecond: PER_SECOND,
    seconds,
    connections: CONNECTIONS,
    request: (n) => {
      const user = `player${(n * 7919) % keys}`;
      return {
        body: JSON.stringify({ sql: `SELECT * FROM STATS_PER_USER WHERE USER = '${user}';` }),
        expect: expect(user),
      };
    },
  });
}
