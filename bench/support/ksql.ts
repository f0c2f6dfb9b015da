import type { Millrace } from './brokers.ts';
import { sleep } from './machine.ts';

interface Overview {
  readonly topics: { name: string; partitions: { partition: number; highWatermark: number }[] }[];
  readonly queries: QueryPosition[];
}

interface QueryPosition {
  readonly id: string;
  readonly state: string;
  readonly positions: { topic: string; partition: number; offset: number }[];
}

/** The server would not have the statement: it says why. */
export class Refused extends Error {}

/** Runs statements; answers with the id of the query that the last of them started, if it did. */
export async function statement(
  server: Millrace,
  ksql: string,
  properties: Readonly<Record<string, string>> = {},
): Promise<string> {
  const streamsProperties = { 'auto.offset.reset': 'earliest', ...properties };
  const response = await fetch(`${server.http}/ksql`, {
    method: 'POST',
    body: JSON.stringify({ ksql, streamsProperties }),
  });
  const text = await response.text();
  if (response.status >= 500) throw new Error(text);
  if (response.status !== 200) throw new Refused(messageOf(text));
  const entities = JSON.parse(text) as { commandStatus?: { queryId?: string | null } }[];
  return entities.at(-1)?.commandStatus?.queryId ?? '';
}

function messageOf(body: string): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? body;
  } catch {
    return body;
  }
}

/** All rows of a pull query. */
export async function pull(server: Millrace, sql: string): Promise<unknown[][]> {
  return (await pullTable(server, sql)).rows;
}

/** The same with the names of its columns. */
export async function pullTable(
  server: Millrace,
  sql: string,
): Promise<{ readonly columnNames: readonly string[]; readonly rows: unknown[][] }> {
  const response = await fetch(`${server.http}/query-stream`, {
    method: 'POST',
    headers: { Accept: 'application/json' },
    body: JSON.stringify({ sql }),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(messageOf(text));
  const [{ columnNames }, ...rows] = JSON.parse(text) as [{ columnNames: string[] }, ...unknown[][]];
  return { columnNames, rows };
}

async function overview(server: Millrace): Promise<Overview> {
  return (await (await fetch(`${server.http}/api/overview`)).json()) as Overview;
}

/** Resolves when the queries have committed everything that the topic holds. */
export async function caughtUp(
  server: Millrace,
  queryIds: readonly string[],
  topic: string,
  timeoutMs = 600_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { topics, queries } = await overview(server);
    const ends = topics.find(({ name }) => name === topic)?.partitions ?? [];
    const behind = queryIds.filter((id) => {
      const query = queries.find((candidate) => candidate.id === id);
      return query === undefined || !hasRead(query, topic, ends);
    });
    if (behind.length === 0) return;
    if (performance.now() > deadline) {
      const states = queries.filter(({ id }) => behind.includes(id)).map(({ id, state }) => `${id} ${state}`);
      throw new Error(`not caught up with ${topic} after ${timeoutMs} ms: ${states.slice(0, 3).join(', ')}`);
    }
    await sleep(25);
  }
}

function hasRead(
  { id, state, positions }: QueryPosition,
  topic: string,
  ends: Overview['topics'][number]['partitions'],
): boolean {
  if (state === 'ERROR') throw new Error(`query ${id} is in state ERROR`);
  return ends.every(({ partition, highWatermark }) => {
    const position = positions.find((at) => at.topic === topic && at.partition === partition);
    return (position?.offset ?? 0) >= highWatermark;
  });
}
