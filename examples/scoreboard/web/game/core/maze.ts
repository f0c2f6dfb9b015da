import { type Direction, directions, opposite } from './direction.ts';

/*
 * The left half and the centre column; the right half is its mirror image.
 *   # bank   . grain   o flood (power grain)   blank: water without grain
 *   @ where the wheel starts   - the sluice gate   _ the mill, where the ghosts live
 * Row 11 is open at both ends: who leaves on one side comes back on the other.
 */
const leftHalf = [
  '###########',
  '#....#.....',
  '#.##.#.###.',
  '#o#......#.',
  '#.#.##.#...',
  '#.#....#.##',
  '#...##.#...',
  '#.#....####',
  '#.##.#.####',
  '#.##.#     ',
  '#.##.# ###-',
  '...... #___',
  '#.##.# ####',
  '#.##.#     ',
  '#.##...####',
  '#....#.....',
  '##.#.#.##.#',
  '#o.#...#..@',
  '#.##.###.#.',
  '#....#...#.',
  '#.####.###.',
  '#..........',
  '###########',
];

export type TileKind = 'bank' | 'grain' | 'flood' | 'water' | 'start' | 'gate' | 'mill';

const kinds: Record<string, TileKind> = {
  '#': 'bank',
  '.': 'grain',
  o: 'flood',
  ' ': 'water',
  '@': 'start',
  '-': 'gate',
  _: 'mill',
};

const drawn = leftHalf.map((half) => half + [...half.slice(0, -1)].reverse().join(''));

export const rows = drawn.length;
export const columns = drawn[0]!.length;

/** A tile is its index, row by row. */
export const tiles: readonly TileKind[] = drawn.flatMap((row) => [...row].map((mark) => kinds[mark]!));

export function tileAt(x: number, y: number): number {
  return y * columns + ((x + columns) % columns);
}
export function columnOf(tile: number): number {
  return tile % columns;
}
export function rowOf(tile: number): number {
  return Math.floor(tile / columns);
}

export const offsets: Record<Direction, readonly [number, number]> = {
  up: [0, -1],
  left: [-1, 0],
  down: [0, 1],
  right: [1, 0],
};

/** What a walker may enter: everybody uses the streets; only ghosts on their way home or out use the mill. */
export type Realm = 'streets' | 'everywhere';

function enterable(kind: TileKind | undefined, realm: Realm): boolean {
  if (kind === undefined || kind === 'bank') return false;
  return realm === 'everywhere' || (kind !== 'gate' && kind !== 'mill');
}

function buildNeighbours(realm: Realm): readonly Readonly<Record<Direction, number>>[] {
  return tiles.map((kind, tile) => {
    const next: Record<Direction, number> = { up: -1, left: -1, down: -1, right: -1 };
    for (const direction of directions) {
      const [dx, dy] = offsets[direction];
      const y = rowOf(tile) + dy;
      if (y < 0 || y >= rows || !enterable(kind, realm)) continue;
      const to = tileAt(columnOf(tile) + dx, y);
      if (enterable(tiles[to], realm)) next[direction] = to;
    }
    return next;
  });
}

const neighbours = { streets: buildNeighbours('streets'), everywhere: buildNeighbours('everywhere') };

/** The tile one step on, or -1 where a bank (or, on the streets, the gate) is in the way. */
export function neighbour(tile: number, direction: Direction, realm: Realm = 'streets'): number {
  return neighbours[realm][tile]![direction];
}

export function exits(tile: number, realm: Realm = 'streets'): Direction[] {
  return directions.filter((direction) => neighbour(tile, direction, realm) >= 0);
}

/** Steps from `from` to every tile (Infinity where there is no way); `blocked` tiles are not entered. */
export function distancesFrom(
  from: number,
  realm: Realm = 'streets',
  blocked?: (tile: number, distance: number) => boolean,
): Float64Array {
  const distances = new Float64Array(tiles.length).fill(Infinity);
  distances[from] = 0;
  const queue = [from];
  for (let head = 0; head < queue.length; head++) {
    const tile = queue[head]!;
    const distance = distances[tile]! + 1;
    for (const direction of directions) {
      const to = neighbour(tile, direction, realm);
      if (to < 0 || distances[to] !== Infinity || blocked?.(to, distance)) continue;
      distances[to] = distance;
      queue.push(to);
    }
  }
  return distances;
}

/** The next junction (three ways or more) when walking on from `tile`, turning only where the bank turns. */
export function junctionAhead(tile: number, heading: Direction): number {
  let at = tile;
  let direction = heading;
  for (let steps = 0; steps < tiles.length; steps++) {
    const onward = exits(at).filter((exit) => exit !== opposite[direction]);
    if (onward.length !== 1 && steps > 0) return at;
    const next = onward.includes(direction) ? direction : onward[0];
    if (next === undefined) return at;
    at = neighbour(at, next);
    direction = next;
  }
  return at;
}

export const startTile = tiles.indexOf('start');
export const gateTile = tiles.indexOf('gate');
/** Just outside the gate: where ghosts come out and where the bonus floats by. */
export const doorstepTile = neighbour(gateTile, 'up', 'everywhere');
export const millTiles: readonly number[] = tiles.flatMap((kind, tile) => (kind === 'mill' ? [tile] : []));
