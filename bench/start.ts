// How long from the command to `ready`, and how much memory does an idle server hold?
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { type Broker, startKafka, startMillrace } from './support/brokers.ts';
import { sleep, spread, usageOf } from './support/machine.ts';

const TOPICS = 100;

/** Creates the topics and writes one record to each, so that every one has files. */
async function fill(broker: Broker): Promise<void> {
  const kafka = new Kafka({ brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: Array.from({ length: TOPICS }, (_, n) => ({ topic: `topic-${n}` })) });
  await admin.disconnect();
  const producer = kafka.producer();
  await producer.connect();
  await producer.sendBatch({
    topicMessages: Array.from({ length: TOPICS }, (_, n) => ({
      topic: `topic-${n}`,
      messages: [{ value: 'x' }],
    })),
  });
  await producer.disconnect();
}

export async function start(quick: boolean): Promise<void> {
  const rounds = quick ? 5 : 11;
  const data = mkdtempSync(join(tmpdir(), 'millrace-bench-start-'));
  const first = await startMillrace({ data });
  await fill(first);
  await first.stop();
  const [readyMs, idleMb]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    const server = await startMillrace({ data });
    readyMs.push(performance.now() - begun);
    await sleep(1500);
    idleMb.push(usageOf(server.pid).residentMb);
    await server.stop();
  }
  rmSync(data, { recursive: true, force: true });
  console.log(`\nstart with ${TOPICS} topics, ${rounds} rounds`);
  console.log(`  millrace  process start to ready ${spread(readyMs)} ms, idle memory ${spread(idleMb)} MB`);

  const kafkaMs: number[] = [];
  let kafkaMb = 0;
  for (let round = 0; round < 3; round++) {
    const begun = performance.now();
    const rival = await startKafka();
    kafkaMs.push(performance.now() - begun);
    await sleep(1500);
    kafkaMb = usageOf(rival.pid).residentMb;
    await rival.stop();
  }
  console.log(
    `  kafka     format and start to listening, no topics ${spread(kafkaMs)} ms, idle memory ${kafkaMb.toFixed(0)} MB`,
  );
}
