import { type Clock, systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import { MemoryDiskMap } from '../base/memory-disk-map.ts';
import { Engine } from '../engine/engine.ts';
import type { RunningQuery } from '../engine/running-query.ts';
import type { QueryPlan } from '../sql/plan.ts';
import type { Topics } from '../topics/topics.ts';

/** Commits that fail one after another would make a query wait longer than its reader does. */
const NO_BACKOFF = {
  'ksql.query.retry.backoff.initial.ms': '0',
  'ksql.query.retry.backoff.max.ms': '0',
};

/** What is meant to take a moment takes no time, deadlines of seconds stay. */
const impatientClock: Clock = {
  ...systemClock,
  after: (delayMs, callback) => systemClock.after(delayMs > 1_000 ? delayMs : 0, callback),
};

/** `spills`: nothing that may go to disk stays in memory. */
export function engineOn(topics: Topics, spills = false): Engine {
  const spill = { memoryBytes: 0, folder: '/spill', openDisk: () => new MemoryDiskMap() };
  return new Engine({ topics, clock: impatientClock, logger: silentLogger, ...(spills && { spill }) });
}

export async function createTopics(
  topics: Topics,
  partitions: Readonly<Record<string, number>>,
): Promise<void> {
  for (const [name, partitionCount] of Object.entries(partitions))
    await topics.create({ name, partitionCount });
}

/** Waits until the query has processed and committed all there is in its sources. */
export async function caughtUp(topics: Topics, query: RunningQuery): Promise<void> {
  const ends = await Promise.all(
    query.positions().map(async ({ topic, partition }) => {
      const { lastStableOffset } = await topics.offsets({ topic, partition });
      return { topic, partition, offset: lastStableOffset };
    }),
  );
  await query.reached(ends, 10_000);
}

/** An engine, in this thread or in others. */
interface AnyEngine<Running extends RunningQuery> {
  start(plan: QueryPlan): Promise<Running>;
  stop(): Promise<void>;
}

/**
 * Runs a plan over what its topics hold, to the end, while owners take it over from each other and commits fail as
 * `topics` was told. Gives the last owner's query, when all have stopped; `look` sees it while it keeps its table.
 */
export async function runInterrupted<Running extends RunningQuery, On extends Topics>(
  topics: On,
  interrupted: QueryPlan,
  takeovers: number,
  newEngine: (topics: On) => AnyEngine<Running>,
  look: (query: Running) => void = () => {},
): Promise<Running> {
  const plan = { ...interrupted, properties: { ...interrupted.properties, ...NO_BACKOFF } };
  const engines: AnyEngine<Running>[] = [];
  for (let owner = 0; owner < takeovers; owner++) {
    const engine = newEngine(topics);
    engines.push(engine);
    await started(engine, plan);
    for (let turn = 0; turn < owner; turn++) await new Promise((resolve) => setImmediate(resolve));
    // The next owner takes over while this one still runs, as after a long pause of its process.
  }
  const last = await finished(topics, plan, newEngine);
  look(last.query);
  await Promise.all([...engines, last.engine].map((engine) => engine.stop()));
  return last.query;
}

/** An earlier owner that met a fault may take the query back once; then the next engine has its turn. */
async function finished<Running extends RunningQuery, On extends Topics>(
  topics: On,
  plan: QueryPlan,
  newEngine: (topics: On) => AnyEngine<Running>,
): Promise<{ readonly engine: AnyEngine<Running>; readonly query: Running }> {
  for (;;) {
    const engine = newEngine(topics);
    const query = await started(engine, plan);
    const failure = await caughtUp(topics, query).then(
      () => undefined,
      (error: Error) => error,
    );
    if (failure === undefined) return { engine, query };
    if (query.state !== 'ERROR') throw failure;
  }
}

/** The commit of the first positions may be hit by a fault too; whoever starts a query tries again. */
async function started<Running extends RunningQuery>(
  engine: AnyEngine<Running>,
  plan: QueryPlan,
): Promise<Running> {
  for (;;) {
    try {
      return await engine.start(plan);
    } catch (error) {
      if ((error as { code?: string }).code !== 'REQUEST_TIMED_OUT') throw error;
    }
  }
}
