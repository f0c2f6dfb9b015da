// How fast does one Java producer get acknowledgements? Ours are durable (fdatasync), Kafka's default are not.
import { type Broker, startKafka, startMillrace } from './support/brokers.ts';
import { median, spread, usageOf } from './support/machine.ts';
import { producerPerformance } from './support/producer-perf.ts';

interface Round {
  readonly recordsPerSecond: number;
  readonly p99Ms: number;
  readonly cpuSecondsPerGb: number;
}

async function produceOnce(
  broker: Broker,
  topic: string,
  recordBytes: number,
  records: number,
): Promise<Round> {
  const before = usageOf(broker.pid).cpuSeconds;
  const { stdout, stderr } = await producerPerformance(broker, { topic, recordBytes, records }, 180_000);
  const last = stdout.trim().split('\n').at(-1) ?? '';
  const match = last.match(/([\d.]+) records\/sec.*?(\d+) ms 99th/);
  if (!match) throw new Error(`no figures from ${broker.name}: ${stdout}${stderr}`);
  const gigabytes = (records * recordBytes) / 1e9;
  return {
    recordsPerSecond: Number(match[1]),
    p99Ms: Number(match[2]),
    cpuSecondsPerGb: (usageOf(broker.pid).cpuSeconds - before) / gigabytes,
  };
}

export async function produce(quick: boolean): Promise<void> {
  const rounds = quick ? 3 : 5;
  for (const [recordBytes, records] of [
    [1000, quick ? 400_000 : 1_000_000],
    [100, quick ? 1_000_000 : 4_000_000],
  ] as const) {
    const results: Record<Broker['name'], Round[]> = { millrace: [], kafka: [] };
    const brokers = [await startMillrace(), await startKafka()];
    try {
      for (const broker of brokers) await produceOnce(broker, 'warm-up', recordBytes, records / 4);
      for (let round = 0; round < rounds; round++) {
        for (const broker of brokers)
          results[broker.name].push(
            await produceOnce(broker, `t${recordBytes}-${round}`, recordBytes, records),
          );
      }
    } finally {
      for (const broker of brokers) await broker.stop();
    }
    console.log(
      `\nproduce ${recordBytes} B, acks=all, linger 5 ms, batch 64 KB, one partition, ${records} records, ${rounds} rounds`,
    );
    for (const name of ['millrace', 'kafka'] as const) {
      const rows = results[name];
      const sync = name === 'millrace' ? 'fdatasync before each ack' : 'page cache (default)';
      console.log(
        `  ${name.padEnd(9)} ${spread(rows.map((row) => row.recordsPerSecond))} records/s, p99 ${spread(rows.map((row) => row.p99Ms))} ms,` +
          ` broker CPU ${spread(
            rows.map((row) => row.cpuSecondsPerGb),
            2,
          )} s/GB  [${sync}]`,
      );
    }
    const ratio =
      median(results.millrace.map((row) => row.recordsPerSecond)) /
      median(results.kafka.map((row) => row.recordsPerSecond));
    console.log(`  ratio ${ratio.toFixed(2)}`);
  }
}
