// From a producer to a consumer in the same process, at a rate that no broker finds hard.
import { createTopic } from './support/admin.ts';
import { alternate, type Bench } from './support/bench.ts';
import { type Broker, withBrokers } from './support/brokers.ts';
import { KAFKA } from './support/java.ts';
import { type LatencyRound, measureLatency } from './support/latency-run.ts';
import { resultRow } from './support/results.ts';
import type { Measured } from './support/statistics.ts';

const RATE = 1_000;

interface Round extends Measured {
  readonly latency: LatencyRound;
}

export const latency: Bench = async ({ effort, rounds }) =>
  withBrokers(async (ours, kafka) => {
    const seconds = { quick: 4, brief: 8, full: 20 }[effort];
    for (const broker of [ours, kafka]) await createTopic(broker, 'latency', 1);
    const side = (broker: Broker) => async (): Promise<Round> => {
      const measured = await measureLatency(broker, { topic: 'latency', rate: RATE, seconds });
      return { value: 0, latency: measured, processes: { broker: measured.broker }, work: RATE * seconds };
    };
    const measured = (await alternate(rounds, { ours: side(ours), rival: side(kafka) })) as Record<
      'ours' | 'rival',
      Round[]
    >;
    const settings = {
      'records/s': RATE,
      'record bytes': 100,
      acks: 'all',
      'linger ms': 0,
      sync: 'ours fdatasync, rival page cache',
    };
    const rows = [];
    for (const [what, label] of [
      ['end', 'produce to consume'],
      ['ack', 'produce to ack'],
    ] as const) {
      for (const quantile of ['p50', 'p99', 'p999'] as const) {
        const of = (all: readonly Round[]) =>
          all.map(({ latency: round, ...rest }) => ({ ...rest, value: round[what][quantile] }));
        rows.push(
          resultRow({
            bench: 'latency',
            name: `${label} ${quantile}`,
            unit: 'ms',
            better: 'lower',
            settings,
            ours: of(measured.ours),
            rival: { name: KAFKA, rounds: of(measured.rival) },
          }),
        );
      }
    }
    return rows;
  });
