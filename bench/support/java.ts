import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { hasCommand, kafkaClasspath, runProgram } from '../../test/support/foreign.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const QUIET = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';

// What Flink's own start scripts pass to a Java of 17 and later.
const FLINK_OPENS = [
  ...['java.lang', 'java.lang.invoke', 'java.lang.reflect', 'java.net', 'java.io', 'java.nio', 'java.text'],
  ...['java.time', 'java.util', 'java.util.concurrent', 'java.util.concurrent.atomic'],
  ...['java.util.concurrent.locks'],
].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`);

/** The libraries a program of bench/java runs with; Flink brings its own, older Kafka client. */
export type Platform = 'kafka' | 'flink';

const FLINK_ONLY = ['FlinkApp.java', 'FlinkJob.java', 'FlinkSql.java'];
const SHARED = ['Options.java', 'Progress.java'];

export function classpathOf(platform: Platform): string | undefined {
  if (platform === 'kafka') return kafkaClasspath();
  const file = `${root}.cache/flink/classpath.txt`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** The version of the jar whose name begins so: what really runs, rather than what was asked for. */
export function jarVersion(platform: Platform, artifact: string): string {
  const jar = classpathOf(platform)
    ?.split(':')
    .map((path) => basename(path))
    .find((name) => name.startsWith(`${artifact}-`));
  return jar?.slice(artifact.length + 1, -'.jar'.length) ?? 'missing';
}

const compiled = new Map<Platform, Promise<string>>();

/** The class path with the compiled programs; compiles them unless these very sources were compiled before. */
function programs(platform: Platform): Promise<string> {
  const known = compiled.get(platform) ?? compile(platform);
  compiled.set(platform, known);
  return known;
}

async function compile(platform: Platform): Promise<string> {
  const libraries = classpathOf(platform);
  if (libraries === undefined)
    throw new Error(`the jars of ${platform} are missing: run scripts/fetch-rivals.sh`);
  const sources = globSync(`${root}bench/java/*.java`).filter((file) =>
    platform === 'flink'
      ? [...SHARED, ...FLINK_ONLY].includes(basename(file))
      : !FLINK_ONLY.includes(basename(file)),
  );
  const classes = `${root}.cache/bench-classes/${platform}-${digestOf(sources)}`;
  const stamp = `${classes}/compiled`;
  if (!existsSync(stamp)) {
    if (!hasCommand('javac')) throw new Error('javac is missing: the benchmarks need a Java development kit');
    mkdirSync(classes, { recursive: true });
    const args = ['-proc:none', '-nowarn', '-d', classes, '-cp', libraries, ...sources];
    const { code, stderr } = await runProgram('javac', args, { timeoutMs: 120_000 });
    if (code !== 0) throw new Error(`javac: ${stderr}`);
    writeFileSync(stamp, '');
  }
  return `${classes}:${libraries}`;
}

function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files.toSorted()) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

export interface JavaProgram {
  readonly platform?: Platform;
  readonly heapMb?: number;
  readonly timeoutMs: number;
  /** Called with each line of standard output. */
  readonly onLine?: (line: string) => void;
}

/** No program outlives the benchmark. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

/** Runs a program of bench/java with `name=value` arguments to its end; resolves with its lines, throws on a failure. */
export async function runJava(
  className: string,
  values: Readonly<Record<string, string | number | boolean>>,
  program: JavaProgram,
): Promise<string[]> {
  const platform = program.platform ?? 'kafka';
  const args = [
    ...[`-Xmx${program.heapMb ?? 1024}m`, QUIET, ...(platform === 'flink' ? FLINK_OPENS : [])],
    ...['-cp', await programs(platform), className],
    ...Object.entries(values).map(([name, value]) => `${name}=${value}`),
  ];
  const child = spawn('java', args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: program.timeoutMs });
  running.add(child);
  const lines: string[] = [];
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    if (errors.length < 20_000) errors += chunk.toString();
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    program.onLine?.(line);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  running.delete(child);
  if (code !== 0) {
    const why = code === null ? `ended after ${program.timeoutMs} ms` : `failed with ${code}`;
    throw new Error(`${className} ${why}: ${errors.trim().slice(0, 2_000)}`);
  }
  return lines;
}

/** The rival of everything that is not SQL. */
export const KAFKA = `Apache Kafka ${jarVersion('kafka', 'kafka-clients')}`;
