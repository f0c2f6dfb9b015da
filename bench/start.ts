// From the command to `ready`, from the command to the first acknowledgement, and the memory of a server at rest.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTopics, sendOne } from './support/admin.ts';
import { alternate, type Bench } from './support/bench.ts';
import { type Broker, makeKafkaFolder, startKafka, startMillrace } from './support/brokers.ts';
import { KAFKA } from './support/java.ts';
import { sleep, usageOf } from './support/machine.ts';
import { resultRow } from './support/results.ts';
import type { Measured } from './support/statistics.ts';

const TOPICS = 100;
/** So long after the start a server has come to rest. */
const REST_MS = 1_500;

interface Round extends Measured {
  readonly readyMs: number;
  readonly firstAckMs: number;
  readonly restMb: number;
}

export const start: Bench = async ({ effort, rounds }) => {
  const data = mkdtempSync(join(tmpdir(), 'millrace-bench-start-'));
  const folder = await makeKafkaFolder();
  try {
    const starts = {
      ours: () => startMillrace({ data }),
      rival: () => startKafka({ folder }),
    };
    for (const begin of Object.values(starts)) await fill(await begin());
    const measured = (await alternate(effort === 'full' ? Math.max(rounds, 5) : 2, {
      ours: () => startOnce(starts.ours),
      rival: () => startOnce(starts.rival),
    })) as Record<'ours' | 'rival', Round[]>;
    return rowsOf(measured);
  } finally {
    rmSync(data, { recursive: true, force: true });
    folder.remove();
  }
};

/** A hundred topics with a record each, so that every one has files; then a clean stop. */
async function fill(broker: Broker): Promise<void> {
  const topics = Array.from({ length: TOPICS }, (_, n) => `topic-${n}`);
  await createTopics(broker, topics);
  await sendOne(broker, ...topics);
  await broker.stop();
}

async function startOnce(begin: () => Promise<Broker>): Promise<Round> {
  const begun = performance.now();
  const broker = await begin();
  const readyMs = performance.now() - begun;
  await sendOne(broker, 'topic-0');
  const firstAckMs = performance.now() - begun;
  await sleep(REST_MS);
  const restMb = usageOf(broker.pid).residentMb;
  await broker.stop();
  return { value: readyMs, readyMs, firstAckMs, restMb };
}

function rowsOf({ ours, rival }: Record<'ours' | 'rival', Round[]>) {
  const figures = [
    ['start to listening', 'ms', 'readyMs'],
    ['start to first ack', 'ms', 'firstAckMs'],
    ['memory at rest', 'MB', 'restMb'],
  ] as const;
  const settings = {
    topics: TOPICS,
    'stopped cleanly': true,
    'rival heap': '1 GB, as its start script sets',
  };
  return figures.map(([name, unit, field]) => {
    const of = (rounds: readonly Round[]) => rounds.map((round) => ({ value: round[field] }));
    return resultRow({
      bench: 'start',
      name,
      unit,
      better: 'lower',
      settings,
      ours: of(ours),
      rival: { name: KAFKA, rounds: of(rival) },
    });
  });
}
