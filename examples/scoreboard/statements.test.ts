import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseScript } from '../../src/sql/parser/parse-script.ts';
import { scoreboardDemo } from './demo.ts';

const statements = parseScript(readFileSync(scoreboardDemo.statementsFile, 'utf8'));

test('the statements of the demo parse', () => {
  assert.deepEqual(
    statements.map(({ text }) => /^CREATE (STREAM|TABLE) (\w+)/.exec(text)?.slice(1).join(' ')),
    [
      'STREAM USER_GAME',
      'STREAM USER_LOSSES',
      'TABLE LOSSES_PER_USER',
      'TABLE STATS_PER_USER',
      'TABLE SUMMARY_STATS',
      'TABLE SCOREBOARD',
    ],
  );
});

test('a topic is made for each stream before it is declared', () => {
  const declared = statements.flatMap(({ text }) => /KAFKA_TOPIC='(\w+)'/.exec(text)?.[1] ?? []);
  assert.deepEqual(
    declared,
    scoreboardDemo.topics.map(({ name }) => name),
  );
});
