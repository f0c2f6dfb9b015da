import { type Direction, opposite } from './direction.ts';
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
  type Realm,
  rowOf,
  rows,
  tileAt,
} from './maze.ts';
import { type Chance, pick } from './seeded.ts';
import { nearestTile, type Walker } from './walker.ts';

export type GhostName = 'Broker' | 'Partition' | 'Controller' | 'Offset';

/**
 *   waiting --(its turn)--> leaving --(doorstep)--> roaming --(caught in a flood)--> homing
 *                              ^                                                        |
 *                              +-----------------------(in the mill)-------------------+
 */
export type GhostMode = 'waiting' | 'leaving' | 'roaming' | 'homing';

export interface Ghost extends Walker {
  readonly name: GhostName;
  mode: GhostMode;
  /** While above 0 it stays in the mill. */
  waitSteps: number;
  /** It flees, and can be caught. */
  afraid: boolean;
}

/** What a ghost can see when it decides. */
export interface Scene {
  readonly wheel: Walker;
  readonly ghosts: readonly Ghost[];
  /** Tiles the wheel entered, newest last. */
  readonly trail: readonly number[];
  /** Tiles that still hold a flood. */
  readonly floods: readonly number[];
  readonly chance: Chance;
  readonly resting: boolean;
}

/** How many entries of the wheel's trail Offset is behind: a consumer with a constant lag. */
const offsetLag = 10;
/** Controller leaves its post when the wheel is this near (in tiles, as the crow flies). */
const controllerAlarm = 7;

/** Four characters, so that no two ghosts take the same street to the same wheel. */
export const chase: Readonly<Record<GhostName, (ghost: Ghost, scene: Scene) => number>> = {
  // Serves every request itself: straight to where the wheel is.
  Broker: (_ghost, { wheel }) => nearestTile(wheel),

  // Splits the way: waits at the next junction the wheel comes to.
  Partition: (ghost, { wheel }) => {
    const tile = nearestTile(wheel);
    const ahead = junctionAhead(tile, wheel.direction);
    return ghost.tile === ahead ? tile : ahead;
  },

  // Keeps order: guards the flood nearest to the wheel. With none left, or the wheel at the door,
  // it closes in from the side opposite to Broker.
  Controller: (ghost, { wheel, floods, ghosts }) => {
    const tile = nearestTile(wheel);
    const guarded = nearestTo(tile, floods);
    if (guarded !== undefined && squaredDistance(ghost.tile, tile) > controllerAlarm ** 2) return guarded;
    const broker = ghosts.find(({ name }) => name === 'Broker');
    if (broker === undefined) return tile;
    const x = clamp(2 * columnOf(tile) - columnOf(broker.tile), columns);
    const y = clamp(2 * rowOf(tile) - rowOf(broker.tile), rows);
    return squaredDistance(ghost.tile, tile) < 9 ? tile : tileAt(x, y);
  },

  // Reads the wheel's log from behind: goes where the wheel was, in order.
  Offset: (_ghost, { wheel, trail }) => trail[trail.length - 1 - offsetLag] ?? trail[0] ?? wheel.tile,
};

/** Where each one rests between two chases: the four corners. */
const corners: Readonly<Record<GhostName, number>> = {
  Broker: tileAt(columns - 2, 1),
  Partition: tileAt(1, 1),
  Controller: tileAt(columns - 2, rows - 2),
  Offset: tileAt(1, rows - 2),
};

const homeTile = millTiles[Math.floor(millTiles.length / 2)]!;
const wayHome = distancesFrom(homeTile, 'everywhere');
const wayOut = distancesFrom(doorstepTile, 'everywhere');

export function newGhosts(): Ghost[] {
  const at = (name: GhostName, tile: number, mode: GhostMode, waitSteps: number): Ghost => ({
    name,
    tile,
    mode,
    waitSteps,
    direction: 'left',
    progress: 0,
    afraid: false,
  });
  return [
    at('Broker', doorstepTile, 'roaming', 0),
    at('Partition', homeTile, 'waiting', 120),
    at('Controller', homeTile - 1, 'waiting', 360),
    at('Offset', homeTile + 1, 'waiting', 600),
  ];
}

export function realmOf(ghost: Ghost): Realm {
  return ghost.mode === 'roaming' ? 'streets' : 'everywhere';
}

/** Which way a ghost goes on from the centre of its tile. */
export function chooseWay(ghost: Ghost, scene: Scene): Direction | undefined {
  if (ghost.mode === 'waiting') return undefined;
  if (ghost.mode === 'homing') return downhill(ghost.tile, wayHome);
  if (ghost.mode === 'leaving') return downhill(ghost.tile, wayOut);
  // Ghosts never turn back on their own: this is what makes them possible to shake off.
  const ways = exits(ghost.tile).filter((way) => way !== opposite[ghost.direction]);
  if (ghost.afraid) return pick(scene.chance, ways) ?? opposite[ghost.direction];
  const target = scene.resting ? corners[ghost.name] : chase[ghost.name](ghost, scene);
  return least(ways, (way) => squaredDistance(neighbour(ghost.tile, way), target));
}

/** Changes the mode where a tile calls for it. */
export function arrive(ghost: Ghost): void {
  if (ghost.progress > 0) return;
  if (ghost.mode === 'homing' && ghost.tile === homeTile) ghost.mode = 'leaving';
  else if (ghost.mode === 'leaving' && ghost.tile === doorstepTile) ghost.mode = 'roaming';
}

export function isInside(ghost: Ghost): boolean {
  return ghost.tile === gateTile || millTiles.includes(ghost.tile);
}

function downhill(tile: number, distances: Float64Array): Direction | undefined {
  return least(exits(tile, 'everywhere'), (way) => distances[neighbour(tile, way, 'everywhere')]!);
}

function nearestTo(tile: number, candidates: readonly number[]): number | undefined {
  return least(candidates, (candidate) => squaredDistance(tile, candidate));
}

function least<T>(choices: readonly T[], cost: (choice: T) => number): T | undefined {
  let best: T | undefined;
  let lowest = Infinity;
  for (const choice of choices) {
    const value = cost(choice);
    if (value < lowest) {
      lowest = value;
      best = choice;
    }
  }
  return best;
}

function squaredDistance(a: number, b: number): number {
  return (columnOf(a) - columnOf(b)) ** 2 + (rowOf(a) - rowOf(b)) ** 2;
}

function clamp(value: number, limit: number): number {
  return Math.min(Math.max(value, 0), limit - 1);
}
