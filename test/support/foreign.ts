import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** What a finished foreign program left behind. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end (killed after `timeoutMs`). Never throws for an exit code. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: {
    readonly input?: string;
    readonly timeoutMs?: number;
    readonly env?: Record<string, string>;
  } = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, ...options.env },
      timeout: options.timeoutMs ?? 60_000,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(options.input ?? '');
  });
}

export function hasCommand(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

/** Class path of Apache Kafka 4.1 as scripts/fetch-rivals.sh left it; undefined when Java or the jars are missing. */
export function kafkaClasspath(): string | undefined {
  const file = new URL('../../.cache/kafka/classpath.txt', import.meta.url);
  const classpath =
    process.env.MILLRACE_KAFKA_CLASSPATH ?? (existsSync(file) ? readFileSync(file, 'utf8').trim() : '');
  return classpath !== '' && hasCommand('java') ? classpath : undefined;
}

/** Runs a class of Apache Kafka. */
export function java(
  className: string,
  args: readonly string[],
  options: { readonly input?: string; readonly timeoutMs?: number } = {},
): Promise<Finished> {
  const flags = [
    '-Xmx512m',
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  ];
  return runProgram('java', [...flags, '-cp', kafkaClasspath() ?? '', className, ...args], options);
}

/** The Python with confluent-kafka that scripts/fetch-rivals.sh made. */
export function confluentPython(): string | undefined {
  const python = new URL('../../.cache/python/bin/python', import.meta.url).pathname;
  return existsSync(python) ? python : undefined;
}

/** The same Python, if its serializers for the schema registry are there too. */
export function confluentSerializers(): string | undefined {
  const python = confluentPython();
  const modules = ['avro', 'json_schema', 'protobuf'].map(
    (name) => `confluent_kafka.schema_registry.${name}`,
  );
  const isThere = python && spawnSync(python, ['-c', `import ${modules.join(', ')}`]).status === 0;
  return isThere ? python : undefined;
}
