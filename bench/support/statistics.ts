/** What one process used during a round. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

/** One round of one side. */
export interface Measured {
  readonly value: number;
  /** By process name: `server`, `broker`, `application`. */
  readonly processes?: Readonly<Record<string, Usage>>;
  /** How many events or records the processes worked on: what CPU seconds are divided by. */
  readonly work?: number;
}

/** All rounds of one side: what the results keep. */
export interface Figure {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
  readonly cpuSeconds?: number;
  readonly peakMb?: number;
  readonly work?: number;
  readonly processes?: Readonly<Record<string, Usage>>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[middle - 1] ?? 0, sorted[middle] ?? 0];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

/** The smallest value that at least `share` of the values do not exceed; `sorted` ascending. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const index = Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1));
  return sorted[index] ?? Number.NaN;
}

export function figureOf(rounds: readonly Measured[]): Figure {
  const values = rounds.map(({ value }) => value);
  const figure = {
    median: rounded(median(values)),
    min: rounded(Math.min(...values)),
    max: rounded(Math.max(...values)),
    rounds: rounds.length,
  };
  const processes = usageByProcess(rounds);
  if (processes === undefined) return figure;
  const usages = Object.values(processes);
  const work = rounds.flatMap((round) => round.work ?? []);
  return {
    ...figure,
    cpuSeconds: rounded(usages.reduce((sum, usage) => sum + usage.cpuSeconds, 0)),
    peakMb: rounded(usages.reduce((sum, usage) => sum + usage.peakMb, 0)),
    ...(work.length > 0 ? { work: median(work) } : {}),
    processes,
  };
}

/** Median of the CPU time and highest memory of each process. */
function usageByProcess(rounds: readonly Measured[]): Record<string, Usage> | undefined {
  const names = new Set(rounds.flatMap(({ processes }) => Object.keys(processes ?? {})));
  if (names.size === 0) return undefined;
  return Object.fromEntries(
    [...names].map((name) => {
      const usages = rounds.flatMap(({ processes }) => processes?.[name] ?? []);
      return [
        name,
        {
          cpuSeconds: rounded(median(usages.map(({ cpuSeconds }) => cpuSeconds))),
          peakMb: rounded(Math.max(...usages.map(({ peakMb }) => peakMb))),
        },
      ];
    }),
  );
}

/** To the precision that a figure of a benchmark has. */
export function rounded(value: number): number {
  return Number(value.toPrecision(5));
}
