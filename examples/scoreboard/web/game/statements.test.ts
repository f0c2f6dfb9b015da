import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GameEventKind } from './core/game.ts';
import { highestScoreOf, statementsFor } from './statements.ts';

const standing = 'STRUCT(SCORE:=10,LIVES:=2,LEVEL:=1)';

const cases: readonly (readonly [player: string, kind: GameEventKind, statements: readonly string[]])[] = [
  ['bob', 'grain', [`INSERT INTO USER_GAME (USER, GAME) VALUES ('bob', ${standing});`]],
  ["O'Neil", 'caught', [`INSERT INTO USER_GAME (USER, GAME) VALUES ('O''Neil', ${standing});`]],
  ["');--", 'started', [`INSERT INTO USER_GAME (USER, GAME) VALUES (''');--', ${standing});`]],
  ['bob', 'over', ["INSERT INTO USER_LOSSES (USER) VALUES ('bob');"]],
  ['bob', 'cleared', []],
];

for (const [player, kind, statements] of cases) {
  test(`${kind} of ${player} is told as ${statements.length} statement(s)`, () => {
    assert.deepEqual(
      statementsFor(player, { kind, score: 10, lives: 2, level: 1, tile: 0, gained: 10 }),
      statements,
    );
  });
}

test('the best score is asked for by key', () => {
  assert.equal(highestScoreOf("O'Neil"), "SELECT HIGHEST_SCORE FROM STATS_PER_USER WHERE USER = 'O''Neil';");
});
