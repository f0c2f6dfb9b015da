import assert from 'node:assert/strict';
import { test } from 'node:test';
import { awayAfterMs, isPlaying, ranking, standingOf } from './standing.ts';

const standing = (player: string, score = 0, level = 1, losses = 0, lastEventMs = 0, lastOverMs = 0) =>
  standingOf([player, score, level, losses, score, 3, lastEventMs, lastOverMs]);

test('best score first, then level, then fewer losses, then name; equal scores share a rank', () => {
  const ranked = ranking([
    standing('d', 10),
    standing('b', 50, 1, 2),
    standing('a', 50, 2, 9),
    standing('c', 50, 1, 1),
    standing('e', 90),
  ]);
  assert.deepEqual(
    ranked.map(({ player, rank }) => [rank, player]),
    [
      [1, 'e'],
      [2, 'a'],
      [2, 'c'],
      [2, 'b'],
      [5, 'd'],
    ],
  );
});

const nowMs = 1_000_000;
const playing = [
  ['a move a second ago', nowMs - 1_000, 0, true],
  ['a move after the last game over', nowMs - 1_000, nowMs - 2_000, true],
  ['game over with the last move', nowMs - 1_000, nowMs - 1_000, false],
  ['no move for too long', nowMs - awayAfterMs, 0, false],
] as const;

for (const [what, lastEventMs, lastOverMs, expected] of playing) {
  test(`${what}: ${expected ? 'in a game' : 'not in a game'}`, () => {
    assert.equal(isPlaying(standing('a', 0, 1, 0, lastEventMs, lastOverMs), nowMs), expected);
  });
}

test('a row with nulls is a standing of zeros', () => {
  assert.equal(standingOf(['a', null, null, null, null, null, null, null]).bestScore, 0);
});
