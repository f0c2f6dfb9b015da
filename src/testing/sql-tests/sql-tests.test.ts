import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type ReadScript, runSqlTest } from './run-test.ts';
import { parseTestFile } from './test-file.ts';

const fromDisk: ReadScript = async (name, from) => {
  const path = from.replace(/[^/]*$/, name);
  return { path, text: readFileSync(path, 'utf8') };
};

/** `file:line: text`, more lines below, for each failure of a file. */
async function failuresOf(text: string, scripts: Record<string, string> = {}): Promise<string[]> {
  const readScript: ReadScript = async (path) => ({ path, text: scripts[path] ?? '' });
  const failures: string[] = [];
  for (const test of parseTestFile('t.sql', text))
    for (const { file, line, lines } of (await runSqlTest(test, readScript)).failures)
      failures.push(`${file}:${line}: ${lines.join('\n')}`);
  return failures;
}

const S = `CREATE STREAM s (id INT KEY, v VARCHAR) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');`;
const T = `CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON', KEY_FORMAT='JSON');`;
const ROW = `INSERT INTO s (id, v, ROWTIME) VALUES (1, 'a', 5);`;

for (const file of globSync('test/sql-tests/*.sql'))
  describe(file, () => {
    for (const test of parseTestFile(file, readFileSync(file, 'utf8')))
      it(test.name, async () => {
        assert.deepEqual((await runSqlTest(test, fromDisk)).failures, []);
      });
  });

it('the example of docs/sql-tests.md passes', async () => {
  const [, text = ''] = /```sql\n(.*?)```/s.exec(readFileSync('docs/sql-tests.md', 'utf8')) ?? [];
  assert.deepEqual(await failuresOf(text), []);
});

describe('a SQL test that fails says where and why', () => {
  const cases: [what: string, text: string, failure: string | RegExp][] = [
    [
      'another value',
      `${S} ${ROW}\nASSERT VALUES s (v, id) VALUES ('b', 1);`,
      't.sql:2: the next record of S differs in V\n  expected  V=b  ID=1\n  actual    ID=1  V=a',
    ],
    [
      'another time',
      `${S} ${ROW}\nASSERT VALUES s (id, ROWTIME) VALUES (1, 6);`,
      't.sql:2: the next record of S differs in ROWTIME\n  expected  ID=1  ROWTIME=6\n  actual    ID=1  V=a  ROWTIME=5',
    ],
    [
      'no record',
      `${S} ${ROW}\nASSERT VALUES s (id) VALUES (1);\nASSERT VALUES s (id) VALUES (1);`,
      't.sql:3: there is no further record in S',
    ],
    [
      'a record where a tombstone is expected',
      `${S} ${ROW}\nASSERT NULL VALUES s (id) KEY (1);`,
      't.sql:2: the next record of S is no tombstone\n  expected  ID=1\n  actual    ID=1  V=a',
    ],
    [
      'another declaration',
      `${T}\nASSERT TABLE t (id BIGINT PRIMARY KEY, v VARCHAR) WITH (KAFKA_TOPIC='u', VALUE_FORMAT='JSON');`,
      't.sql:2: T is declared otherwise\n  topic: expected `u`, is `t`\n  columns: expected `ID` BIGINT KEY, `V` STRING, is `ID` INTEGER KEY, `V` STRING\n  key format: expected KAFKA, is JSON',
    ],
    [
      'no such source',
      `ASSERT STREAM x (a INT) WITH (KAFKA_TOPIC='x', VALUE_FORMAT='JSON');`,
      't.sql:1: there is no stream X',
    ],
    [
      'a statement that is refused',
      `${S}\n\n  CREATE STREAM d AS SELECT nothing FROM s;`,
      /^t\.sql:3: .*NOTHING.* \(column 29\)/,
    ],
    [
      'an assertion that does not parse',
      `${S}\nASSERT VALUES s (id) VALUES 1;`,
      /^t\.sql:2: Syntax Error \(column 29\)\n {2}Expecting '\('/,
    ],
    [
      'an assertion of what is not there',
      `\nASSERT VALUES x (id) VALUES (1);`,
      't.sql:2: There is no stream or table X (column 1)',
    ],
    ['a query for nobody', `${S}\nSELECT * FROM s EMIT CHANGES;`, /^t\.sql:2: SELECT tests nothing here/],
    [
      'a circle of queries',
      `${S} CREATE STREAM u AS SELECT * FROM s; INSERT INTO s SELECT * FROM u;\n${ROW}`,
      't.sql:2: The queries form a circle: s -> U -> s',
    ],
    [
      'no error',
      `--@test: x\n--@expected.error: a.KsqlException\n${S}`,
      't.sql:2: no error came, expected a.KsqlException',
    ],
    [
      'another message',
      `--@test: x\n--@expected.message: moon\n${S}\n${S}`,
      /^t\.sql:4: another error came than expected\n {2}expected {2}'moon'\n {2}actual {4}.*stream S already/,
    ],
    [
      'another class',
      `--@test: x\n--@expected.error: a.ParseFailedException\n${S}\n${S}`,
      /^t\.sql:4: another error came than expected\n {2}expected {2}a\.ParseFailedException/,
    ],
    ['a script that runs itself', `RUN SCRIPT 'me.sql';`, /^me\.sql:1: The script me\.sql runs itself/],
    ['an error in a script', `RUN SCRIPT 'broken.sql';`, /^broken\.sql:2: /],
  ];
  for (const [what, text, failure] of cases)
    it(what, async () => {
      const scripts = { 'me.sql': `RUN SCRIPT 'me.sql';`, 'broken.sql': '\nCREATE;' };
      const [found, ...more] = await failuresOf(text, scripts);
      assert.deepEqual(more, []);
      if (typeof failure === 'string') assert.equal(found, failure);
      else assert.match(String(found), failure);
    });
});

describe('a file of tests', () => {
  it('is cut at its directives; those in comments and strings are none', () => {
    const tests = parseTestFile(
      'a/b.sql',
      `-- a comment
--@test:   one
/* --@test: not this */ DEFINE x = '--@test: nor this';

--@test: two
--@expected.error: E
SHOW STREAMS; SHOW
TABLES;`,
    );
    assert.deepEqual(
      tests.map(({ name, line, statements, expectedError }) => [
        name,
        line,
        statements.map((s) => s.line),
        expectedError,
      ]),
      [
        ['one', 2, [3], undefined],
        ['two', 5, [7, 7], { line: 6, className: 'E' }],
      ],
    );
    assert.equal(parseTestFile('a/b.sql', 'SHOW STREAMS;')[0]?.name, 'b');
  });

  for (const [what, text, line, message] of [
    ['an unknown directive', '--@tets: x', 1, /--@tets is no directive; there are --@test, /],
    ['a directive that says nothing', '\n--@test:  ', 2, /--@test says nothing/],
    ['a statement before the first test', 'SHOW STREAMS;\n--@test: x', 1, /before the first test/],
    ['two tests of one name', '--@test: x\n--@test: x', 2, /is named 'x', too/],
    [
      'two expectations of one kind',
      '--@test: x\n--@expected.error: a\n--@expected.error: b',
      3,
      /stands twice/,
    ],
  ] as const)
    it(`is refused for ${what}`, () => {
      assert.throws(() => parseTestFile('f.sql', text), { file: 'f.sql', line, message });
    });
});

describe('millrace test', () => {
  it('prints a line a test, what differs, and the counts; its exit code tells, too', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-sql-tests-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'two.sql');
    writeFileSync(
      file,
      `--@test: good\n${S}\n--@test: bad\n${S} ${ROW}\nASSERT VALUES s (v) VALUES ('b');\n`,
    );
    const run = (...args: string[]) => {
      const { status, stdout } = spawnSync(process.execPath, ['src/cli/main.ts', 'test', ...args], {
        encoding: 'utf8',
      });
      return { status, lines: stdout.trimEnd().split('\n') };
    };
    assert.deepEqual(run(file), {
      status: 1,
      lines: [
        file,
        '  ok      good',
        '  FAILED  bad',
        `          ${file}:5: the next record of S differs in V`,
        '            expected  V=b',
        '            actual    ID=1  V=a',
        '1 passed, 1 failed',
      ],
    });
    assert.deepEqual(run(file, '--only', 'good'), {
      status: 0,
      lines: [file, '  ok      good', '1 passed, 0 failed'],
    });
  });
});
