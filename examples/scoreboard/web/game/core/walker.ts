import type { Direction } from './direction.ts';
import { opposite } from './direction.ts';
import { columnOf, neighbour, offsets, type Realm, rowOf } from './maze.ts';

/** Whole numbers only, so that the same seed gives the same game on every machine. */
export const tileLength = 240;

/**
 * Somebody in the maze: on a tile, or `progress` of {@link tileLength} on the way to the next one.
 * Invariant: `progress` is above 0 only while the next tile in `direction` may be entered.
 */
export interface Walker {
  tile: number;
  direction: Direction;
  progress: number;
}

/**
 * Moves on by `speed`; at each tile centre `choose` says where to go next
 * (undefined, or a way that is closed: stand still there).
 */
export function walk(
  walker: Walker,
  speed: number,
  realm: Realm,
  choose: (tile: number) => Direction | undefined,
): void {
  let left = speed;
  while (left > 0) {
    if (walker.progress === 0) {
      const wish = choose(walker.tile);
      if (wish === undefined || neighbour(walker.tile, wish, realm) < 0) return;
      walker.direction = wish;
    }
    const stride = Math.min(left, tileLength - walker.progress);
    walker.progress += stride;
    left -= stride;
    if (walker.progress === tileLength) {
      walker.tile = neighbour(walker.tile, walker.direction, realm);
      walker.progress = 0;
    }
  }
}

/** Turns round on the spot, also between two tiles. */
export function turnRound(walker: Walker, realm: Realm): void {
  if (walker.progress > 0) {
    walker.tile = neighbour(walker.tile, walker.direction, realm);
    walker.progress = tileLength - walker.progress;
  }
  walker.direction = opposite[walker.direction];
}

/** Where the walker is, in tiles with a fraction; in the tunnel this may lie a little outside the maze. */
export function positionOf(walker: Walker): { x: number; y: number } {
  const [dx, dy] = offsets[walker.direction];
  const part = walker.progress / tileLength;
  return { x: columnOf(walker.tile) + dx * part, y: rowOf(walker.tile) + dy * part };
}

/** The tile whose centre is nearest. */
export function nearestTile(walker: Walker, realm: Realm = 'streets'): number {
  if (walker.progress * 2 < tileLength) return walker.tile;
  return neighbour(walker.tile, walker.direction, realm);
}
