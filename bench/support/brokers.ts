import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { java, kafkaClasspath } from '../../test/support/foreign.ts';
import { startServer } from '../../test/support/server.ts';
import { sleep } from './machine.ts';

/** A broker under measurement: ours or the rival. */
export interface Broker {
  readonly name: 'millrace' | 'kafka';
  readonly bootstrap: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface Millrace extends Broker {
  readonly name: 'millrace';
  readonly http: string;
}

export async function startMillrace(
  options: { args?: readonly string[]; data?: string } = {},
): Promise<Millrace> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const server = await startServer({ data, ...(options.args ? { args: options.args } : {}) });
  return {
    name: 'millrace',
    bootstrap: server.kafka,
    http: server.http,
    pid: server.pid,
    stop: async () => {
      await server.stop();
      if (options.data === undefined) rmSync(data, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Where a Kafka keeps its data between two starts. */
export interface KafkaFolder {
  readonly path: string;
  readonly port: number;
  remove(): void;
}

/** Apache Kafka 4.1, one KRaft node with its defaults: acknowledgements come from the page cache. */
export async function makeKafkaFolder(
  properties: Record<string, string> = {},
  options: { readonly protocol?: string; readonly format?: readonly string[] } = {},
): Promise<KafkaFolder> {
  const path = mkdtempSync(join(tmpdir(), 'kafka-bench-'));
  const [port, controllerPort] = [await freePort(), await freePort()];
  const config = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `${options.protocol ?? 'PLAINTEXT'}://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(path, 'data'),
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    ...properties,
  };
  const file = join(path, 'server.properties');
  const lines = Object.entries(config).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(file, lines.join(''));
  const formatted = await java('kafka.tools.StorageTool', [
    ...['format', '-t', 'AAAAAAAAAAAAAAAAAAAAAQ', '-c', file],
    ...(options.format ?? []),
  ]);
  if (formatted.code !== 0) throw new Error(`kafka-storage format: ${formatted.stdout}${formatted.stderr}`);
  return { path, port, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** No broker outlives the benchmark. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Resolves when it listens. With a folder given, that stays when it stops. */
export async function startKafka(
  options: { properties?: Record<string, string>; folder?: KafkaFolder } = {},
): Promise<Broker> {
  const folder = options.folder ?? (await makeKafkaFolder(options.properties));
  // The heap kafka-server-start gives it.
  const flags = ['-Xmx1G', '-Xms1G', '-XX:+UseG1GC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];
  const args = [
    ...flags,
    '-cp',
    kafkaClasspath() as string,
    'kafka.Kafka',
    join(folder.path, 'server.properties'),
  ];
  const log = openSync(join(folder.path, 'log'), 'a');
  const child = spawn('java', args, { stdio: ['ignore', log, log] });
  closeSync(log);
  running.add(child);
  child.once('exit', () => running.delete(child));
  await listening(folder, child);
  return {
    name: 'kafka',
    bootstrap: `127.0.0.1:${folder.port}`,
    pid: child.pid as number,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      if (options.folder === undefined) folder.remove();
    },
  };
}

async function listening({ path, port }: KafkaFolder, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      }).on('error', () => resolve(false));
    });
    if (open) return;
    await sleep(20);
  }
  const log = readFileSync(join(path, 'log'), 'utf8').slice(0, 4_000);
  throw new Error(`Apache Kafka ended before it listened:\n${log}`);
}

/** Both brokers side by side for as long as `work` runs. */
export async function withBrokers<T>(
  work: (ours: Millrace, rival: Broker) => Promise<T>,
  options: { kafka?: Record<string, string> } = {},
): Promise<T> {
  const ours = await startMillrace();
  try {
    const rival = await startKafka(options.kafka ? { properties: options.kafka } : {});
    try {
      return await work(ours, rival);
    } finally {
      await rival.stop();
    }
  } finally {
    await ours.stop();
  }
}
