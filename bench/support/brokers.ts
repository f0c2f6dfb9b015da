import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
  readonly http?: string;
  stop(): Promise<void>;
}

export async function startMillrace(
  options: { args?: readonly string[]; data?: string } = {},
): Promise<Broker> {
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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Apache Kafka 4.1, one KRaft node with its defaults: acknowledgements come from the page cache. */
export async function startKafka(properties: Record<string, string> = {}): Promise<Broker> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-bench-'));
  const [port, controllerPort] = [await freePort(), await freePort()];
  const config = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(folder, 'data'),
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    ...properties,
  };
  const file = join(folder, 'server.properties');
  writeFileSync(
    file,
    Object.entries(config)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const formatted = await java('kafka.tools.StorageTool', [
    'format',
    '-t',
    'AAAAAAAAAAAAAAAAAAAAAQ',
    '-c',
    file,
  ]);
  if (formatted.code !== 0) throw new Error(`kafka-storage format: ${formatted.stdout}${formatted.stderr}`);
  // The heap kafka-server-start gives it.
  const flags = ['-Xmx1G', '-Xms1G', '-XX:+UseG1GC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];
  const child = spawn('java', [...flags, '-cp', kafkaClasspath() as string, 'kafka.Kafka', file], {
    stdio: 'ignore',
  });
  await listening(port, child);
  return {
    name: 'kafka',
    bootstrap: `127.0.0.1:${port}`,
    pid: child.pid as number,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.unref();
      setTimeout(() => socket.destroy(), 200);
    });
    if (open) return;
    await sleep(100);
  }
  throw new Error('Apache Kafka ended before it listened');
}
