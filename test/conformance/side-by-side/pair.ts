import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, makeKafkaFolder, startKafka } from '../../../bench/support/brokers.ts';
import { type Finished, runProgram } from '../../support/foreign.ts';
import { startServer } from '../../support/server.ts';
import { CommandServer, type Seen } from './command-server.ts';
import { escaped } from './normalise.ts';
import type { Mask, Step } from './script.ts';

/** One of the two brokers with the JVM whose commands talk to it. */
export interface Side {
  readonly name: 'millrace' | 'kafka';
  readonly bootstrap: string;
  /** What is this broker's own in what commands print: addresses and folders. */
  readonly masks: readonly Mask[];
  run(step: Step): Promise<Seen>;
  close(): Promise<void>;
}

export interface PairOptions {
  /** Lines of server.properties for both. */
  readonly properties?: Readonly<Record<string, string>>;
  readonly kafkaOnly?: Readonly<Record<string, string>>;
  /** Of the clients' listener; plain unless set. */
  readonly protocol?: string;
}

/** Groups form at once. */
const PROPERTIES = { 'group.initial.rebalance.delay.ms': '0' };

const POLL_MS = 250;
const UNTIL_MS = 20_000;
const CLIENT_TIMEOUT_MS = 90_000;

/** Runs the steps of one side: fills in address and folder, keeps what was started, repeats what has to settle. */
class Runner {
  readonly #commands: CommandServer;
  readonly #started = new Map<string, number>();
  readonly #folder: string;
  readonly #values: readonly (readonly [name: string, value: string])[];

  constructor(
    commands: CommandServer,
    folder: string,
    values: readonly (readonly [name: string, value: string])[],
  ) {
    this.#commands = commands;
    this.#folder = folder;
    this.#values = [...values, ['$DIR', folder]];
  }

  async run(step: Step): Promise<Seen> {
    for (const [name, content] of Object.entries(step.files ?? {}))
      writeFileSync(join(this.#folder, name), this.#fill(content));
    const command = {
      main: step.main,
      args: step.args.map((arg) => this.#fill(arg)),
      ...(step.stdin === undefined ? {} : { stdin: step.stdin }),
      ...(step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs }),
    };
    switch (step.op) {
      case 'start':
        this.#started.set(step.handle as string, this.#commands.start(command));
        return { code: 0, stdout: '', stderr: '', timedOut: false };
      case 'stop':
        return this.#commands.stop(this.#started.get(step.handle as string) as number);
      case 'run':
        return this.#untilSettled(step, () =>
          step.program === undefined
            ? this.#commands.run(command)
            : runClient(step.program.command, command.args, step),
        );
    }
  }

  async #untilSettled({ until }: Step, attempt: () => Promise<Seen>): Promise<Seen> {
    const deadline = performance.now() + UNTIL_MS;
    for (;;) {
      const seen = await attempt();
      if (until === undefined || until.test(seen.stdout + seen.stderr) || performance.now() > deadline)
        return seen;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  #fill(text: string): string {
    return this.#values.reduce((filled, [name, value]) => filled.replaceAll(name, value), text);
  }
}

/** A client that is not Java's, in a process of its own. */
async function runClient(
  [command = '', ...first]: readonly string[],
  args: readonly string[],
  { stdin, timeoutMs }: Step,
): Promise<Seen> {
  const options = { input: stdin ?? '', timeoutMs: timeoutMs ?? CLIENT_TIMEOUT_MS };
  const finished: Finished = await runProgram(command, [...first, ...args], options);
  return { ...finished, timedOut: finished.code === null };
}

async function openSide(
  name: Side['name'],
  root: string,
  /** Folders of partitions lie in `logFolder`, which tools are told to be in `dataFolder`. */
  broker: { bootstrap: string; dataFolder: string; logFolder: string; stop(): Promise<unknown> },
): Promise<Side> {
  const commands = await CommandServer.start();
  const folder = join(root, 'files');
  mkdirSync(folder, { recursive: true });
  const port = broker.bootstrap.split(':')[1] as string;
  const spare = `${await freePort()}`;
  const runner = new Runner(commands, folder, [
    ['$BROKER', broker.bootstrap],
    ['$DATA', broker.logFolder],
    ['$FREE_PORT', spare],
  ]);
  return {
    name,
    bootstrap: broker.bootstrap,
    masks: [
      [escaped(broker.bootstrap), 'BROKER'],
      [/(?<=CONTROLLER:\/\/)127\.0\.0\.1:\d+/g, 'BROKER'],
      [escaped(folder), 'DIR'],
      [escaped(broker.logFolder), 'DATA'],
      [escaped(broker.dataFolder), 'DATA'],
      [new RegExp(`(?<!\\d)(${port}|${spare})(?!\\d)`, 'g'), 'PORT'],
    ],
    run: (step) => runner.run(step),
    close: async () => {
      await commands.close();
      await broker.stop();
      rmSync(root, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function temporaryRoot(): string {
  return mkdtempSync(join(tmpdir(), 'millrace-side-'));
}

async function openMillrace({ properties, protocol = 'PLAINTEXT' }: PairOptions): Promise<Side> {
  const root = temporaryRoot();
  const dataFolder = join(root, 'data');
  const file = join(root, 'server.properties');
  const lines = Object.entries({ ...PROPERTIES, ...properties });
  writeFileSync(file, lines.map(([key, value]) => `${key}=${value}\n`).join(''));
  const server = await startServer({
    data: dataFolder,
    kafka: protocol === 'PLAINTEXT' ? '127.0.0.1:0' : `${protocol}://127.0.0.1:0`,
    args: ['--config', file],
  });
  return openSide('millrace', root, {
    bootstrap: server.kafka,
    dataFolder,
    logFolder: join(dataFolder, 'log'),
    stop: () => server.stop(),
  });
}

async function openKafka({ properties, kafkaOnly, protocol = 'PLAINTEXT' }: PairOptions): Promise<Side> {
  const config = {
    ...PROPERTIES,
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    ...properties,
    ...kafkaOnly,
  };
  const format = ['--feature', 'share.version=1'];
  const folder = await makeKafkaFolder(config, { protocol, format });
  const broker = await startKafka({ folder });
  const stop = async () => {
    await broker.stop();
    folder.remove();
  };
  const dataFolder = join(folder.path, 'data');
  return openSide('kafka', temporaryRoot(), {
    bootstrap: broker.bootstrap,
    dataFolder,
    logFolder: dataFolder,
    stop,
  });
}

/** Millrace and Apache Kafka 4.1, with the same settings. */
export interface Pair {
  readonly ours: Side;
  readonly kafka: Side;
  close(): Promise<void>;
}

export async function openPair(options: PairOptions = {}): Promise<Pair> {
  const [ours, kafka] = await Promise.all([openMillrace(options), openKafka(options)]);
  return {
    ours,
    kafka,
    close: async () => {
      await Promise.all([ours.close(), kafka.close()]);
    },
  };
}
