import { keepConnected, type LinkState } from '../shared/follow.ts';

export interface Position {
  readonly topic: string;
  readonly partition: number;
  /** The next record it will read. */
  readonly offset: number;
}

export interface TopicOverview {
  readonly name: string;
  readonly internal: boolean;
  readonly partitions: readonly {
    readonly partition: number;
    readonly logStartOffset: number;
    readonly highWatermark: number;
  }[];
}

export interface QueryOverview {
  readonly id: string;
  readonly sql: string;
  readonly state: string;
  readonly sources: readonly string[];
  readonly sink: string | null;
  readonly consumed: number;
  readonly produced: number;
  readonly errors: number;
  readonly positions: readonly Position[];
}

export interface GroupOverview {
  readonly groupId: string;
  readonly state: string;
  readonly positions: readonly Position[];
}

/** The answer of `/api/overview`, as far as this page uses it. */
export interface Overview {
  readonly version: string;
  readonly kafkaAddress: string;
  readonly httpAddress: string;
  readonly registryAddress: string;
  readonly uptimeMs: number;
  readonly topics: readonly TopicOverview[];
  readonly queries: readonly QueryOverview[];
  readonly groups: readonly GroupOverview[];
}

export interface LogRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: unknown;
  readonly value: unknown;
}

/** The server's state now and after each change. */
export function followOverview(
  onOverview: (overview: Overview) => void,
  onState: (state: LinkState) => void,
): Promise<never> {
  return keepConnected(
    (signal, opened) =>
      new Promise((_resolve, reject) => {
        const source = new EventSource('/api/overview/stream');
        const close = (): void => {
          source.close();
          reject(new Error('the stream of overviews has ended'));
        };
        source.addEventListener('open', opened);
        source.addEventListener('overview', ({ data }) => onOverview(JSON.parse(data) as Overview));
        // EventSource would try again on its own, but blindly; keepConnected knows about hidden pages.
        source.addEventListener('error', close);
        signal.addEventListener('abort', close);
      }),
    onState,
  );
}

/** `from` below 0 counts from the end. */
export async function readRecords(
  topic: string,
  partition: number,
  from: number,
  limit: number,
): Promise<readonly LogRecord[]> {
  const path = `/api/topics/${encodeURIComponent(topic)}/records?partition=${partition}&from=${from}&limit=${limit}`;
  const response = await fetch(path);
  if (!response.ok) return [];
  return ((await response.json()) as { records: LogRecord[] }).records;
}

/** Topics people made or asked for; not those in which the server and its queries keep their own state. */
export function shownTopics({ topics }: Overview): TopicOverview[] {
  return topics.filter(({ name, internal }) => !internal && !name.startsWith('_'));
}

export function recordCount(topic: TopicOverview): number {
  return topic.partitions.reduce(
    (sum, { logStartOffset, highWatermark }) => sum + highWatermark - logStartOffset,
    0,
  );
}

/** How far the readers of `positions` are from the ends of what they read. */
export function lagOf(positions: readonly Position[], topics: readonly TopicOverview[]): number {
  return positions.reduce((sum, { topic, partition, offset }) => {
    const found = topics
      .find(({ name }) => name === topic)
      ?.partitions.find((one) => one.partition === partition);
    return sum + Math.max(0, (found?.highWatermark ?? offset) - offset);
  }, 0);
}

/** Change per second of counters, over the last few seconds. */
export class Rates {
  readonly #samples = new Map<string, { atMs: number; count: number }[]>();

  add(name: string, count: number, atMs: number): void {
    const samples = this.#samples.get(name) ?? [];
    this.#samples.set(name, samples);
    samples.push({ atMs, count });
    while (samples.length > 2 && samples[1]!.atMs <= atMs - 3_000) samples.shift();
  }

  perSecond(name: string, nowMs: number): number {
    const first = this.#samples.get(name)?.[0];
    const last = this.#samples.get(name)?.at(-1);
    if (first === undefined || last === undefined || nowMs - first.atMs < 500) return 0;
    return Math.max(0, ((last.count - first.count) * 1_000) / (nowMs - first.atMs));
  }
}
