// How fast does one Java consumer read what lies in the log?
import { java } from '../test/support/foreign.ts';
import { alternate, type Bench, say } from './support/bench.ts';
import { type Broker, withBrokers } from './support/brokers.ts';
import { KAFKA } from './support/java.ts';
import { watchUsage } from './support/machine.ts';
import { producerPerformance, TOOLS } from './support/producer-perf.ts';
import { type ResultRow, resultRow } from './support/results.ts';
import type { Measured } from './support/statistics.ts';

export const consume: Bench = async ({ effort, rounds }) =>
  withBrokers(async (ours, kafka) => {
    const rows: ResultRow[] = [];
    for (const [recordBytes, records] of [
      [1000, { quick: 60_000, brief: 1_000_000, full: 2_000_000 }[effort]],
      [100, { quick: 200_000, brief: 3_000_000, full: 5_000_000 }[effort]],
    ] as const) {
      const topic = `full-${recordBytes}`;
      say(`filling ${topic}`);
      for (const broker of [ours, kafka]) {
        const filled = await producerPerformance(broker, { topic, recordBytes, records }, 300_000);
        if (filled.code !== 0) throw new Error(filled.stderr);
      }
      const side = (broker: Broker) => (round: number) => consumeOnce(broker, topic, records, round);
      const measured = await alternate(rounds, { ours: side(ours), rival: side(kafka) });
      rows.push(
        resultRow({
          bench: 'consume',
          name: `${recordBytes} B`,
          unit: 'records/s',
          better: 'higher',
          settings: { partitions: 1, records, time: "fetch time only, without the group's join" },
          ours: measured.ours,
          rival: { name: KAFKA, rounds: measured.rival },
        }),
      );
    }
    return rows;
  });

async function consumeOnce(broker: Broker, topic: string, records: number, round: number): Promise<Measured> {
  const usage = watchUsage(broker.pid);
  const { stdout, stderr } = await java(
    `${TOOLS}.ConsumerPerformance`,
    [
      ...['--bootstrap-server', broker.bootstrap, '--topic', topic, '--messages', `${records}`],
      ...['--group', `g-${topic}-${round}`, '--timeout', '60000'],
    ],
    { timeoutMs: 180_000 },
  );
  const [header, row] = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(', '));
  const rate = Number(row?.[header?.indexOf('fetch.nMsg.sec') ?? -1]);
  if (!(rate > 0)) throw new Error(`no figures from ${broker.name}: ${stdout}${stderr}`);
  return { value: rate, work: records, processes: { broker: usage() } };
}
