import type { Usage } from './statistics.ts';

/** One `progress` or `done` line of a rival application. */
interface Sample {
  readonly seconds: number;
  readonly events: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

export interface SteadyRate {
  /** Events a second once it runs: the better of two slopes, so that a JVM is not measured while it warms up. */
  readonly steady: number;
  /** From the first event on. */
  readonly fromFirst: number;
  /** From the start of the JVM on, as a user waits for it. */
  readonly fromStart: number;
  readonly processed: number;
  readonly application: Usage;
}

const WARM_UP_SHARE = 0.5;

/** What the lines of a rival application say about its speed. */
export function steadyRate(lines: readonly string[]): SteadyRate {
  const samples = lines.flatMap((line) => sampleOf(line) ?? []);
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.events === 0) {
    throw new Error(`the rival processed nothing: ${lines.slice(-3).join(' | ')}`);
  }
  const warmAt = first.seconds + (last.seconds - first.seconds) * WARM_UP_SHARE;
  const warm = samples.find((sample) => sample.seconds >= warmAt && sample.events > 0) ?? first;
  const fromFirst = slope(first, last);
  return {
    steady: Math.max(fromFirst, slope(warm, last)),
    fromFirst,
    fromStart: last.events / last.seconds,
    processed: last.events,
    application: { cpuSeconds: last.cpuSeconds - first.cpuSeconds, peakMb: last.peakMb },
  };
}

export function lastSample(lines: readonly string[]): Sample {
  const last = lines.flatMap((line) => sampleOf(line) ?? []).at(-1);
  if (last === undefined) throw new Error(`the rival said nothing of itself: ${lines.slice(-3).join(' | ')}`);
  return last;
}

function sampleOf(line: string): Sample | undefined {
  const match = line.match(/^(?:progress|done) ([\d.]+) (\d+) ([\d.]+) ([\d.]+)$/);
  if (!match) return undefined;
  const [seconds, events, cpuSeconds, peakMb] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  return { seconds, events, cpuSeconds, peakMb };
}

/** Zero where two samples are too close to tell. */
function slope(from: Sample, to: Sample): number {
  const seconds = to.seconds - from.seconds;
  return seconds < 0.05 ? 0 : (to.events - from.events) / seconds;
}
