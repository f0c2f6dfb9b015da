import { KsqlError } from '../../../src/engine/service/ksql-error.ts';
import { sourceDifference } from './check-sources.ts';
import { difference } from './compare.ts';
import { decodePart, encodePart, partsOf } from './encode.ts';
import type { Case, CaseRecord } from './expand.ts';
import type { QueryRun } from './isolated-engine.ts';
import { writeJson } from './json-text.ts';
import { encodeKey, splitKey, windowDifference } from './windowed-key.ts';
import type { WireRecord } from './wire-record.ts';
import { statementsOf, World } from './world.ts';

export type Outcome =
  /** `saysSo`: an error came, in the words expected or in our own. */
  | { readonly kind: 'passed'; readonly saysSo?: boolean }
  | { readonly kind: 'failed'; readonly reason: string }
  /** Its file says that it is not to be run. */
  | { readonly kind: 'skipped' };

/** A refusal for want of a feature is not the refusal that a case asks for. */
const NOT_YET = /not supported yet/;

/** Where a case ended in an error. Parse errors are errors of a statement: where the line lies is ours to say. */
type Stage = 'statement' | 'server' | 'query';

interface Failure {
  readonly stage: Stage;
  readonly message: string;
}

/**
 * Runs one case:
 *
 *   statements --> queries --+
 *   inputs ----> lists ------+--> each query to its end, in the order of creation --> lists --> compared
 */
export async function runCase(test: Case): Promise<Outcome> {
  if (test.isDisabled) return { kind: 'skipped' };
  const world = await World.create(test);
  try {
    const failure = (await runStatements(test, world)) ?? (await runQueries(test, world));
    const reason = failure ? errorDifference(test, failure) : await resultDifference(test, world);
    if (reason !== undefined) return { kind: 'failed', reason };
    if (!failure || !test.expectedError) return { kind: 'passed' };
    return { kind: 'passed', saysSo: failure.message.includes(test.expectedError.message) };
  } catch (error) {
    return { kind: 'failed', reason: `cannot be run: ${(error as Error).message}` };
  } finally {
    await world.close();
  }
}

async function runStatements(test: Case, world: World): Promise<Failure | undefined> {
  const statements = statementsOf(test);
  for (const [index, text] of statements.entries()) {
    try {
      await world.execute(text);
    } catch (error) {
      const message = `${(error as Error).message} [statement ${index + 1}]`;
      const isRefused = error instanceof KsqlError && error.httpStatus < 500 && !NOT_YET.test(message);
      return { stage: isRefused && index === statements.length - 1 ? 'statement' : 'server', message };
    }
  }
  return undefined;
}

async function runQueries(test: Case, world: World): Promise<Failure | undefined> {
  for (const input of test.inputs) world.list(input.topic).push(await wireRecord(input, world));
  for (const run of world.engine.runs) {
    try {
      await runQuery(run, test, world);
    } catch (error) {
      return { stage: 'query', message: (error as Error).message };
    }
  }
  return undefined;
}

/** First what the case gives, in its order, then what earlier statements and queries left in the other topics. */
async function runQuery(run: QueryRun, test: Case, world: World): Promise<void> {
  const given = test.inputs.filter(({ topic }) => run.sourceTopics.includes(topic));
  for (const input of given) await run.pipe(input.topic, await wireRecord(input, world));
  for (const topic of run.sourceTopics) {
    if (test.inputs.some((input) => input.topic === topic)) continue;
    for (const record of [...world.list(topic)]) await run.pipe(topic, record);
  }
  world.list(run.plan.sink.topic).push(...(await run.results()));
}

async function wireRecord(record: CaseRecord, world: World): Promise<WireRecord> {
  const parts = partsOf(world.sourceOf(record.topic), world.schemas);
  return {
    key: await encodeKey(record, parts.key),
    value: await encodePart(record.value, parts.value),
    timestampMs: record.timestampMs ?? 0,
    headers: record.headers,
  };
}

function errorDifference({ expectedError }: Case, { stage, message }: Failure): string | undefined {
  if (!expectedError) return `error in ${stage}: ${message}`;
  const wanted: Stage = expectedError.type.includes('StreamsException') ? 'query' : 'statement';
  return stage === wanted ? undefined : `expected an error in ${wanted}, came in ${stage}: ${message}`;
}

async function resultDifference(test: Case, world: World): Promise<string | undefined> {
  return (
    (await outputDifference(test, world)) ??
    (test.expectedError && `no error came: ${test.expectedError.message}`) ??
    (world.engine.runs.length === 0 && !test.expectedError ? 'no query was made' : undefined) ??
    firstDefined(test.expectedSources, (expected) => sourceDifference(expected, world.sources()))
  );
}

async function outputDifference(test: Case, world: World): Promise<string | undefined> {
  if (test.expectedError) return undefined;
  const expected = Map.groupBy(test.outputs, ({ topic }) => topic);
  const last = world.engine.runs.at(-1);
  // An empty list of outputs means: nothing comes out.
  if (expected.size === 0 && last && !test.inputs.some(({ topic }) => topic === last.plan.sink.topic))
    expected.set(last.plan.sink.topic, []);
  for (const [topic, records] of expected) {
    const found = await topicDifference(topic, records, test, world);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function topicDifference(
  topic: string,
  expected: readonly CaseRecord[],
  test: Case,
  world: World,
): Promise<string | undefined> {
  const source = world.sourceOf(topic);
  const parts = partsOf(source, world.schemas);
  const decoded = world.list(topic).map(async (record) => {
    const { key, window } = splitKey(record.key, source);
    return {
      key: await decodePart(key, parts.key),
      window,
      value: await decodePart(record.value, parts.value),
      timestampMs: record.timestampMs,
      headers: record.headers,
    };
  });
  const actual = await Promise.all(decoded);
  const comparison = { loose: test.comparesDoublesLoosely };
  const found = firstDefined(expected, (record, index) => {
    const got = actual[index];
    if (!got) return `record ${index}: missing`;
    const isTimeChecked =
      record.timestampMs !== undefined && !(test.inputs.length === 0 && record.timestampMs === 0);
    const reason =
      difference(record.key, got.key, comparison, 'key') ??
      difference(record.value, got.value, comparison, 'value') ??
      (isTimeChecked && record.timestampMs !== got.timestampMs
        ? `timestamp: expected ${record.timestampMs}, got ${got.timestampMs}`
        : undefined) ??
      windowDifference(record.window, got.window) ??
      headersDifference(record.headers, got.headers);
    return reason && `record ${index}: ${reason}`;
  });
  if (found !== undefined) return `${topic}: ${found}`;
  const extra = actual[expected.length];
  return (
    extra &&
    `${topic}: more than ${expected.length} records: ${writeJson(extra.key)} ${writeJson(extra.value)}`
  );
}

function headersDifference(
  expected: CaseRecord['headers'],
  actual: WireRecord['headers'],
): string | undefined {
  const text = (headers: WireRecord['headers']) =>
    headers.map(({ key, value }) => `${key}=${value && Buffer.from(value).toString('base64')}`).join();
  return text(expected) === text(actual)
    ? undefined
    : `headers: expected ${text(expected)}, got ${text(actual)}`;
}

function firstDefined<Item>(
  items: readonly Item[],
  check: (item: Item, index: number) => string | undefined,
): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = check(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}
