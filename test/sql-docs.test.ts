// docs/sql/: every function and statement has an example, and every example gives what it says.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { functionOf, sqlDocs } from '../scripts/write-sql-docs.ts';
import { valueToText } from '../src/data/value-text.ts';
import type { ListSubject, Statement } from '../src/sql/ast.ts';
import { analyseText, evaluateText } from '../src/sql/expression-test-kit.ts';
import { describeFunctions } from '../src/sql/functions/describe.ts';
import { ROWS_EXAMPLES, type RowsExample } from '../src/sql/functions/rows.examples.ts';
import { SCALAR_EXAMPLES } from '../src/sql/functions/scalar.examples.ts';
import { openTestMillrace } from '../src/testing/kit/test-millrace.ts';
import { runPage, statementsOf } from './support/doc-page.ts';

const functions = describeFunctions();
const known = new Set(functions.map(({ name }) => name));

describe('the pages of functions', () => {
  it('have every function, and an example of each', () => {
    assert.deepEqual(sqlDocs().homeless, []);
    const shown = new Set(
      [...SCALAR_EXAMPLES.map(([call]) => call), ...ROWS_EXAMPLES.map(({ call }) => call)].map(functionOf),
    );
    assert.deepEqual(
      functions.filter(({ name }) => !shown.has(name)).map(({ name }) => name),
      [],
    );
  });

  it('have examples of nothing else', () => {
    const shown = [...SCALAR_EXAMPLES.map(([call]) => call), ...ROWS_EXAMPLES.map(({ call }) => call)].map(
      functionOf,
    );
    assert.deepEqual(
      shown.filter((name) => !known.has(name)),
      [],
    );
  });

  it('are what scripts/write-sql-docs.ts writes', () => {
    for (const [file, text] of sqlDocs().pages) assert.equal(readFileSync(file, 'utf8'), text, file);
  });

  it('show what expressions come to', () => {
    for (const [expression, value] of SCALAR_EXAMPLES) {
      const found = evaluateText(expression);
      assert.equal(valueToText(analyseText(expression).type)(found), value, expression);
    }
  });

  it('show what rows come to', async () => {
    await using m = await openTestMillrace();
    for (const [n, example] of ROWS_EXAMPLES.entries()) {
      assert.deepEqual(await resultOf(m, example, `s${n}`), example.gives, example.call);
    }
  });
});

/** As text: of an aggregate the last result, of a table function all. */
async function resultOf(
  m: Awaited<ReturnType<typeof openTestMillrace>>,
  { call, columns, rows }: RowsExample,
  name: string,
): Promise<string[]> {
  const isAggregate =
    functions.find((candidate) => candidate.name === functionOf(call))?.type === 'AGGREGATE';
  await m.sql(
    `CREATE STREAM ${name} (g INT KEY, ${columns}) WITH (KAFKA_TOPIC='${name}', VALUE_FORMAT='JSON', PARTITIONS=1);`,
  );
  const names = columns.split(/,(?![^<]*>)/).map((column) => column.trim().split(' ')[0]);
  for (const row of rows) await m.sql(`INSERT INTO ${name} (g, ${names.join(', ')}) VALUES (1, ${row});`);
  // As text by SQL itself: CAST prints every type.
  const text = `CAST(${call} AS VARCHAR)`;
  const push = await m.push<{ TEXT: string | null }>(
    isAggregate
      ? `SELECT g, ${text} AS text FROM ${name} GROUP BY g EMIT CHANGES;`
      : `SELECT ${call} AS text FROM ${name} EMIT CHANGES;`,
  );
  const found = (await push.take()).map(({ TEXT }) => plainText(TEXT));
  push.close();
  return isAggregate ? found.slice(-1) : found;
}

function plainText(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? `[${value.map(plainText).join(', ')}]` : String(value);
}

const pages = globSync('docs/sql/*.md').filter((file) => !file.includes('functions-'));

/** Every kind of statement has an example; the text says why one has none. */
const STATEMENTS: Record<Statement['kind'], true | string> = {
  query: true,
  createSource: true,
  createAs: true,
  insertInto: true,
  insertValues: true,
  drop: true,
  alter: true,
  createType: true,
  dropType: true,
  createConnector: true,
  dropConnector: true,
  describeConnector: true,
  list: true,
  describe: true,
  describeAll: true,
  describeFunction: true,
  explain: true,
  explainStatement: true,
  print: true,
  terminate: true,
  pause: true,
  resume: true,
  set: true,
  unset: true,
  alterSystem: true,
  define: true,
  undefine: true,
  runScript: 'the shell and tests run it, not the server',
  assertTopic: true,
  assertSchema: true,
};

/** And so has everything that can be listed. */
const LISTS: Record<ListSubject, true> = {
  PROPERTIES: true,
  TOPICS: true,
  STREAMS: true,
  TABLES: true,
  FUNCTIONS: true,
  QUERIES: true,
  TYPES: true,
  VARIABLES: true,
  CONNECTORS: true,
  'CONNECTOR PLUGINS': true,
};

describe('the pages of statements', () => {
  for (const file of pages) it(`${file} has examples that give what it says`, () => runPage(file));

  it('have an example of every statement', () => {
    const statements = pages.flatMap(statementsOf).map(({ statement }) => statement);
    const shown = new Set<string>(statements.map(({ kind }) => kind));
    const wanted = Object.entries(STATEMENTS).filter(([, reason]) => reason === true);
    assert.deepEqual(
      wanted.filter(([kind]) => !shown.has(kind)).map(([kind]) => kind),
      [],
    );
    const listed = new Set<string>(statements.flatMap((s) => (s.kind === 'list' ? [s.subject] : [])));
    assert.deepEqual(
      Object.keys(LISTS).filter((subject) => !listed.has(subject)),
      [],
    );
  });
});
