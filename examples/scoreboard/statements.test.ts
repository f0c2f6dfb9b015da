import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Source } from '../../src/sql/catalog.ts';
import { parseScript } from '../../src/sql/parser/parse-script.ts';
import { planStatement } from '../../src/sql/plan-statement.ts';
import { scoreboardDemo } from './demo.ts';
import { highestScoreOf } from './web/game/statements.ts';
import { standingsQuery } from './web/shared/standing.ts';

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

test('they plan one after the other, and give the columns that the pages read', () => {
  const sources = new Map<string, Source>();
  const catalog = { source: (name: string) => sources.get(name), sources: () => sources.values() };
  for (const [index, statement] of statements.entries()) {
    const planned = planStatement(statement, catalog, { properties: {}, nextQueryId: index + 1 });
    assert.ok(planned.kind === 'createSource' || planned.kind === 'createQuery', statement.text);
    sources.set(planned.source.name, planned.source);
  }
  for (const query of [standingsQuery, highestScoreOf('bob')]) {
    const [statement] = parseScript(query.endsWith(';') ? query : `${query};`);
    assert.equal(planStatement(statement!, catalog, { properties: {}, nextQueryId: 9 }).kind, 'pull');
  }
});

test('a topic is made for each stream before it is declared', () => {
  const declared = statements.flatMap(({ text }) => /KAFKA_TOPIC='(\w+)'/.exec(text)?.[1] ?? []);
  assert.deepEqual(
    declared,
    scoreboardDemo.topics.map(({ name }) => name),
  );
});
