import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaClasspath } from './foreign.ts';
import { eventually } from './server.ts';

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 20_000;

/** No worker outlives its test process. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A distributed worker of Apache Kafka 4.1's Connect, with connect-file, that takes requests when it is here. */
export async function startKafkaConnect(options: {
  readonly kafka: string;
  readonly port: number;
  /** For its files. */
  readonly folder: string;
}): Promise<{ stop(): Promise<void> }> {
  const url = `http://127.0.0.1:${options.port}`;
  const settings = {
    'bootstrap.servers': options.kafka,
    listeners: url,
    'group.id': 'connect',
    'config.storage.topic': 'connect-configs',
    'offset.storage.topic': 'connect-offsets',
    'status.storage.topic': 'connect-status',
    'config.storage.replication.factor': '1',
    'offset.storage.replication.factor': '1',
    'status.storage.replication.factor': '1',
    'offset.flush.interval.ms': '500',
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'plugin.discovery': 'service_load',
  };
  const file = join(options.folder, 'connect.properties');
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(file, lines.join(''));
  const log = join(options.folder, 'connect.log');
  const output = openSync(log, 'a');
  const flags = ['-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
  const main = 'org.apache.kafka.connect.cli.ConnectDistributed';
  const child = spawn('java', [...flags, '-cp', kafkaClasspath() ?? '', main, file], {
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  running.add(child);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.once('close', () => running.delete(child));
  await eventually(
    'Kafka Connect',
    async () => {
      if (child.exitCode !== null) throw new Error(`Kafka Connect ended:\n${readFileSync(log, 'utf8')}`);
      const response = await fetch(`${url}/connectors`).catch(() => undefined);
      return response?.ok || undefined;
    },
    START_LIMIT_MS,
  ).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    stop: () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      return ended.finally(() => clearTimeout(timer));
    },
  };
}
