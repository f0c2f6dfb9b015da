import { type PlainRow, PowerCut, type TestMillrace } from '../../src/testing/kit/test-millrace.ts';
import { DECLARATIONS, type Event, type RandomCase, type RandomPlan, statementsOf } from './random-plan.ts';

/** What a run ended with; rows are in an order of their own. */
export interface Outcome {
  readonly mid: readonly PlainRow[];
  readonly agg: readonly PlainRow[] | undefined;
  readonly top: readonly PlainRow[] | undefined;
}

/** What is done to a server, and what is done to it meanwhile. */
export interface Story {
  readonly statements: readonly string[];
  readonly writes: readonly (() => Promise<void>)[];
  /** How many writes are made before the queries are waited for, in turn. */
  readonly chunks: readonly number[];
  /** Calls on the file system after which power is cut, each counted from the last start. */
  readonly crashes: readonly number[];
  readonly seed: number;
}

/** The statements first, then the rows, in chunks, with power cuts; what was being written at one is there or not. */
export async function runStory(story: Story, m: TestMillrace): Promise<void> {
  const crashes = [...story.crashes];
  const arm = () => {
    const next = crashes.shift();
    if (next !== undefined) m.crashAtFileCall(next, { seed: story.seed });
  };
  /** False: it was cut off. */
  const survive = async (work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      await m.restart();
      arm();
      return false;
    }
  };
  arm();
  for (const statement of story.statements) while (!(await survive(() => m.sql(statement))));
  let at = 0;
  for (let chunk = 0; at < story.writes.length; chunk++) {
    const until = at + (story.chunks[chunk % story.chunks.length] as number);
    const writes = story.writes.slice(at, until);
    const all = async () => {
      for (const write of writes) await write();
    };
    await survive(() => m.together(all));
    at = until;
  }
  // A crash that is still to come must not come into what is asked now.
  m.crashAtFileCall(Number.POSITIVE_INFINITY);
}

export async function runIncrementally(test: RandomCase, m: TestMillrace): Promise<void> {
  const { chunks, crashes, seed } = test;
  const statements = [DECLARATIONS, ...statementsOf(test.plan)];
  const writes = test.events.map((event) => () => write(m, [event]));
  await runStory({ statements, writes, chunks, crashes, seed }, m);
}

/** The rows first, then the queries, which find them all. */
export async function runAtOnce(plan: RandomPlan, events: readonly Event[], m: TestMillrace): Promise<void> {
  await m.sql(DECLARATIONS);
  await m.together(() => write(m, events));
  for (const statement of statementsOf(plan)) await m.sql(statement);
}

export async function outcomeOf(plan: RandomPlan, m: TestMillrace, suffix = ''): Promise<Outcome> {
  const rows = async (name: string) => sorted(await m.rows(`SELECT * FROM ${name}${suffix};`));
  return {
    mid: await rows('mid'),
    agg: plan.group ? await rows('agg') : undefined,
    // A group that has lost all its rows stays, with none; which groups ever were depends on how updates were merged.
    top: plan.onTop ? (await rows('top')).filter((row) => row.GROUPS !== 0) : undefined,
  };
}

/** What is in the sources' topics, in the order of time: a cut-off write may have left a part. */
export async function eventsIn(m: TestMillrace): Promise<Event[]> {
  const rows = (await m.records('s')).map(({ key, value, timestampMs }) => ({
    into: 'S' as const,
    row: [key?.K ?? null, value?.A, value?.B, value?.T] as Event['row'],
    timestampMs,
  }));
  const towns = (await m.records('towns')).map(({ key, value, timestampMs }) => ({
    into: 'TOWNS' as const,
    row: [key?.NAME, value?.V ?? null] as Event['row'],
    timestampMs,
  }));
  return [...rows, ...towns].toSorted((a, b) => a.timestampMs - b.timestampMs);
}

export function sorted<Row>(rows: readonly Row[]): Row[] {
  const text = (row: Row) => JSON.stringify(row);
  return rows.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}

async function write(m: TestMillrace, events: readonly Event[]): Promise<void> {
  for (const { into, row, timestampMs } of events) {
    const moment = m.at(timestampMs);
    if (into === 'S') {
      const [k, a, b, t] = row;
      await moment.insert('s', { k, a, b, t });
    } else if (row[1] === null) await moment.delete('towns', { name: row[0] });
    else await moment.insert('towns', { name: row[0], v: row[1] });
  }
}
