import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { osFolder } from '../../test/support/os-folder.ts';
import { Millrace } from '../millrace.ts';
import { Variables } from '../sql/variables.ts';
import { Display } from './display.ts';
import { runShellCommand, type Shell } from './shell-commands.ts';
import { SqlClient } from './sql-client.ts';
import { StatementRunner } from './statement-runner.ts';

const folder = await osFolder();
after(folder.remove);
let millrace: Millrace;
before(async () => {
  millrace = await Millrace.start({
    data: 'memory',
    sql: "CREATE STREAM S (A INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);",
  });
});
after(() => millrace.stop());

/** A shell whose answers are kept. */
function openShell(limits = {}): { shell: Shell; run: (text: string) => Promise<string> } {
  let shown = '';
  const display = new Display('tabular', (text) => {
    shown += text;
  });
  const client = new SqlClient(millrace.httpAddress);
  const session = { properties: new Map(), variables: new Variables() };
  const runner = new StatementRunner(client, session, display, limits);
  const shell = { client, runner, display, history: () => ['second', 'first'] };
  const run = async (text: string): Promise<string> => {
    shown = '';
    if (!(await runShellCommand(text, shell))) await runner.run(text);
    return shown;
  };
  return { shell, run };
}

describe('a command of the shell', () => {
  const cases: [command: string, expected: RegExp][] = [
    ['HELP', /SPOOL 'file' \| OFF/],
    ['clear;', /\[2J/],
    ['HISTORY', /^first\nsecond\n$/],
    ['version', /^Version: \d+\.\d+/],
    ['OUTPUT', /^Output format: TABULAR\n$/],
    ['output json;', /^Output format: JSON\n$/],
    ['SERVER', /^Server: http:\/\/127\.0\.0\.1:\d+\n$/],
    ['REQUEST PIPELINING', /OFF/],
    ['request pipelining on', /ON/],
    ['SET CLI WRAP OFF;', /^$/],
    ['SET CLI COLUMN-WIDTH 7', /^$/],
  ];
  for (const [command, expected] of cases)
    it(`is ${command}`, async () => assert.match(await openShell().run(command), expected));

  const wrong = [
    'OUTPUT XML',
    'SET CLI WRAP MAYBE',
    'SPOOL OFF',
    'SPOOL',
    "RUN SCRIPT '/none.sql'",
    'SERVER 127.0.0.1:1',
  ];
  for (const command of wrong)
    it(`says what is wrong with ${command}`, () => assert.rejects(openShell().run(command), /.+/));

  it('does not take what is for the server', async () => {
    const { shell } = openShell();
    for (const text of ["SET 'auto.offset.reset'='earliest';", 'SHOW STREAMS;', "DEFINE x='1';", 'HELPFUL;'])
      assert.equal(await runShellCommand(text, shell), false, text);
  });
});

describe('the shell', () => {
  it('writes what it shows to a file too', async () => {
    const { run } = openShell();
    const file = join(folder.dataDir, "an 'odd' name");
    await run(`SPOOL '${file.replaceAll("'", "''")}'`);
    const shown = await run('SHOW STREAMS;');
    await run('SPOOL OFF');
    await run('SHOW TABLES;');
    assert.match(shown, /│ S /);
    assert.ok(readFileSync(file, 'utf8').includes(shown));
    assert.ok(!readFileSync(file, 'utf8').includes('TABLES'));
  });

  it('goes on below or cuts what is too long for its column', async () => {
    await millrace.sql('CREATE TYPE IF NOT EXISTS LONG AS STRUCT<A INT>;');
    const { run, shell } = openShell({ rows: 1 });
    await millrace.sql('INSERT INTO S VALUES (12345678);');
    await run("SET 'auto.offset.reset'='earliest';");
    await run('SET CLI COLUMN-WIDTH 5');
    const query = 'SELECT A FROM S EMIT CHANGES;';
    assert.match(await run(query), /│ 12345 │\n│ 678 {3}│\n/);
    await run('SET CLI WRAP OFF');
    assert.match(await run(query), /│ 1234… │\n/);
    assert.equal(shell.display.columnWidth, 5);
  });

  it('ends a query behind so many rows, or after so long', async () => {
    const limited = openShell({ rows: 2 });
    for (let n = 0; n < 3; n++) await millrace.sql(`INSERT INTO S VALUES (${n});`);
    await limited.run("SET 'auto.offset.reset'='earliest';");
    const rows = (await limited.run('SELECT A FROM S EMIT CHANGES;')).split('\n');
    assert.equal(rows.filter((line) => /^│ +\d/.test(line)).length, 2);
    assert.match(await openShell({ timeoutMs: 50 }).run('SELECT A FROM S EMIT CHANGES;'), /Query terminated/);
  });

  it('keeps variables by their names in any case, and shows them as they were written', async () => {
    const { run } = openShell();
    await run("DEFINE Start='earliest';");
    await run("DEFINE gone='1';");
    await run("DEFINE /* a */ dashes='a--b';");
    await run("SET 'auto.offset.reset'='${START}';");
    await run('UNDEFINE GONE;');
    const shown = await run('SHOW VARIABLES;');
    assert.match(shown, /│ Start +│ earliest/);
    assert.match(shown, /│ dashes +│ a--b/);
    assert.doesNotMatch(shown, /gone/);
    assert.match(await run('SHOW PROPERTIES;'), /auto\.offset\.reset.*earliest/);
  });

  it('keeps no property that the server does not know', async () => {
    const { run } = openShell();
    await assert.rejects(run("SET 'auto.ofset.reset'='earliest';"), /no property auto.ofset.reset/);
    await assert.rejects(run("SET 'auto.offset.reset'='soon';"), /'soon' does not fit/);
    assert.match(await run('SHOW STREAMS;'), /│ S /);
  });

  it('runs a file of statements, but none with queries', async () => {
    const { run } = openShell();
    const good = join(folder.dataDir, 'good.sql');
    const bad = join(folder.dataDir, 'bad.sql');
    const half = join(folder.dataDir, 'half.sql');
    writeFileSync(good, "DEFINE n='F';\nCREATE STREAM ${n} AS SELECT * FROM S;\n");
    writeFileSync(bad, 'CREATE STREAM G AS SELECT * FROM S;\nSELECT * FROM S;\n');
    assert.match(await run(`RUN SCRIPT '${good}';`), /Created query with ID CSAS_F/);
    const long =
      'CREATE STREAM LONG AS\n  SELECT A, A + 1 AS B, A + 2 AS C, A + 3 AS D, A + 4 AS E FROM S WHERE A > 100;';
    await run(long);
    const widths = (await run('SHOW QUERIES;')).split('\n').map(({ length }) => length);
    assert.ok(Math.max(...widths) < 160, 'a list stays as wide as a terminal');
    await assert.rejects(run(`RUN SCRIPT '${bad}';`), /bad\.sql:2: RUN SCRIPT takes no SELECT or PRINT/);
    writeFileSync(half, 'CREATE STREAM G AS SELECT * FROM S;\nCREATE STREAM H AS\n SELECT * FROM S\n');
    await assert.rejects(
      run(`RUN SCRIPT '${half}';`),
      /half\.sql:2: .* does not end with ';': CREATE STREAM H AS$/,
    );
    assert.doesNotMatch(await run('SHOW STREAMS;'), /│ G /);
  });
});
