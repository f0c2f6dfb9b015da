import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { jarVersion } from './java.ts';
import type { Run } from './results.ts';
import type { Usage } from './statistics.ts';

const root = new URL('../../', import.meta.url);

/** Where the figures come from: machine, versions, commit. */
export function describeRun(now: Date): Run {
  return {
    takenAt: now.toISOString(),
    commit: commit(),
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown CPU',
      cores: availableParallelism(),
      memoryGib: Math.round(totalmem() / 2 ** 30),
      system: `${process.platform} ${release()}`,
    },
    versions: {
      millrace: version(),
      node: process.version,
      java: firstLine('java', ['-version']),
      kafka: jarVersion('kafka', 'kafka-clients'),
      flink: jarVersion('flink', 'flink-clients'),
    },
  };
}

/** One line for the terminal. */
export function machineLine({ machine, versions, commit }: Run): string {
  return (
    `${machine.cores} x ${machine.cpu}, ${machine.memoryGib} GiB, ${machine.system}; Node ${versions.node}, ` +
    `Java ${versions.java}; Millrace ${versions.millrace} (${commit}), Kafka ${versions.kafka}, Flink ${versions.flink}`
  );
}

function commit(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
    const changed = git('status', '--porcelain', '--', 'src', 'bench', ':!bench/results') !== '';
    return git('rev-parse', '--short', 'HEAD') + (changed ? ' with changes' : '');
  } catch {
    return 'no repository';
  }
}

function version(): string {
  return (JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string }).version;
}

/** `java -version` says it on standard error: openjdk version "17.0.15" ... */
function firstLine(command: string, args: string[]): string {
  try {
    const text = execFileSync('sh', ['-c', `${command} ${args.join(' ')} 2>&1`], { encoding: 'utf8' });
    return text.match(/"([^"]+)"/)?.[1] ?? text.split('\n')[0] ?? '';
  } catch {
    return 'missing';
  }
}

/** What a process has used so far (Linux). */
export function usageOf(pid: number): { cpuSeconds: number; residentMb: number; peakMb: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const clockTicksPerSecond = 100;
  const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytes = (name: string) =>
    Number(status.match(new RegExp(`${name}:\\s+(\\d+) kB`))?.[1] ?? 0) / 1024;
  return { cpuSeconds, residentMb: megabytes('VmRSS'), peakMb: megabytes('VmHWM') };
}

/** Starts to measure what a process uses from now on; the function returned tells. */
export function watchUsage(pid: number): () => Usage {
  try {
    // Linux: 5 sets the peak resident size back to the current one.
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Without the right to, the peak is that since its start.
  }
  const before = usageOf(pid).cpuSeconds;
  return () => {
    const { cpuSeconds, peakMb } = usageOf(pid);
    return { cpuSeconds: cpuSeconds - before, peakMb };
  };
}

export async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
