// How fast does one Java producer get acknowledgements? Ours are durable (fdatasync) by default, Kafka's are not.
import { createTopic } from './support/admin.ts';
import { alternate, type Bench } from './support/bench.ts';
import { type Broker, withBrokers } from './support/brokers.ts';
import { KAFKA } from './support/java.ts';
import { watchUsage } from './support/machine.ts';
import { producerPerformance } from './support/producer-perf.ts';
import { type ResultRow, resultRow } from './support/results.ts';
import type { Measured } from './support/statistics.ts';

interface Round extends Measured {
  readonly p99Ms: number;
}

/** The same promise on both sides, or each side's own default. */
const PROMISES = [
  { label: 'defaults', ours: {}, kafka: {}, sync: 'ours fdatasync before the ack, rival page cache' },
  { label: 'page cache', ours: { durability: 'os' }, kafka: {}, sync: 'both page cache' },
  // Kafka's only way to sync before the ack is to do it for each batch it appends.
  { label: 'synced', ours: {}, kafka: { 'flush.messages': '1' }, sync: 'both fsync before the ack' },
] as const;

export const produce: Bench = async ({ effort, rounds }) =>
  withBrokers(async (ours, kafka) => {
    const rows: ResultRow[] = [];
    for (const [recordBytes, records] of [
      [1000, { quick: 60_000, brief: 400_000, full: 1_000_000 }[effort]],
      [100, { quick: 200_000, brief: 1_500_000, full: 4_000_000 }[effort]],
    ] as const) {
      const load = { recordBytes, records };
      for (const broker of [ours, kafka])
        await produceOnce(broker, `warm-${recordBytes}`, { ...load, records: records / 4 });
      for (const { label, sync, ...config } of PROMISES) {
        // Syncing each batch takes Kafka long; the difference is not subtle.
        const few = label === 'synced' ? { recordBytes, records: records / 10 } : load;
        const side =
          (broker: Broker, properties: Readonly<Record<string, string>>) => async (round: number) => {
            const topic = `${label.replace(' ', '-')}-${recordBytes}-${round}`;
            await createTopic(broker, topic, 1, properties);
            return produceOnce(broker, topic, few);
          };
        const measured = await alternate(rounds, {
          ours: side(ours, config.ours),
          rival: side(kafka, config.kafka),
        });
        rows.push(
          ...rowsOf(
            `${recordBytes} B, ${label}`,
            sync,
            few.records,
            measured as Record<'ours' | 'rival', Round[]>,
          ),
        );
      }
    }
    return rows;
  });

async function produceOnce(
  broker: Broker,
  topic: string,
  load: { readonly recordBytes: number; readonly records: number },
): Promise<Round> {
  const usage = watchUsage(broker.pid);
  const { stdout, stderr } = await producerPerformance(broker, { topic, ...load }, 180_000);
  const last = stdout.trim().split('\n').at(-1) ?? '';
  const match = last.match(/([\d.]+) records\/sec.*?(\d+) ms 99th/);
  if (!match) throw new Error(`no figures from ${broker.name}: ${stdout}${stderr}`);
  return {
    value: Number(match[1]),
    p99Ms: Number(match[2]),
    work: load.records,
    processes: { broker: usage() },
  };
}

function rowsOf(
  name: string,
  sync: string,
  records: number,
  { ours, rival }: Record<'ours' | 'rival', Round[]>,
): ResultRow[] {
  const settings = { acks: 'all', 'linger ms': 5, 'batch bytes': 65_536, partitions: 1, records, sync };
  const common = { bench: 'produce', settings };
  const p99 = (rounds: readonly Round[]) => rounds.map(({ p99Ms }) => ({ value: p99Ms }));
  return [
    resultRow({
      ...common,
      name,
      unit: 'records/s',
      better: 'higher',
      ours,
      rival: { name: KAFKA, rounds: rival },
    }),
    resultRow({
      ...common,
      name: `${name}, p99 at full speed`,
      unit: 'ms',
      better: 'lower',
      ours: p99(ours),
      rival: { name: KAFKA, rounds: p99(rival) },
    }),
  ];
}
