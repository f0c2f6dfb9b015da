import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Catalog, Source } from '../catalog.ts';
import { parseScript } from '../parser/parse-script.ts';
import { planStatement } from '../plan-statement.ts';
import type { Planned } from '../planned.ts';

const SETUP = `
  CREATE SOURCE STREAM tides (port STRING KEY, cm INT) WITH (kafka_topic='tides', value_format='JSON');
  CREATE STREAM waves (port STRING KEY, cm INT) WITH (kafka_topic='waves', value_format='JSON');
  CREATE TABLE ports (port STRING PRIMARY KEY, country STRING) WITH (kafka_topic='ports', value_format='JSON');
`;

function plan(text: string): Planned {
  const sources = new Map<string, Source>();
  const catalog: Catalog = { source: (name) => sources.get(name), sources: () => sources.values() };
  const options = { properties: {}, nextQueryId: 1 };
  for (const statement of parseScript(SETUP)) {
    const planned = planStatement(statement, catalog, options);
    if (planned.kind === 'createSource') sources.set(planned.source.name, planned.source);
  }
  return planStatement(parseScript(text)[0]!, catalog, options);
}

function refused(cases: Readonly<Record<string, RegExp>>): void {
  for (const [text, message] of Object.entries(cases)) assert.throws(() => plan(text), message, text);
}

const WITH = "WITH (kafka_topic='t', value_format='JSON')";

test('what is read only is neither replaced, altered, written nor deleted with its topic', () => {
  refused({
    [`CREATE OR REPLACE SOURCE STREAM other (a INT) ${WITH};`]: /cannot be replaced/,
    [`CREATE OR REPLACE STREAM tides (a INT) ${WITH};`]: /cannot be replaced/,
    'CREATE OR REPLACE STREAM tides AS SELECT * FROM waves;': /cannot be replaced/,
    'ALTER STREAM tides ADD COLUMN at BIGINT;': /TIDES is a read-only stream, so its columns stay/,
    "INSERT INTO tides (port, cm) VALUES ('Cork', 3);": /TIDES is a read-only stream/,
    'DROP STREAM tides DELETE TOPIC;': /TIDES is read-only/,
  });
  assert.equal(plan('DROP STREAM tides;').kind, 'drop');
  assert.equal(plan('DROP STREAM waves DELETE TOPIC;').kind, 'drop');
});

test('what a key is made of', () => {
  refused({
    'CREATE STREAM s AS SELECT * FROM waves PARTITION BY ();': /PARTITION BY has nothing in its parentheses/,
    'CREATE TABLE t AS SELECT COUNT(*) FROM waves GROUP BY ();': /GROUP BY has nothing in its parentheses/,
    "CREATE STREAM s WITH (key_format='JSON') AS SELECT * FROM waves PARTITION BY NULL;":
      /KEY_FORMAT has nothing to write/,
    'CREATE TABLE j AS SELECT * FROM ports p JOIN waves w ON p.port = w.port;':
      /cannot be joined with a stream.*FROM stream JOIN table/,
  });
  const planned = plan("CREATE STREAM s WITH (key_format='NONE') AS SELECT * FROM waves PARTITION BY NULL;");
  assert.equal(planned.kind === 'createQuery' && planned.source.keyFormat.name, 'NONE');
});
