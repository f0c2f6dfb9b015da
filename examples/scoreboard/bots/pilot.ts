import { type Direction, opposite } from '../web/game/core/direction.ts';
import { type Game, sceneOf } from '../web/game/core/game.ts';
import { distancesFrom, exits, neighbour, tiles } from '../web/game/core/maze.ts';
import { type Chance, nextChance, pick } from '../web/game/core/seeded.ts';
import { nearestTile } from '../web/game/core/walker.ts';

/** How somebody plays; people differ, so do computer players. */
export interface Temper {
  /** Tiles of head start before a ghost that it wants on any street it takes. */
  readonly caution: number;
  /** Share of the crossings where it just goes anywhere. */
  readonly slips: number;
}

/**
 * Decides like a person with a good eye: the nearest grain that can be reached before any ghost gets
 * there; in a flood a frightened ghost, if it is near; with no safe grain, away from the ghosts.
 * It looks only at what is on the screen, and only when its wheel comes to the middle of a tile.
 */
export class Pilot {
  readonly #temper: Temper;
  readonly #chance: Chance;
  #decidedAt = -1;

  constructor(temper: Temper, chance: Chance) {
    this.#temper = temper;
    this.#chance = chance;
  }

  /** The way to go, or undefined while there is nothing to decide. */
  decide(game: Game): Direction | undefined {
    if (game.phase !== 'playing') {
      this.#decidedAt = -1;
      return undefined;
    }
    const tile = nearestTile(game.wheel);
    if (tile === this.#decidedAt) return undefined;
    this.#decidedAt = tile;
    const ways = exits(tile);
    if (ways.length > 2 && nextChance(this.#chance) < this.#temper.slips) return pick(this.#chance, ways);
    return this.#hunt(game, tile) ?? this.#forage(game, tile) ?? flee(game, tile);
  }

  #hunt(game: Game, tile: number): Direction | undefined {
    const reachSteps = Math.min(game.floodSteps / 8, 12);
    if (reachSteps < 3) return undefined;
    const prey = new Set(
      game.ghosts
        .filter((ghost) => ghost.afraid && ghost.mode === 'roaming')
        .map((ghost) => nearestTile(ghost)),
    );
    return this.#nearest(game, tile, (at, distance) => prey.has(at) && distance <= reachSteps);
  }

  #forage(game: Game, tile: number): Direction | undefined {
    return this.#nearest(game, tile, (at) => game.grains[at]! > 0);
  }

  /** First step of the shortest safe way to a tile that is wanted. */
  #nearest(
    game: Game,
    from: number,
    wanted: (tile: number, distance: number) => boolean,
  ): Direction | undefined {
    const danger = dangerOf(game);
    const safe = (tile: number, distance: number): boolean => danger[tile]! > distance + this.#temper.caution;
    const distances = distancesFrom(from, 'streets', (tile, distance) => !safe(tile, distance));
    let goal = -1;
    for (let tile = 0; tile < tiles.length; tile++) {
      const distance = distances[tile]!;
      if (distance === 0 || distance === Infinity || !wanted(tile, distance)) continue;
      if (goal < 0 || distance < distances[goal]!) goal = tile;
    }
    return goal < 0 ? undefined : firstStep(goal, distances);
  }
}

/** Steps until the first dangerous ghost could be at each tile. */
function dangerOf(game: Game): Float64Array {
  const danger = new Float64Array(tiles.length).fill(Infinity);
  for (const ghost of sceneOf(game).ghosts) {
    if (ghost.afraid || ghost.mode !== 'roaming') continue;
    const distances = distancesFrom(nearestTile(ghost));
    for (let tile = 0; tile < tiles.length; tile++) danger[tile] = Math.min(danger[tile]!, distances[tile]!);
  }
  return danger;
}

function flee(game: Game, tile: number): Direction | undefined {
  const danger = dangerOf(game);
  return exits(tile).toSorted((a, b) => danger[neighbour(tile, b)]! - danger[neighbour(tile, a)]!)[0];
}

/** Walks the distances back from `goal` to where they are 0. */
function firstStep(goal: number, distances: Float64Array): Direction | undefined {
  let at = goal;
  for (;;) {
    const back = exits(at).find((way) => distances[neighbour(at, way)] === distances[at]! - 1);
    if (back === undefined) return undefined;
    at = neighbour(at, back);
    if (distances[at] === 0) return opposite[back];
  }
}
