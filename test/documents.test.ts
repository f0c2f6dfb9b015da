// What the documents promise is what the code does.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { KAFKA_SUPPORT_FILE, kafkaSupport } from '../scripts/write-kafka-support.ts';
import { SeededRandom } from '../src/base/seeded-random.ts';
import { DATAGEN_OPTIONS } from '../src/cli/datagen/datagen-settings.ts';
import { QUICKSTARTS } from '../src/cli/datagen/quickstarts.ts';
import { rowMaker } from '../src/cli/datagen/row-maker.ts';
import { SETTINGS } from '../src/cli/settings.ts';
import { Millrace } from '../src/millrace.ts';
import { describeFunctions } from '../src/sql/functions/describe.ts';
import { parseScript } from '../src/sql/parser/parse-script.ts';

function blocks(document: string, language: string): string[] {
  const found = readFileSync(document, 'utf8').matchAll(
    new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'),
  );
  return [...found].map(([, text]) => text as string);
}

/** Runs a program that imports the package; gives what it prints. */
function runExample(example: string): string {
  const file = new URL(`./example-${process.pid}.tmp.ts`, import.meta.url);
  writeFileSync(
    file,
    example
      .replaceAll(`'millrace'`, `'../src/millrace.ts'`)
      .replaceAll(`'millrace/testing'`, `'../src/testing/kit/test-millrace.ts'`)
      .replace(`'./data'`, `'memory'`)
      .replace('127.0.0.1:9092', '127.0.0.1:0'),
  );
  try {
    return execFileSync(process.execPath, [file.pathname]).toString().trim();
  } finally {
    rmSync(file);
  }
}

describe('the README', () => {
  it('has an example that prints what it says', () => {
    const [example] = blocks('README.md', 'ts') as [string];
    const expected = example.match(/\); \/\/ (.*)$/m)?.[1];
    assert.equal(runExample(example), expected);
  });
});

describe('docs/testing.md', () => {
  it('has examples that run', () => {
    for (const example of blocks('docs/testing.md', 'ts')) runExample(example);
  });
});

describe('docs/operations.md', () => {
  it('lists every setting', () => {
    const text = readFileSync('docs/operations.md', 'utf8');
    assert.deepEqual(
      Object.keys(SETTINGS).filter((name) => !text.includes(`\`${name}\``)),
      [],
    );
  });
});

describe('docs/datagen.md', () => {
  it('lists every option and quickstart with its fields, and has a schema that makes rows', () => {
    const text = readFileSync('docs/datagen.md', 'utf8');
    const names = [...Object.keys(DATAGEN_OPTIONS), ...Object.keys(QUICKSTARTS)];
    assert.deepEqual(
      names.filter((name) => !text.includes(`\`${name}\``)),
      [],
    );
    for (const [name, { topic, key, schema }] of Object.entries(QUICKSTARTS)) {
      const row = text.split('\n').find((line) => line.startsWith(`| \`${name}\` | ${topic} | ${key} |`));
      assert.ok(row, name);
      const fields = rowMaker(JSON.stringify(schema)).columns.map((column) => column.name);
      // One has the fields of another and some more.
      if (!row.includes(' those, '))
        assert.equal(
          row
            .split('|')[4]!
            .replaceAll(/ \(.*\)/g, '')
            .trim(),
          fields.join(', '),
        );
    }
    const [schema] = blocks('docs/datagen.md', 'json') as [string];
    assert.equal(rowMaker(schema).next(new SeededRandom(1)).length, 4);
  });
});

describe('docs/kafka-support.md', () => {
  it('is what scripts/write-kafka-support.ts writes', () => {
    assert.equal(readFileSync(KAFKA_SUPPORT_FILE, 'utf8'), kafkaSupport());
  });
});

describe('docs/sql.md', () => {
  it('has examples that run', async (t) => {
    const millrace = await Millrace.start({ data: 'memory' });
    t.after(() => millrace.stop());
    const properties: Record<string, string> = {};
    for (const { text } of blocks('docs/sql.md', 'sql').flatMap((block) => parseScript(block))) {
      const setting = text.match(/^SET '(.*)' = '(.*)'/);
      if (setting) properties[setting[1] as string] = setting[2] as string;
      const result: unknown = await millrace.sql(text, { properties });
      if (!text.startsWith('SELECT')) continue;
      const rows = text.includes('EMIT CHANGES')
        ? await Array.fromAsync(result as AsyncIterable<unknown>)
        : (result as unknown[]);
      assert.ok(rows.length > 0, `no rows from ${text}`);
    }
  });

  it('lists every function', () => {
    const text = readFileSync('docs/sql.md', 'utf8');
    const missing = describeFunctions().filter(({ name }) => !new RegExp(`\\b${name}\\b`).test(text));
    assert.deepEqual(
      missing.map(({ name }) => name),
      [],
    );
  });
});
