import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directions, opposite } from './direction.ts';
import {
  columnOf,
  columns,
  distancesFrom,
  doorstepTile,
  exits,
  gateTile,
  junctionAhead,
  millTiles,
  neighbour,
  rowOf,
  rows,
  startTile,
  tileAt,
  tiles,
} from './maze.ts';

const streets = tiles.flatMap((kind, tile) => (['bank', 'gate', 'mill'].includes(kind) ? [] : [tile]));

test('every street is reached from the start, and none is a dead end', () => {
  const distances = distancesFrom(startTile);
  for (const tile of streets) {
    assert.ok(distances[tile]! < Infinity, `tile ${columnOf(tile)},${rowOf(tile)} is cut off`);
    assert.ok(exits(tile).length >= 2, `tile ${columnOf(tile)},${rowOf(tile)} is a dead end`);
  }
});

test('streets are one tile wide', () => {
  for (const tile of streets) {
    const right = neighbour(tile, 'right');
    const below = neighbour(tile, 'down');
    if (right < 0 || below < 0) continue;
    assert.equal(neighbour(right, 'down'), -1, `a square at ${columnOf(tile)},${rowOf(tile)}`);
  }
});

test('the maze is its own mirror image', () => {
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) assert.equal(tiles[tileAt(x, y)], tiles[tileAt(columns - 1 - x, y)]);
  }
});

test('who can go one way can come back, in both realms', () => {
  for (const realm of ['streets', 'everywhere'] as const) {
    for (let tile = 0; tile < tiles.length; tile++) {
      for (const direction of directions) {
        const to = neighbour(tile, direction, realm);
        if (to >= 0) assert.equal(neighbour(to, opposite[direction], realm), tile);
      }
    }
  }
});

test('the tunnel joins both edges of its row', () => {
  assert.equal(neighbour(tileAt(0, 11), 'left'), tileAt(columns - 1, 11));
  assert.equal(neighbour(tileAt(columns - 1, 11), 'right'), tileAt(0, 11));
});

test('only ghosts on their way pass the gate', () => {
  assert.equal(neighbour(doorstepTile, 'down', 'streets'), -1);
  assert.equal(neighbour(doorstepTile, 'down', 'everywhere'), gateTile);
  for (const tile of millTiles) assert.equal(distancesFrom(startTile)[tile], Infinity);
});

test('the junction ahead is where the wheel has to decide', () => {
  for (const tile of streets) {
    for (const direction of exits(tile)) {
      assert.ok(exits(junctionAhead(tile, direction)).length > 2);
    }
  }
});
