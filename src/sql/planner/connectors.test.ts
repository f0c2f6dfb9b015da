import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Catalog } from '../catalog.ts';
import { parseScript } from '../parser/parse-script.ts';
import { planStatement } from '../plan-statement.ts';
import type { Planned } from '../planned.ts';
import { SqlError } from '../sql-error.ts';

const NOTHING: Catalog = { source: () => undefined, sources: () => [] };

function plan(text: string): Planned {
  return planStatement(parseScript(text)[0]!, NOTHING, { properties: {}, nextQueryId: 1 });
}

const JDBC = 'io.confluent.connect.jdbc.JdbcSourceConnector';

describe('CREATE CONNECTOR', () => {
  const configs: [text: string, config: Record<string, string>][] = [
    ["'connector.class'='c', 'topics'='a,b'", { topics: 'a,b' }],
    [`"connector.class"='c', "Key.Word"='x', \`some key\`='y'`, { 'Key.Word': 'x', 'some key': 'y' }],
    ["'connector.class'='c', topic='t', File='f'", { topic: 't', File: 'f' }],
    [
      "'connector.class'='c', 'tasks.max'=2, 'wait'=-1, 'part'=0.50, 'on'=true",
      { 'tasks.max': '2', wait: '-1', part: '0.50', on: 'true' },
    ],
    ["'connector.class'='c', 'password'='${file:/etc/secrets:db}'", { password: '${file:/etc/secrets:db}' }],
  ];
  for (const [text, config] of configs)
    it(`takes ${text}`, () => {
      const planned = plan(`CREATE SINK CONNECTOR IF NOT EXISTS \`My-1\` WITH (${text});`);
      assert.deepEqual(planned, {
        kind: 'createConnector',
        name: 'My-1',
        direction: 'SINK',
        ifNotExists: true,
        config: { 'connector.class': 'c', ...config },
      });
    });

  const wrong: [text: string, column: number, message: RegExp][] = [
    ["'topics'='a'", 1, /WITH needs 'connector\.class': SHOW CONNECTOR PLUGINS/],
    ["'connector.class'=''", 1, /WITH needs 'connector\.class'/],
    ["'connector.class'='c', 'a'=1, 'a'=2", 63, /'a' is given twice/],
    ["'connector.class'='c', 'a'=NULL", 56, /'a' must be a string, a number or a boolean, got NULL/],
    ["'connector.class'='c', 'a'=1+1", 56, /'a' must be .*, got \(1 \+ 1\)/],
    ["connector.class='c'", 42, /Expecting '=' but got '\.'/],
  ];
  for (const [text, column, message] of wrong)
    it(`refuses ${text}`, () => {
      assert.throws(
        () => plan(`CREATE SOURCE CONNECTOR c WITH (${text});`),
        (error: unknown) => {
          assert.ok(error instanceof SqlError, String(error));
          assert.match(error.message, message);
          assert.equal(error.column, column);
          return true;
        },
      );
    });

  it('makes the key of a JDBC source of one of its columns', () => {
    const key = {
      'transforms.millraceKey.type': 'org.apache.kafka.connect.transforms.ValueToKey',
      'transforms.millraceKey.fields': 'id',
      'transforms.millraceKeyField.type': 'org.apache.kafka.connect.transforms.ExtractField$Key',
      'transforms.millraceKeyField.field': 'id',
    };
    const cases: [more: string, config: Record<string, string>][] = [
      ["'tasks.max'=3", { 'tasks.max': '3' }],
      ["'key'='id'", { 'tasks.max': '1', transforms: 'millraceKey,millraceKeyField', ...key }],
      [
        "'key'='id', 'transforms'='mine'",
        { 'tasks.max': '1', transforms: 'mine,millraceKey,millraceKeyField', ...key },
      ],
    ];
    for (const [more, config] of cases) {
      const planned = plan(`CREATE SOURCE CONNECTOR c WITH ('connector.class'='${JDBC}', ${more});`);
      assert.ok(planned.kind === 'createConnector');
      assert.deepEqual(planned.config, { 'connector.class': JDBC, ...config });
    }
  });
});

it('names of connectors are upper-cased unless they are quoted', () => {
  const cases: [text: string, planned: Record<string, unknown>][] = [
    ['DROP CONNECTOR IF EXISTS c;', { kind: 'dropConnector', name: 'C', ifExists: true }],
    ['DROP CONNECTOR "c d";', { kind: 'dropConnector', name: 'c d', ifExists: false }],
    ['DESCRIBE CONNECTOR `c`;', { kind: 'describeConnector', name: 'c' }],
    ["DESCRIBE CONNECTOR 'c';", { kind: 'describeConnector', name: 'c' }],
    ['SHOW CONNECTORS;', { kind: 'listConnectors' }],
    ['LIST SINK CONNECTORS;', { kind: 'listConnectors', direction: 'SINK' }],
    ['LIST CONNECTOR PLUGINS;', { kind: 'listConnectorPlugins' }],
  ];
  for (const [text, planned] of cases) assert.partialDeepStrictEqual(plan(text), planned, text);
});
