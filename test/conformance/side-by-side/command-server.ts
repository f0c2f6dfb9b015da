import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, globSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { kafkaClasspath, runProgram } from '../../support/foreign.ts';

/** What a command printed, and how it ended. */
export interface Seen {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

export interface Command {
  readonly main: string;
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly timeoutMs?: number;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const DEFAULT_TIMEOUT_MS = 30_000;

/** The class path with the compiled programs of test/conformance/java; compiles them when a source is newer. */
export async function conformanceClasspath(): Promise<string> {
  const libraries = kafkaClasspath() as string;
  const classes = `${root}.cache/conformance-classes`;
  const sources = globSync(`${root}test/conformance/java/*.java`);
  const stamp = `${classes}/compiled`;
  const stampMs = existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  if (sources.some((file) => statSync(file).mtimeMs > stampMs)) {
    mkdirSync(classes, { recursive: true });
    // The compiler's module, because a runtime environment without `javac` has it too.
    const compiler = ['-m', 'jdk.compiler/com.sun.tools.javac.Main', '-proc:none', '-nowarn'];
    const args = [...compiler, '-d', classes, '-cp', libraries, ...sources];
    const { code, stderr } = await runProgram('java', args, { timeoutMs: 120_000 });
    if (code !== 0) throw new Error(`the Java compiler: ${stderr}`);
    writeFileSync(stamp, '');
  }
  return `${classes}:${libraries}`;
}

/** No server outlives the tests. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A JVM that runs commands one after another, and some beside them (test/conformance/java/CommandServer.java). */
export class CommandServer {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<Seen>>();
  #lastId = 0;
  #log = '';
  #ended = false;

  private constructor(child: ChildProcess) {
    this.#child = child;
    running.add(child);
    // A JVM that is gone is noticed by its end.
    child.stdin?.on('error', () => {});
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#log += chunk.toString();
    });
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const answer = JSON.parse(line) as Seen & { id: number };
      this.#waiting.get(answer.id)?.resolve(answer);
      this.#waiting.delete(answer.id);
    });
    child.once('close', () => {
      running.delete(child);
      this.#ended = true;
      for (const { reject } of this.#waiting.values()) reject(this.#gone());
    });
  }

  static async start(): Promise<CommandServer> {
    const flags = ['-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
    const logging = ['defaultLogLevel=error', 'showThreadName=false', 'showShortLogName=true'];
    const properties = logging.map((property) => `-Dorg.slf4j.simpleLogger.${property}`);
    const args = [...flags, ...properties, '-cp', await conformanceClasspath(), 'CommandServer'];
    return new CommandServer(spawn('java', args, { stdio: ['pipe', 'pipe', 'pipe'] }));
  }

  /** Runs a command to its end. */
  run(command: Command): Promise<Seen> {
    const { id, answered } = this.#expect();
    this.#send({ timeoutMs: DEFAULT_TIMEOUT_MS, ...command, id, op: 'run' });
    return answered;
  }

  /** Leaves a command running; `stop` takes what this returns. */
  start(command: Command): number {
    this.#send({ ...command, id: ++this.#lastId, op: 'start' });
    return this.#lastId;
  }

  /** Ends a started command as Ctrl-C would. */
  stop(started: number): Promise<Seen> {
    const { id, answered } = this.#expect();
    this.#send({ id, op: 'stop', of: started });
    return answered;
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin?.end();
    await closed;
  }

  #expect(): { id: number; answered: Promise<Seen> } {
    const id = ++this.#lastId;
    const waiting = Promise.withResolvers<Seen>();
    if (this.#ended) waiting.reject(this.#gone());
    else this.#waiting.set(id, waiting);
    return { id, answered: waiting.promise };
  }

  #gone(): Error {
    return new Error(`the JVM that runs the commands is gone: ${this.#log}`);
  }

  #send(request: object): void {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
  }
}
