import { readCommitted } from '../../../src/engine/read-committed.ts';
import { CaseSchemas } from './case-schemas.ts';
import { difference } from './compare.ts';
import { decodePart, encodePart, partsOf } from './encode.ts';
import type { Case, CaseRecord } from './expand.ts';
import { isArray, isObject, type Json, type JsonObject, parseJson, writeJson } from './json-text.ts';
import { readableRows } from './protobuf-answer.ts';
import { RestServer } from './rest-server.ts';
import type { Outcome } from './run-case.ts';
import { encodeKey, splitKey, windowDifference } from './windowed-key.ts';
import { wireRecordOf } from './wire-record.ts';
import { parsedStatementsOf, statementsOf, topicsBefore } from './world.ts';

const COMPARISON = { loose: false };

interface Answer {
  readonly kind: 'admin' | 'query' | 'queryProto';
  readonly body: Json;
}

/**
 * Runs one case of the REST suite:
 *
 *   admin statements --> POST /ksql --+
 *   inputs ---> topics, read by the persistent queries --> SELECTs --> POST /query --> answers compared
 */
export async function runRestCase(test: Case): Promise<Outcome> {
  if (test.isDisabled) return { kind: 'skipped' };
  const schemas = new CaseSchemas(test);
  for (const statement of parsedStatementsOf(test)) schemas.before(statement);
  const server = await RestServer.start(schemas);
  try {
    for (const [name, partitionCount] of topicsBefore(test))
      await server.topics.create({ name, partitionCount });
    return await runOn(server, test);
  } catch (error) {
    return { kind: 'failed', reason: `cannot be run: ${(error as Error).message}` };
  } finally {
    await server.stop();
  }
}

async function runOn(server: RestServer, test: Case): Promise<Outcome> {
  const { expectedError, queriesFirst } = test.rest;
  const statements = statementsOf(test);
  const first = statements.findIndex((text) => text.startsWith('SELECT '));
  const admin = first < 0 ? statements : statements.slice(0, first);
  const queries = first < 0 ? [] : statements.slice(first);

  const created = await server.post('/ksql', admin.join('\n'), test.properties);
  const entities = parseJson(await created.text());
  if (!created.ok) return errorOutcome(test, entities);
  const answers: Answer[] = (entities as readonly Json[]).map((body) => ({ kind: 'admin', body }));
  const early = queriesFirst ? [await server.post('/query', queries[0] as string, test.properties)] : [];
  await produce(server, test.inputs);
  for (const text of queries) {
    const response = early.shift() ?? (await server.post('/query', text, test.properties));
    const body = parseJson(await response.text());
    if (!response.ok) return errorOutcome(test, body);
    answers.push({ kind: 'query', body });
  }
  for (const text of test.rest.asksForProtobuf ? queries : []) {
    const response = await server.postForProtobuf(text, test.properties);
    answers.push({ kind: 'queryProto', body: readableRows(parseJson(await response.text())) });
  }
  if (expectedError) return { kind: 'failed', reason: `no error came: ${expectedError.message}` };
  const reason = (await outputDifference(server, test)) ?? responsesDifference(test, statements, answers);
  return reason === undefined ? { kind: 'passed' } : { kind: 'failed', reason };
}

function errorOutcome({ rest }: Case, body: Json): Outcome {
  const message = isObject(body) ? String(body.message) : writeJson(body);
  if (!rest.expectedError || /not supported yet/.test(message)) return { kind: 'failed', reason: message };
  return { kind: 'passed', saysSo: message.includes(rest.expectedError.message) };
}

async function produce(server: RestServer, inputs: readonly CaseRecord[]): Promise<void> {
  const sources = server.sources();
  for (const input of inputs) {
    const { topic, value, timestampMs, headers } = input;
    const parts = partsOf(
      sources.find((source) => source.topic === topic),
      server.schemas,
    );
    await server.append(topic, {
      key: await encodeKey(input, parts.key),
      value: await encodePart(value, parts.value),
      timestampMs: timestampMs ?? Date.now(),
      headers,
    });
  }
  await server.settled();
}

/** Partitions have no order among them: each expected record must be somewhere. */
async function outputDifference(server: RestServer, { outputs }: Case): Promise<string | undefined> {
  for (const expected of outputs) {
    const source = server.sources().find(({ topic }) => topic === expected.topic);
    const parts = partsOf(source, server.schemas);
    const [description] = await server.topics.describe([expected.topic]);
    const found: string[] = [];
    let isThere = false;
    for (let partition = 0; partition < (description?.partitionCount ?? 0); partition++) {
      const at = { topic: expected.topic, partition };
      const { highWatermark } = await server.topics.offsets(at);
      await readCommitted(server.topics, at, 0, highWatermark, async (cursor) => {
        const record = wireRecordOf(cursor);
        const { key: keyBytes, window } = splitKey(record.key, source);
        const key = await decodePart(keyBytes, parts.key);
        const value = await decodePart(record.value, parts.value);
        found.push(`${writeJson(key)} ${writeJson(value)} at ${record.timestampMs}`);
        isThere ||=
          difference(expected.key, key, COMPARISON) === undefined &&
          difference(expected.value, value, COMPARISON) === undefined &&
          windowDifference(expected.window, window) === undefined &&
          (expected.timestampMs ?? record.timestampMs) === record.timestampMs;
      });
    }
    if (!isThere)
      return `${expected.topic}: no ${writeJson(expected.key)} ${writeJson(expected.value)} in [${found.join('; ')}]`;
  }
  return undefined;
}

function responsesDifference(
  { rest }: Case,
  statements: readonly string[],
  answers: readonly Answer[],
): string | undefined {
  for (const [index, expected] of rest.responses.entries()) {
    const answer = answers[index];
    if (!answer) return `response ${index}: missing`;
    const wanted = expected[answer.kind];
    if (wanted === undefined) return `response ${index}: an answer of another kind`;
    const reason =
      answer.kind === 'admin'
        ? partDifference(wanted, answer.body, statements[index] ?? '')
        : rowsDifference(wanted as readonly Json[], answer.body as readonly Json[], rest.isOrdered);
    if (reason !== undefined) return `response ${index}: ${reason}`;
  }
  return undefined;
}

/** Only what is expected has to be there. A name may end in `|starts_with`. */
function partDifference(expected: Json, actual: Json, statement = ''): string | undefined {
  if (expected === '{STATEMENT}') return partDifference(statement, actual);
  if (isArray(expected) && isArray(actual) && expected.length === actual.length) {
    const found = expected.map((item, i) => partDifference(item, actual[i] as Json, statement));
    return found.find((reason) => reason !== undefined);
  }
  if (!isObject(expected) || !isObject(actual)) return difference(expected, actual, COMPARISON);
  for (const [field, value] of Object.entries(expected)) {
    const [name = '', rule] = field.split('|');
    const found = actual[name] ?? null;
    const isPrefix = rule === 'starts_with' && String(found).startsWith(String(value));
    const reason = isPrefix ? undefined : partDifference(value, found, statement);
    if (reason !== undefined) return `${name}: ${reason}`;
  }
  return undefined;
}

function rowsDifference(
  expected: readonly Json[],
  actual: readonly Json[],
  isOrdered: boolean,
): string | undefined {
  if (expected.length !== actual.length)
    return `expected ${expected.length} rows, got ${actual.length}: ${writeJson(actual)}`;
  const left = [...actual];
  for (const row of expected) {
    const at =
      isOrdered || !isRow(row) ? 0 : left.findIndex((other) => partDifference(row, other) === undefined);
    const reason =
      at < 0 ? `no row ${writeJson(row)} in ${writeJson(left)}` : partDifference(row, left[at] as Json);
    if (reason !== undefined) return reason;
    left.splice(at, 1);
  }
  return undefined;
}

function isRow(row: Json): boolean {
  return isObject(row) && 'row' in (row as JsonObject);
}
