// A thousand persistent filters over one topic: what a statement, a query and an event of theirs cost.
import { type Bench, say } from './support/bench.ts';
import { type Millrace, startMillrace } from './support/brokers.ts';
import { type EventSet, eventSet, load } from './support/events.ts';
import { caughtUp, statement } from './support/ksql.ts';
import { sleep, usageOf, watchUsage } from './support/machine.ts';
import { declareSources } from './support/pipelines.ts';
import { resultRow } from './support/results.ts';
import { type Measured, quantile } from './support/statistics.ts';

export interface QueryCost {
  readonly compileP50: Measured;
  readonly compileP99: Measured;
  readonly createP50: Measured;
  readonly createP99: Measured;
  readonly bytesEach: Measured;
  readonly eventsPerSecond: Measured;
}

export const queries: Bench = async ({ effort }) => {
  const quick = effort === 'quick';
  const count = quick ? 50 : 1_000;
  const events = quick ? 5_000 : 20_000;
  const cost = await filters(count, events);
  const settings = { queries: count, events, 'passes each': '1 in 1,000' };
  const row = (name: string, unit: string, better: 'higher' | 'lower', measured: Measured) =>
    resultRow({
      bench: 'queries',
      name: `${count} filters, ${name}`,
      unit,
      better,
      settings,
      ours: [measured],
    });
  return [
    row('compile a statement p50', 'ms', 'lower', cost.compileP50),
    row('compile a statement p99', 'ms', 'lower', cost.compileP99),
    row('create durably p50', 'ms', 'lower', cost.createP50),
    row('create durably p99', 'ms', 'lower', cost.createP99),
    row('memory', 'bytes each', 'lower', cost.bytesEach),
    row('all at work', 'events/s through every query', 'higher', cost.eventsPerSecond),
  ];
};

export async function filters(count: number, events: number): Promise<QueryCost> {
  const server = await startMillrace();
  try {
    const set = eventSet({ events, keys: 1_000, partitions: 1 });
    // The first event only: it makes the topics.
    await load(server, set, { topic: 'LOSSES_PER_USER', kind: 'losses' });
    await load(server, set, { topic: 'USER_GAME', kind: 'games', to: 1 });
    await declareSources(server);
    const select = (n: number) =>
      `SELECT USER, GAME->SCORE AS SCORE FROM USER_GAME WHERE GAME->SCORE % 1000 = ${n % 1000}`;
    say(`${count} statements`);
    const compiles = await timed(count, (n) => statement(server, `EXPLAIN ${select(n)} EMIT CHANGES;`));
    const before = usageOf(server.pid).residentMb;
    const ids: string[] = [];
    const creates = await timed(count, async (n) => {
      ids.push(await statement(server, `CREATE STREAM FILTER_${n} AS ${select(n)};`));
    });
    await sleep(500);
    const bytes = ((usageOf(server.pid).residentMb - before) * 2 ** 20) / count;
    return {
      compileP50: { value: quantile(compiles, 0.5) },
      compileP99: { value: quantile(compiles, 0.99) },
      createP50: { value: quantile(creates, 0.5) },
      createP99: { value: quantile(creates, 0.99) },
      bytesEach: { value: Math.max(1, bytes) },
      eventsPerSecond: await work(server, set, ids),
    };
  } finally {
    await server.stop();
  }
}

/** Milliseconds each took, ascending. */
async function timed(count: number, act: (n: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const begun = performance.now();
    await act(n);
    times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b);
}

/** From the moment they resume until every query has committed all events, which lie there by then. */
async function work(server: Millrace, set: EventSet, ids: string[]): Promise<Measured> {
  say(`${ids.length} queries at work`);
  await statement(server, 'PAUSE ALL;');
  await load(server, set, { topic: 'USER_GAME', kind: 'games', from: 1 });
  const usage = watchUsage(server.pid);
  const begun = performance.now();
  await statement(server, 'RESUME ALL;');
  await caughtUp(server, ids, 'USER_GAME');
  const seconds = (performance.now() - begun) / 1000;
  return { value: set.events / seconds, work: set.events * ids.length, processes: { server: usage() } };
}
