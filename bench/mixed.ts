// What does a producer notice of queries that run at full speed beside it?
import { createTopic } from './support/admin.ts';
import { alternate, type Bench, say } from './support/bench.ts';
import { type Broker, type Millrace, withBrokers } from './support/brokers.ts';
import { type EventSet, eventSet } from './support/events.ts';
import { KAFKA } from './support/java.ts';
import { caughtUp } from './support/ksql.ts';
import { measureLatency } from './support/latency-run.ts';
import { declareSources, dropPipeline, loadSources, PIPELINES, startPipeline } from './support/pipelines.ts';
import { resultRow } from './support/results.ts';
import type { Measured } from './support/statistics.ts';
import { runStreams } from './support/stream-rivals.ts';

const RATE = 1_000;
const GUARANTEE = 'exactly_once_v2';

export const mixed: Bench = async ({ effort, rounds }) =>
  withBrokers(async (ours, kafka) => {
    const seconds = { quick: 3, brief: 6, full: 12 }[effort];
    const set = eventSet({ events: effort === 'quick' ? 200_000 : 2_000_000, keys: 10_000, partitions: 1 });
    say('loading the events');
    for (const broker of [ours, kafka]) {
      await loadSources(broker, set);
      await createTopic(broker, 'beside', 1);
    }
    await declareSources(ours);
    const p99 = async (broker: Broker): Promise<Measured> => {
      const { ack, broker: usage } = await measureLatency(broker, { topic: 'beside', rate: RATE, seconds });
      return { value: ack.p99, processes: { broker: usage } };
    };
    const idle = await alternate(rounds, { ours: () => p99(ours), rival: () => p99(kafka) });
    const busy = await alternate(rounds, {
      ours: () => withOurQueries(ours, () => p99(ours)),
      rival: () => withStreams(kafka, set, seconds, () => p99(kafka)),
    });
    const quotient = (side: 'ours' | 'rival') =>
      busy[side].map(({ value }, round) => ({ value: value / (idle[side][round]?.value ?? Number.NaN) }));
    const settings = {
      'produce records/s': RATE,
      acks: 'all',
      events: set.events,
      query: 'scoreboard, again and again',
    };
    const row = (name: string, unit: string, sides: Record<'ours' | 'rival', Measured[]>) =>
      resultRow({
        ...{ bench: 'mixed', name, unit, better: 'lower', settings },
        ours: sides.ours,
        rival: { name: KAFKA, rounds: sides.rival },
      });
    return [
      row('produce p99, no query', 'ms', idle),
      row('produce p99 beside a query', 'ms', busy),
      row('beside a query / without', 'times', { ours: quotient('ours'), rival: quotient('rival') }),
    ];
  });

/** The query starts anew whenever it has caught up, so that it is at full speed all the time. */
async function withOurQueries(server: Millrace, work: () => Promise<Measured>): Promise<Measured> {
  let over = false;
  const queries = (async () => {
    while (!over) {
      const id = await startPipeline(server, PIPELINES.scoreboard, { merges: true, guarantee: GUARANTEE });
      await caughtUp(server, [id], 'USER_GAME');
      await dropPipeline(server, PIPELINES.scoreboard);
    }
  })();
  try {
    return await work();
  } finally {
    over = true;
    await queries;
  }
}

/** The same on Kafka: an application of Kafka Streams on the same machine. */
async function withStreams(
  kafka: Broker,
  set: EventSet,
  seconds: number,
  work: () => Promise<Measured>,
): Promise<Measured> {
  const job = { pipeline: 'scoreboard', set, guarantee: GUARANTEE, merges: true } as const;
  let began = () => {};
  const beginning = new Promise<void>((resolve) => {
    began = resolve;
  });
  // Long enough for the probe with its warm-up.
  const application = runStreams(
    kafka,
    { ...job, boundSeconds: seconds * 2 },
    { threads: 1, commitMs: 100 },
    began,
  );
  await Promise.race([beginning, application]);
  const measured = await work();
  await (await application).discard();
  return measured;
}
