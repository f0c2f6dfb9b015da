import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Direction, directions } from './direction.ts';
import { floodStepsOf, type Game, type GameEvent, newGame, points, step, stepsPerSecond } from './game.ts';
import { columns, neighbour, startTile, tileAt, tiles } from './maze.ts';
import { positionOf } from './walker.ts';

function playUntil(game: Game, done: () => boolean, wish?: Direction): GameEvent[] {
  const events: GameEvent[] = [];
  for (let steps = 0; !done(); steps++) {
    assert.ok(steps < 10_000, 'it never came to that');
    events.push(...step(game, wish));
  }
  return events;
}

/** A game under way with the wheel on a tile and the ghosts out of the way in the mill. */
function gameAt(tile: number, direction: Direction): Game {
  const game = newGame(1);
  playUntil(game, () => game.phase === 'playing');
  Object.assign(game.wheel, { tile, direction, progress: 0 });
  game.wish = direction;
  for (const ghost of game.ghosts) Object.assign(ghost, { mode: 'waiting', waitSteps: 1e9 });
  return game;
}

function putGhost(game: Game, tile: number): void {
  Object.assign(game.ghosts[0]!, { mode: 'roaming', tile, progress: 0, direction: 'left' });
}

test('a game begins with a word at score 0 and a moment to get ready', () => {
  const game = newGame(1);
  assert.deepEqual(
    step(game).map(({ kind, score, lives, level }) => ({ kind, score, lives, level })),
    [{ kind: 'started', score: 0, lives: 3, level: 1 }],
  );
  playUntil(game, () => game.phase === 'playing');
  assert.equal(game.wheel.tile, startTile);
});

test('grain and floods score once each', () => {
  const game = gameAt(tileAt(1, 18), 'up');
  const events = playUntil(game, () => game.grains[tileAt(1, 17)] === 0);
  assert.deepEqual(
    events.map(({ kind, gained, score }) => [kind, gained, score]),
    [
      ['grain', points.grain, 10],
      ['flood', points.flood, 60],
    ],
  );
  playUntil(game, () => game.wheel.tile === tileAt(1, 18), 'down');
  assert.equal(game.score, 60);
});

test('a flood makes ghosts afraid for a while, shorter on higher levels', () => {
  const game = gameAt(tileAt(1, 18), 'up');
  playUntil(game, () => game.floodSteps > 0);
  assert.ok(game.ghosts.every(({ afraid }) => afraid));
  playUntil(game, () => game.floodSteps === 0);
  assert.ok(game.ghosts.every(({ afraid }) => !afraid));
  assert.ok(floodStepsOf(5) < floodStepsOf(1));
  assert.equal(floodStepsOf(50), 2.5 * stepsPerSecond);
});

test('each further ghost caught in one flood is worth twice as much, and goes home', () => {
  const game = gameAt(tileAt(1, 18), 'up');
  playUntil(game, () => game.floodSteps > 0 && game.wheel.progress === 0);
  const gained: number[] = [];
  for (const ghost of game.ghosts) {
    Object.assign(ghost, { mode: 'roaming', tile: game.wheel.tile, progress: 0, afraid: true });
    gained.push(...step(game).flatMap((event) => (event.kind === 'ghost' ? [event.gained] : [])));
    assert.equal(ghost.mode, 'homing');
  }
  assert.deepEqual(gained, [100, 200, 400, 800]);
});

test('a caught ghost comes out of the mill again, unafraid', () => {
  const game = gameAt(tileAt(1, 1), 'left');
  const ghost = game.ghosts[0]!;
  Object.assign(ghost, { mode: 'homing', tile: tileAt(1, 21), progress: 0 });
  playUntil(game, () => ghost.mode === 'leaving');
  playUntil(game, () => ghost.mode === 'roaming');
  assert.equal(ghost.afraid, false);
});

test('three catches end the game; the last life is told before the end', () => {
  const game = gameAt(tileAt(1, 1), 'left');
  const kinds: string[] = [];
  while (game.phase !== 'over') {
    if (game.phase === 'playing') putGhost(game, game.wheel.tile);
    for (const { kind, lives } of step(game))
      if (kind === 'caught' || kind === 'over') kinds.push(`${kind} ${lives}`);
  }
  assert.deepEqual(kinds, ['caught 2', 'caught 1', 'caught 0', 'over 0']);
  assert.deepEqual(step(game, 'left'), [], 'nothing happens after the end');
});

test('the last grain ends the level; the next one is full again and keeps the score', () => {
  const game = gameAt(tileAt(1, 18), 'up');
  game.grains.fill(0);
  game.grains[tileAt(1, 17)] = 1;
  game.grainsLeft = 1;
  const events = playUntil(game, () => game.level === 2);
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['grain', 'cleared', 'level'],
  );
  assert.equal(game.score, 10);
  assert.equal(game.grains.filter((grain) => grain > 0).length, game.grainsLeft);
});

test('an extra life comes at 5,000 points, once', () => {
  const game = gameAt(tileAt(1, 18), 'up');
  game.score = 4_990;
  assert.deepEqual(
    playUntil(game, () => game.score === 5_000).map(({ kind, lives }) => [kind, lives]),
    [
      ['grain', 3],
      ['extraLife', 4],
    ],
  );
  game.score = 5_000;
  playUntil(game, () => game.score > 5_000);
  assert.equal(game.lives, 4);
});

test('a wish is kept until the way is open, and the wheel turns round between tiles', () => {
  const game = gameAt(tileAt(2, 21), 'right');
  for (let steps = 0; steps < 12; steps++) step(game, 'up');
  assert.equal(game.wheel.direction, 'right', 'no way up yet');
  playUntil(game, () => game.wheel.direction === 'up');
  assert.deepEqual(positionOf(game.wheel).x, 6);
  const { y } = positionOf(game.wheel);
  step(game, 'down');
  assert.ok(positionOf(game.wheel).y > y);
});

test('the tunnel carries the wheel to the other side', () => {
  const game = gameAt(tileAt(0, 11), 'left');
  playUntil(game, () => game.wheel.tile === tileAt(columns - 1, 11));
});

const anyPlay = fc.record({
  seed: fc.integer(),
  wishes: fc.array(fc.tuple(fc.constantFrom(...directions), fc.integer({ min: 1, max: 40 })), {
    maxLength: 60,
  }),
});

test('whatever is wished: nobody enters a bank, the score never falls, grains are counted', () => {
  fc.assert(
    fc.property(anyPlay, ({ seed, wishes }) => {
      const game = newGame(seed);
      let score = 0;
      for (const [wish, steps] of wishes) {
        for (let index = 0; index < steps; index++) {
          for (const event of step(game, wish)) {
            assert.ok(event.score >= score);
            score = event.score;
          }
          assert.equal(game.score, score);
          assert.notEqual(tiles[game.wheel.tile], 'bank');
          if (game.wheel.progress > 0) assert.ok(neighbour(game.wheel.tile, game.wheel.direction) >= 0);
          for (const ghost of game.ghosts) {
            assert.notEqual(tiles[ghost.tile], 'bank');
            if (ghost.progress > 0) assert.ok(neighbour(ghost.tile, ghost.direction, 'everywhere') >= 0);
          }
        }
        assert.equal(
          game.grains.reduce((sum, grain) => sum + Math.sign(grain), 0),
          game.grainsLeft,
        );
      }
    }),
    { numRuns: 60 },
  );
});

test('the same seed and wishes give the same game', () => {
  fc.assert(
    fc.property(anyPlay, ({ seed, wishes }) => {
      const [one, other] = [newGame(seed), newGame(seed)];
      for (const [wish, steps] of wishes) {
        for (let index = 0; index < steps; index++) assert.deepEqual(step(one, wish), step(other, wish));
      }
      assert.deepEqual(one, other);
    }),
    { numRuns: 20 },
  );
});
