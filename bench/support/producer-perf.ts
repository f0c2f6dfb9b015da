import { java } from '../../test/support/foreign.ts';
import type { Broker } from './brokers.ts';

export const TOOLS = 'org.apache.kafka.tools';

/** Apache Kafka's own producer, as fast as it can: acks=all, linger 5 ms, batches of 64 KiB. */
export function producerPerformance(
  { bootstrap }: Broker,
  load: { readonly topic: string; readonly recordBytes: number; readonly records: number },
  timeoutMs: number,
): ReturnType<typeof java> {
  const what = [
    '--topic',
    load.topic,
    '--num-records',
    `${load.records}`,
    '--record-size',
    `${load.recordBytes}`,
  ];
  const properties = [`bootstrap.servers=${bootstrap}`, 'acks=all', 'linger.ms=5', 'batch.size=65536'];
  const all = [...what, '--throughput', '-1', '--producer-props', ...properties];
  return java(`${TOOLS}.ProducerPerformance`, all, { timeoutMs });
}
