import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { afterTest } from './after-test.ts';

/** A `millrace serve` process of its own, as a user starts it. */
export interface ServerProcess {
  /** host:port of the Kafka listener. */
  readonly kafka: string;
  /** Base URL without a trailing slash. */
  readonly http: string;
  /** The schema registry's; empty where it is off. */
  readonly registry: string;
  readonly pid: number;
  /** SIGTERM, and SIGKILL when that does not help; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** kill -9; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Everything written to standard error so far. */
  log(): string;
}

const MAIN = new URL('../../scripts/millrace.mjs', import.meta.url).pathname;
const STOP_LIMIT_MS = 30_000;
const READY = /^ready kafka=(\S+) http=(\S+)(?: registry=(\S+))?$/m;

/** No server outlives its test process, even one that the runner ends for taking too long. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
process.once('SIGTERM', () => process.exit(143));

export async function startServer(options: {
  readonly data: string;
  readonly kafka?: string;
  readonly http?: string;
  readonly registry?: string;
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
  /** Called before it is ready. */
  readonly onSpawn?: (child: ChildProcess) => void;
}): Promise<ServerProcess> {
  const args = [MAIN, 'serve', '--data', options.data];
  args.push(
    '--kafka',
    options.kafka ?? '127.0.0.1:0',
    '--http',
    options.http ?? '127.0.0.1:0',
    '--registry',
    options.registry ?? '127.0.0.1:0',
    ...(options.args ?? []),
  );
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  options.onSpawn?.(child);
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const [, kafka, http, registry = ''] = await firstMatch(child, READY, () => log);
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return {
    kafka: kafka as string,
    http: http as string,
    registry,
    pid: child.pid as number,
    log: () => log,
    stop: () => {
      child.kill('SIGTERM');
      // A stopped process does not see SIGTERM, and whoever waits for its end would never end either.
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      return exited.finally(() => clearTimeout(timer));
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function firstMatch(child: ChildProcess, pattern: RegExp, log: () => string): Promise<RegExpMatchArray> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const match = output.match(pattern);
      if (match) resolve(match);
    });
    child.once('exit', (code) =>
      reject(new Error(`the server ended with ${code} before it was ready:\n${output}${log()}`)),
    );
  });
}

/** A folder that is removed when the test ends, after what was registered with `afterTest` later. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  afterTest(t, () => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** A server on a temporary folder that ends with the test. */
export async function serverForTest(
  t: TestContext,
  options: { readonly args?: readonly string[] } = {},
): Promise<ServerProcess> {
  const data = await temporaryFolder(t);
  const server = await startServer({ data, ...options });
  afterTest(t, () => server.stop());
  return server;
}

/** Polls until `probe` gives a value; fails after `timeoutMs` naming what was awaited. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 15_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`gave up after ${timeoutMs} ms waiting for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
