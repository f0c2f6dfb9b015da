import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { loadCases } from './expand.ts';
import { fallen, passedByFile, raised } from './pass-list.ts';
import { reportText } from './report.ts';
import { type Outcome, runCase } from './run-case.ts';
import { runRestCase } from './run-rest-case.ts';

const folder = mkdtempSync(join(tmpdir(), 'cases-'));
after(() => rmSync(folder, { recursive: true }));

/** Text, not objects: how a number is written is part of a case. */
function write(file: string, ...cases: string[]): void {
  writeFileSync(join(folder, `${file}.json`), `{"tests": [${cases.join(',')}]}`);
}

async function outcomesOf(file: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const test of loadCases(folder, file)) outcomes.push(await runCase(test));
  return outcomes;
}

const BOATS = `"statements": [
    "CREATE STREAM boats (id INT KEY, sail STRING, knots DOUBLE) WITH (kafka_topic='boats', value_format='JSON');",
    "CREATE TABLE fleet AS SELECT sail, COUNT(*) AS n, SUM(knots) AS total FROM boats GROUP BY sail;"],
  "inputs": [
    {"topic": "boats", "key": 1, "value": {"sail": "red", "knots": 2.5}, "timestamp": 7},
    {"topic": "boats", "key": 2, "value": {"SAIL": "red", "knots": 3}, "timestamp": 5},
    {"topic": "boats", "key": 3, "value": null}]`;

const FLEET = `"outputs": [
    {"topic": "FLEET", "key": "red", "value": {"N": 1, "TOTAL": 2.5}, "timestamp": 7},
    {"topic": "FLEET", "key": "red", "value": {"N": 2, "TOTAL": 5.5}, "timestamp": 7}]`;

const POST = `"post": {"sources": [
    {"name": "FLEET", "type": "table", "schema": "SAIL STRING KEY, N BIGINT, TOTAL DOUBLE"}]}`;

function boats(outputs: string, post = POST): string {
  return `{"name": "boats by sail", ${BOATS}, ${outputs}, ${post}}`;
}

describe('the case runner', () => {
  it('passes what comes out as expected', async () => {
    write('right', boats(FLEET));
    assert.deepEqual(await outcomesOf('right'), [{ kind: 'passed' }]);
  });

  const altered: [what: string, from: string, to: string, reason: RegExp][] = [
    ['a value', '"N": 2', '"N": 3', /FLEET: record 1: .*\.N: expected 3, got 2/],
    ['the digits of a number', '5.5', '5.50', /TOTAL: expected 5\.50, got 5\.5/],
    ['a key', '"key": "red", "value": {"N": 1', '"key": "blue", "value": {"N": 1', /record 0: key/],
    ['a timestamp', '"TOTAL": 2.5}, "timestamp": 7', '"TOTAL": 2.5}, "timestamp": 8', /expected 8, got 7/],
    ['a further field', '"N": 1', '"M": null, "N": 1', /record 0: value/],
    ['a further record', '"outputs": [', '"outputs": [{"topic": "FLEET", "value": null},', /record 0/],
    [
      'the last record',
      ',\n    {"topic": "FLEET", "key": "red", "value": {"N": 2, "TOTAL": 5.5}, "timestamp": 7}',
      '',
      /more than 1 records/,
    ],
  ];
  for (const [what, from, to, reason] of altered)
    it(`fails when ${what} is altered`, async () => {
      assert.ok(FLEET.includes(from));
      write('altered', boats(FLEET.replace(from, to)));
      const [outcome] = await outcomesOf('altered');
      assert.equal(outcome?.kind, 'failed');
      assert.match(outcome.reason, reason);
    });

  it('fails when a source is not as described', async () => {
    write(
      'sources',
      boats(FLEET, POST.replace('N BIGINT', 'N INT')),
      boats(FLEET, POST.replace('table', 'stream')),
    );
    const outcomes = await outcomesOf('sources');
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['failed', 'failed'],
    );
  });

  it('reads and writes windows with keys, and compares them', async () => {
    const statements = [
      "CREATE STREAM hours (k INT KEY, n INT) WITH (kafka_topic='hours', value_format='JSON', window_type='TUMBLING', window_size='10 SECONDS');",
      'CREATE STREAM copy AS SELECT k, n, WINDOWSTART AS s FROM hours;',
      "CREATE STREAM visits (k INT KEY, n INT) WITH (kafka_topic='visits', value_format='JSON', window_type='SESSION');",
      'CREATE STREAM stays AS SELECT k, n, WINDOWEND AS e FROM visits;',
    ];
    const record = (topic: string, value: string, window: string) =>
      `{"topic": "${topic}", "key": 7, "value": ${value}, ${window} "timestamp": 3}`;
    const time = '"window": {"start": 10000, "end": 20000, "type": "time"},';
    const session = '"window": {"start": 5, "end": 9, "type": "session"},';
    const test = (copied: string) =>
      `{"name": "windows", "statements": ${JSON.stringify(statements)},
        "inputs": [${record('hours', '{"n": 1}', time)}, ${record('visits', '{"n": 2}', session)}],
        "outputs": [${record('COPY', '{"N": 1, "S": 10000}', copied)}, ${record('STAYS', '{"N": 2, "E": 9}', session)}],
        "post": {"sources": [{"name": "COPY", "type": "stream",
          "keyFormat": {"format": "KAFKA", "windowType": "TUMBLING", "windowSize": 10000}}]}}`;
    write('windows', test(time), test(''), test(session), test(time.replace('20000', '30000')));
    const outcomes = await outcomesOf('windows');
    assert.deepEqual(outcomes[0], { kind: 'passed' });
    for (const outcome of outcomes.slice(1)) {
      assert.equal(outcome.kind, 'failed');
      assert.match(outcome.reason, /COPY: record 0: window: expected .*, got time 10000 to 20000/);
    }
  });

  it('wants an error where one is expected, in the last statement only', async () => {
    const error = '"expectedException": {"type": "KsqlStatementException", "message": "any"}';
    const bad = `"SELECT * FROM nowhere;"`;
    const create = `"CREATE STREAM a (x INT) WITH (kafka_topic='a', value_format='JSON');"`;
    write(
      'errors',
      `{"name": "refused", "statements": [${create}, "CREATE STREAM b AS SELECT y FROM a;"], ${error}}`,
      `{"name": "not refused", "statements": [${create}, "CREATE STREAM b AS SELECT x FROM a;"], ${error}}`,
      `{"name": "too early", "statements": [${bad}, ${create}], ${error}}`,
    );
    const kinds = (await outcomesOf('errors')).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['passed', 'failed', 'failed']);
  });

  it('tells an error in the expected words from one in others', async () => {
    const statements = `"statements": ["CREATE STREAM b AS SELECT y FROM nowhere;"]`;
    const expecting = (message: string) =>
      `{"name": "x", ${statements}, "expectedException": {"type": "KsqlException", "message": "${message}"}}`;
    write('words', expecting('NOWHERE does not exist'), expecting('What?'));
    assert.deepEqual(await outcomesOf('words'), [
      { kind: 'passed', saysSo: true },
      { kind: 'passed', saysSo: false },
    ]);
  });

  it('expands formats and settings, and skips disabled cases', async () => {
    const varied =
      '"format": ["JSON", "DELIMITED"], "config": ["1", "2"], "properties": {"limit": "{CONFIG}"}';
    write(
      'expanded',
      `{"name": "varied", "statements": ["PRINT '{FORMAT}';"], ${varied}}`,
      '{"name": "off", "statements": [], "enabled": false}',
    );
    const [, , , , off] = await outcomesOf('expanded');
    assert.deepEqual(off, { kind: 'skipped' });
    const cases = loadCases(folder, 'expanded').filter(({ isDisabled }) => !isDisabled);
    assert.deepEqual(
      cases.map(({ name, script, properties }) => [name, script, properties.limit]),
      [
        ['expanded - varied - JSON - limit=1', "PRINT 'JSON';", '1'],
        ['expanded - varied - JSON - limit=2', "PRINT 'JSON';", '2'],
        ['expanded - varied - DELIMITED - limit=1', "PRINT 'DELIMITED';", '1'],
        ['expanded - varied - DELIMITED - limit=2', "PRINT 'DELIMITED';", '2'],
      ],
    );
  });

  it('feeds a query from INSERT VALUES and from the query before it', async () => {
    const statements = [
      "CREATE STREAM a (k INT KEY, x INT) WITH (kafka_topic='a', value_format='JSON');",
      'CREATE STREAM b AS SELECT k, x * 2 AS x FROM a;',
      'CREATE STREAM c AS SELECT k, x + 1 AS x FROM b;',
      'INSERT INTO a (k, x) VALUES (1, 20);',
    ];
    const outputs = '"outputs": [{"topic": "C", "key": 1, "value": {"X": 41}}]';
    write('chain', `{"name": "chain", "statements": ${JSON.stringify(statements)}, ${outputs}}`);
    assert.deepEqual(await outcomesOf('chain'), [{ kind: 'passed' }]);
  });

  it('counts by tier and file', async () => {
    write('where', boats(FLEET), boats(FLEET.replace('"N": 2', '"N": 3')));
    const tests = loadCases(folder, 'where');
    const results = await Promise.all(tests.map(async (test) => ({ test, outcome: await runCase(test) })));
    const lines = reportText(results).split('\n');
    assert.match(lines[1] ?? '', /^Tier A +1 +1 +0$/);
    assert.match(lines[2] ?? '', /^ {2}where +1 +1 +0$/);
    assert.equal(lines.at(-1), '1 passed, 1 failed, 0 skipped of 2');
  });

  it('says one line where there are no cases', () => {
    const main = join(import.meta.dirname, 'main.ts');
    const env = { ...process.env, MILLRACE_KSQL_CASES: join(folder, 'nowhere') };
    const output = execFileSync(process.execPath, [main], { env, encoding: 'utf8' });
    assert.match(output, /^no case files in .*\n$/);
  });
});

describe('the runner of the REST suite', () => {
  const statements = [
    "CREATE STREAM boats (id INT KEY, sail STRING) WITH (kafka_topic='boats', value_format='JSON');",
    'CREATE TABLE fleet AS SELECT sail, COUNT(*) AS n FROM boats GROUP BY sail;',
    "SELECT * FROM fleet WHERE sail = 'red';",
  ];
  const inputs =
    '[{"topic": "boats", "key": 1, "value": {"sail": "red"}}, {"topic": "boats", "key": 2, "value": {"sail": "red"}}]';
  const rest = (answers: string, more = '') =>
    `{"name": "fleet", "statements": ${JSON.stringify(statements)}, "inputs": ${inputs}, ${more} "responses": [${answers}]}`;
  const CREATED = '{"admin": {"@type": "currentStatus", "statementText|starts_with": "CREATE"}}';
  const rows = (row: string) =>
    `{"query": [{"header": {"schema": "\`SAIL\` STRING KEY, \`N\` BIGINT"}}, {"row": {"columns": ${row}}}]}`;

  async function kindOf(text: string): Promise<Outcome['kind']> {
    write('rest', text);
    return (await runRestCase(loadCases(folder, 'rest')[0]!)).kind;
  }

  it('passes the answers that are expected and no others', async () => {
    assert.equal(await kindOf(rest(`${CREATED}, ${CREATED}, ${rows('["red", 2]')}`)), 'passed');
    assert.equal(await kindOf(rest(`${CREATED}, ${CREATED}, ${rows('["red", 3]')}`)), 'failed');
    assert.equal(await kindOf(rest(`${CREATED}, {"admin": {"@type": "other"}}`)), 'failed');
    assert.equal(await kindOf(rest(CREATED, '"expectedError": {"message": "any"},')), 'failed');
  });

  it('looks for output records in their topic', async () => {
    const output = (n: number) => `"outputs": [{"topic": "FLEET", "key": "red", "value": {"N": ${n}}}],`;
    assert.equal(await kindOf(rest(CREATED, output(2))), 'passed');
    assert.equal(await kindOf(rest(CREATED, output(5))), 'failed');
  });
});

describe('the list of what passes', () => {
  it('only grows, and names the files that have fallen', async () => {
    write('two', boats(FLEET), boats(FLEET.replace('"N": 2', '"N": 3')));
    const results = [];
    for (const test of loadCases(folder, 'two')) results.push({ test, outcome: await runCase(test) });
    const passed = passedByFile(results);
    assert.deepEqual(passed, { two: 1 });
    const list = { suite: { two: 2, one: 1 }, other: { x: 1 } };
    assert.deepEqual(raised(list, 'suite', { ...passed, one: 3 }), {
      suite: { one: 3, two: 2 },
      other: { x: 1 },
    });
    assert.deepEqual(fallen(list.suite, passed), [
      'two: 1 passed, 2 did before',
      'one: 0 passed, 1 did before',
    ]);
    assert.deepEqual(fallen({ two: 1 }, passed), []);
  });
});
