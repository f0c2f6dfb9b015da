// How fast does one Java consumer read what lies in the log?
import { java } from '../test/support/foreign.ts';
import { type Broker, startKafka, startMillrace } from './support/brokers.ts';
import { median, spread, usageOf } from './support/machine.ts';
import { producerPerformance, TOOLS } from './support/producer-perf.ts';

export async function consume(quick: boolean): Promise<void> {
  const [rounds, records, recordBytes] = [quick ? 3 : 5, quick ? 500_000 : 2_000_000, 1000];
  const brokers = [await startMillrace(), await startKafka()];
  const rates: Record<Broker['name'], number[]> = { millrace: [], kafka: [] };
  const cpu: Record<Broker['name'], number[]> = { millrace: [], kafka: [] };
  try {
    for (const broker of brokers) {
      const filled = await producerPerformance(broker, { topic: 'full', recordBytes, records }, 300_000);
      if (filled.code !== 0) throw new Error(filled.stderr);
    }
    for (let round = 0; round < rounds; round++) {
      for (const broker of brokers) {
        const before = usageOf(broker.pid).cpuSeconds;
        const { stdout, stderr } = await java(
          `${TOOLS}.ConsumerPerformance`,
          [
            '--bootstrap-server',
            broker.bootstrap,
            '--topic',
            'full',
            '--messages',
            `${records}`,
            '--group',
            `g${round}`,
            '--timeout',
            '60000',
          ],
          { timeoutMs: 180_000 },
        );
        const [header, row] = stdout
          .trim()
          .split('\n')
          .map((line) => line.split(', '));
        const rate = Number(row?.[header?.indexOf('fetch.nMsg.sec') ?? -1]);
        if (!(rate > 0)) throw new Error(`no figures from ${broker.name}: ${stdout}${stderr}`);
        rates[broker.name].push(rate);
        cpu[broker.name].push((usageOf(broker.pid).cpuSeconds - before) / ((records * recordBytes) / 1e9));
      }
    }
  } finally {
    for (const broker of brokers) await broker.stop();
  }
  console.log(
    `\nconsume ${recordBytes} B, one partition, ${records} records, ${rounds} rounds (fetch time only, without the group's join)`,
  );
  for (const name of ['millrace', 'kafka'] as const) {
    console.log(
      `  ${name.padEnd(9)} ${spread(rates[name])} records/s, broker CPU ${spread(cpu[name], 2)} s/GB`,
    );
  }
  console.log(`  ratio ${(median(rates.millrace) / median(rates.kafka)).toFixed(2)}`);
}
