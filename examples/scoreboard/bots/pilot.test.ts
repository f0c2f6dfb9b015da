import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Game, newGame, step, stepsPerSecond } from '../web/game/core/game.ts';
import { neighbour, tileAt, tiles } from '../web/game/core/maze.ts';
import { Pilot } from './pilot.ts';

const steady = { caution: 2, slips: 0 };

function playThrough(seed: number, each: (game: Game) => void = () => {}): Game {
  const game = newGame(seed);
  const pilot = new Pilot({ caution: 1, slips: 0.03 }, { state: seed + 1 });
  for (let steps = 0; game.phase !== 'over' && steps < 600 * stepsPerSecond; steps++) {
    step(game, pilot.decide(game));
    each(game);
  }
  return game;
}

test('bots play whole games: they score like people, and lose in the end', () => {
  const games = [1, 2, 3, 4].map((seed) => playThrough(seed));
  for (const game of games) {
    assert.equal(game.phase, 'over');
    assert.ok(game.score > 1_000, `a score of ${game.score} is no game`);
  }
  assert.equal(new Set(games.map(({ score }) => score)).size, games.length, 'no two games are alike');
});

test('bots stay on the streets', () => {
  playThrough(7, ({ wheel }) => {
    assert.ok(tiles[wheel.tile] !== 'bank' && tiles[wheel.tile] !== 'gate' && tiles[wheel.tile] !== 'mill');
    if (wheel.progress > 0) assert.ok(neighbour(wheel.tile, wheel.direction) >= 0);
  });
});

test('the same seeds give the same game', () => {
  assert.deepEqual(playThrough(11), playThrough(11));
});

function situation(wheel: number, grain: number, ghost: number, afraid: boolean): Game {
  const game = newGame(1);
  game.phase = 'playing';
  game.wheel.tile = wheel;
  game.grains.fill(0);
  game.grains[grain] = 1;
  for (const other of game.ghosts) other.mode = 'waiting';
  Object.assign(game.ghosts[0]!, { mode: 'roaming', tile: ghost, afraid });
  if (afraid) game.floodSteps = 300;
  return game;
}

const cases = [
  ['goes to the nearest grain', tileAt(8, 21), tileAt(4, 21), tileAt(10, 1), false, 'left'],
  ['leaves a grain behind a ghost alone', tileAt(8, 21), tileAt(2, 21), tileAt(5, 21), false, 'right'],
  ['hunts a frightened ghost that is near', tileAt(8, 21), tileAt(2, 21), tileAt(13, 21), true, 'right'],
] as const;

for (const [what, wheel, grain, ghost, afraid, way] of cases) {
  test(`a bot ${what}`, () => {
    assert.equal(new Pilot(steady, { state: 1 }).decide(situation(wheel, grain, ghost, afraid)), way);
  });
}
