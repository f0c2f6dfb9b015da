import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exprText } from '../expression-text.ts';
import { SqlError } from '../sql-error.ts';
import { parseExpressionText, parseScript } from './parse-script.ts';
import { Substitution } from './substitution.ts';

test('expressions bind as SQL says', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a + b * -c', '(A + (B * -C))'],
    ['a - b - c', '((A - B) - C)'],
    ['a OR b AND NOT c', '(A OR (B AND (NOT C)))'],
    ['a = 1 AND b <> 2 OR c', '(((A = 1) AND (B <> 2)) OR C)'],
    ['a BETWEEN 1 AND 2 AND b', '((A BETWEEN 1 AND 2) AND B)'],
    ['a NOT IN (1, 2)', '(A NOT IN (1, 2))'],
    ["a || 'x''y' LIKE 'b!%' ESCAPE '!'", "((A || 'x''y') LIKE 'b!%' ESCAPE '!')"],
    ['s.c->`f`->g[1]', 'S.C->`f`->G[1]'],
    ['CASE x WHEN 1 THEN 2 ELSE 3 END', '(CASE X WHEN 1 THEN 2 ELSE 3 END)'],
    ['CAST(a AS MAP<STRING, DECIMAL(4, 2)>)', 'CAST(A AS MAP<STRING, DECIMAL(4, 2)>)'],
    ['STRUCT(a := 1, b := ARRAY[1, 2])', 'STRUCT(A:=1, B:=ARRAY[1, 2])'],
    ['reduce(xs, 0, (s, x) => s + x)', 'REDUCE(XS, 0, (S, X) => (S + X))'],
    ['count(*)', 'COUNT(*)'],
    ['a IS NOT DISTINCT FROM b', '(A IS NOT DISTINCT FROM B)'],
    ['.5 + 1. + 1e3', '((.5 + 1.) + 1e3)'],
    ["DECIMAL '1.50' - DECIMAL '-2'", '(1.50 - -2)'],
    ["date '2024-02-29' < date", "(CAST('2024-02-29' AS DATE) < DATE)"],
    ["TIMESTAMP '2024' = TIME '10:00'", "(CAST('2024' AS TIMESTAMP) = CAST('10:00' AS TIME))"],
  ];
  for (const [text, expected] of cases) assert.equal(exprText(parseExpressionText(text)), expected, text);
});

test('each statement keeps its text, and where it stands', () => {
  const parsed = parseScript(
    "-- first; not this\nLIST STREAMS;\n  /* ; */ SET 'a;b'='c';\nDROP STREAM `x;y`",
  );
  assert.deepEqual(
    parsed.map(({ text, statement }) => [text, statement.kind, statement.line, statement.column]),
    [
      ['LIST STREAMS;', 'list', 2, 1],
      ["SET 'a;b'='c';", 'set', 3, 11],
      ['DROP STREAM `x;y`', 'drop', 4, 1],
    ],
  );
});

test('statements of every kind are known', () => {
  const cases: Readonly<Record<string, string>> = {
    "CREATE OR REPLACE STREAM s (k INT KEY, v STRING) WITH (kafka_topic='t')": 'createSource',
    "CREATE SOURCE TABLE IF NOT EXISTS t (k INT PRIMARY KEY) WITH (kafka_topic='t')": 'createSource',
    'CREATE TABLE t AS SELECT a, COUNT(*) FROM s WINDOW HOPPING (SIZE 10 SECONDS, ADVANCE BY 5 SECONDS, GRACE PERIOD 1 DAY) WHERE a > 1 GROUP BY a HAVING COUNT(*) > 1 EMIT FINAL':
      'createAs',
    'CREATE STREAM j AS SELECT * FROM a JOIN b WITHIN (1 HOUR, 2 HOURS) GRACE PERIOD 1 DAY ON a.x = b.x LEFT OUTER JOIN c ON a.x = c.x':
      'createAs',
    'INSERT INTO s SELECT * FROM r PARTITION BY a': 'insertInto',
    "INSERT INTO s (a, b) VALUES (1, 'x')": 'insertValues',
    'SELECT *, s.*, a AS b FROM s EMIT CHANGES LIMIT 3': 'query',
    'DROP TABLE IF EXISTS t DELETE TOPIC': 'drop',
    'ALTER STREAM s ADD COLUMN a INT, ADD b STRING': 'alter',
    'CREATE TYPE address AS STRUCT<street STRING>': 'createType',
    "CREATE SINK CONNECTOR c WITH ('a'='b')": 'createConnector',
    'SHOW ALL TOPICS EXTENDED': 'list',
    'LIST CONNECTOR PLUGINS': 'list',
    'DESCRIBE FUNCTION len': 'describeFunction',
    'DESCRIBE STREAMS EXTENDED': 'describeAll',
    'DESCRIBE s EXTENDED': 'describe',
    'EXPLAIN SELECT * FROM s EMIT CHANGES': 'explainStatement',
    'EXPLAIN CTAS_T_1': 'explain',
    'PRINT my-topic.v1 FROM BEGINNING INTERVAL 2 LIMIT 3': 'print',
    'TERMINATE ALL': 'terminate',
    'PAUSE q_1': 'pause',
    "DEFINE x = 'y'": 'define',
    'ASSERT NOT EXISTS TOPIC t TIMEOUT 5 SECONDS': 'assertTopic',
    "ASSERT SCHEMA SUBJECT 'a' ID 3": 'assertSchema',
  };
  for (const [text, kind] of Object.entries(cases))
    assert.equal(parseScript(text)[0]?.statement.kind, kind, text);
  const [print] = parseScript('PRINT My-topic.v1;');
  assert.equal(print?.statement.kind === 'print' && print.statement.topic, 'My-topic.v1');
});

test('errors say where, what was expected and what was probably meant', () => {
  const cases: readonly (readonly [string, number, number, RegExp])[] = [
    ['SELCT 1', 1, 1, /Unknown statement 'SELCT'\. Did you mean 'SELECT'\?/],
    ['LIST STREAMS;\nLIST TABELS;', 2, 6, /Did you mean 'TABLES'\?/],
    ['SELECT a FROM s WHERE (b', 1, 25, /Expecting '\)' but got the end of the statement/],
    ["SELECT 'a FROM s", 1, 8, /no end/],
    ['SELECT a FROM where', 1, 15, /WHERE is a word of the language/],
    ["SELECT * FROM s WHERE a LIKE 'b' ESCAPE '!!'", 1, 41, /ESCAPE takes one character, and '!!' has 2/],
    ['SELECT * FROM s WHERE a IN ()', 1, 29, /Expecting an expression/],
    ['CREATE STREAM s (a DECIMAL(x))', 1, 28, /Expecting a whole number/],
    ['DROP STREAM s t', 1, 15, /Expecting ';' but got 'T'/],
    ['SELECT a ~ b FROM s', 1, 10, /Unexpected character '~'/],
    ["SELECT DECIMAL '1,5' FROM s", 1, 16, /'1,5' is no DECIMAL/],
    ['SELECT * FROM (SELECT 1)', 1, 15, /query inside FROM is not supported/],
  ];
  for (const [text, line, column, message] of cases) {
    assert.throws(
      () => parseScript(text),
      (error) => {
        assert.ok(error instanceof SqlError, String(error));
        assert.match(error.message, message);
        assert.deepEqual([error.line, error.column], [line, column], text);
        return true;
      },
    );
  }
});

test('nesting without end is refused before the stack is gone', () => {
  const deep: readonly string[] = [
    `SELECT ${'('.repeat(100_000)}1 FROM s`,
    `SELECT ${'NOT '.repeat(100_000)}a FROM s`,
    `SELECT ${'-'.repeat(1)}${'- '.repeat(100_000)}1 FROM s`,
    `SELECT ${'1 + '.repeat(100_000)}1 FROM s`,
    `SELECT a${'[1]'.repeat(100_000)} FROM s`,
    `CREATE STREAM s (a ${'ARRAY<'.repeat(100_000)}INT)`,
    `SELECT ${'CASE WHEN a THEN '.repeat(100_000)}1 FROM s`,
  ];
  for (const text of deep) assert.throws(() => parseScript(text), SqlError, text.slice(0, 30));
});

test('a statement of megabytes is parsed in linear time', () => {
  const values = Array.from({ length: 200_000 }, (_, i) => `'value ${i}'`).join(',\n');
  const [parsed] = parseScript(
    `SELECT a FROM s WHERE a IN (${values}) AND ${'b = 1 AND '.repeat(20_000)} c;`,
  );
  assert.equal(parsed?.statement.kind, 'query');
});

const VARIABLES: readonly (readonly [string, string])[] = [
  ['topic', "it's"],
  ['Name', 'orders'],
  ['quoted', "'x y'"],
  ['EVIL', '1; DROP STREAM s'],
];

/** The texts of a script's statements; what is `off` is the switch. */
function textsOf(script: string, setting?: string): string[] {
  return parseScript(script, new Substitution(VARIABLES, setting)).map(({ text }) => text);
}

test('variables stand for one name or literal, in any case', () => {
  const cases: readonly (readonly [string, string])[] = [
    [
      `CREATE STREAM \${name} (a INT) WITH (kafka_topic='\${TOPIC}');`,
      "CREATE STREAM orders (a INT) WITH (kafka_topic='it''s');",
    ],
    [`PRINT \${quoted};`, "PRINT 'x y';"],
    [`SET 'a'='\${quoted}';`, "SET 'a'='''x y''';"],
    [`DROP STREAM \`it's \${quoted}\`; -- \${evil}`, "DROP STREAM `it's 'x y'`;"],
    // What is escaped, in a comment or, in a text, unknown stays.
    [`SET 'a'='$\${name}\${name}';`, `SET 'a'='\${name}orders';`],
    [`SET /* \${evil} */ 'a'='\${unknown}';`, `SET /* \${evil} */ 'a'='\${unknown}';`],
  ];
  for (const [script, expected] of cases) assert.deepEqual(textsOf(script), [expected], script);
  assert.throws(() => textsOf(`SELECT \${evil} FROM s`), /one name or one literal/);
  assert.throws(() => textsOf(`SELECT \${nam} FROM s`), /not defined.*Did you mean '\$\{Name\}'/);
});

test('DEFINE, UNDEFINE and the switch count for the statements after them', () => {
  const define = `DEFINE Topic = 'b'; SET 'a' = '\${topic}'; UNDEFINE TOPIC; SET 'a' = '\${topic}';`;
  assert.deepEqual(textsOf(define), [
    `DEFINE Topic = 'b';`,
    `SET 'a' = 'b';`,
    'UNDEFINE TOPIC;',
    `SET 'a' = '\${topic}';`,
  ]);
  const [defined] = parseScript("DEFINE Topic = 'b';");
  assert.equal(defined?.statement.kind === 'define' && defined.statement.name, 'Topic');
  const off = `SET 'ksql.variable.substitution.enable' = 'false';`;
  const unset = `UNSET 'ksql.variable.substitution.enable';`;
  const use = `DROP STREAM \${name};`;
  const text = `SET 'a' = '\${name}';`;
  assert.deepEqual(textsOf(`${use}${off}${text}${unset}${use}`), [
    'DROP STREAM orders;',
    off,
    text,
    unset,
    'DROP STREAM orders;',
  ]);
  assert.deepEqual(textsOf(text, 'false'), [text]);
  assert.throws(() => textsOf(use, 'false'), /Unexpected character '\$'/);
  // Kafka Connect's config providers have names that no variable has.
  const secret = "CREATE SINK CONNECTOR c WITH ('p'='${file:/etc/x:y}', 't'='${topic}');";
  assert.deepEqual(textsOf(secret), [secret.replace('${topic}', "it''s")]);
});

test('words of the language are names where they cannot be anything else', () => {
  const words = [
    'emit',
    'escape',
    'partition',
    'show',
    'explain',
    'changes',
    'final',
    'topic',
    'key',
    'date',
    'map',
    'set',
    'header',
    'size',
  ];
  const columns = words.map((word) => `${word} INT`).join(', ');
  parseScript(`CREATE STREAM s (${columns}) WITH (kafka_topic='t');`);
  const [query] = parseScript(`SELECT ${words.join(', ')} FROM s PARTITION BY partition EMIT CHANGES;`);
  assert.ok(query?.statement.kind === 'query');
  assert.equal(query.statement.query.items.length, words.length);
  assert.equal(query.statement.query.from.alias, 'S');
  assert.equal(query.statement.query.emit, 'CHANGES');
  const [odd] = parseScript(
    'SELECT emit emit, partition partition FROM s emit PARTITION BY partition EMIT CHANGES;',
  );
  assert.ok(odd?.statement.kind === 'query');
  assert.deepEqual([odd.statement.query.from.alias, odd.statement.query.emit], ['EMIT', 'CHANGES']);
  for (const word of ['select', 'from', 'by', 'stream', 'null'])
    assert.throws(() => parseScript(`SELECT a AS ${word} FROM s;`), /word of the language/, word);
});
