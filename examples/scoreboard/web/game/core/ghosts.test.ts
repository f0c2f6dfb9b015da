import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Direction } from './direction.ts';
import { chase, type Ghost, type GhostName, newGhosts, type Scene } from './ghosts.ts';
import { tileAt } from './maze.ts';

interface Setting {
  readonly wheel: readonly [x: number, y: number, heading: Direction];
  readonly ghost: readonly [x: number, y: number];
  readonly broker?: readonly [x: number, y: number];
  readonly trail?: readonly number[];
  readonly floods?: readonly (readonly [x: number, y: number])[];
}

function targetOf(name: GhostName, { wheel, ghost, broker, trail = [], floods = [] }: Setting): number {
  const ghosts = newGhosts();
  const found = ghosts.find((one) => one.name === name) as Ghost;
  if (broker) ghosts[0]!.tile = tileAt(...broker);
  found.tile = tileAt(...ghost);
  const scene: Scene = {
    wheel: { tile: tileAt(wheel[0], wheel[1]), direction: wheel[2], progress: 0 },
    ghosts,
    trail,
    floods: floods.map(([x, y]) => tileAt(x, y)),
    chance: { state: 1 },
    resting: false,
  };
  return chase[name](found, scene);
}

const trail = Array.from({ length: 20 }, (_, index) => 100 + index);

const cases: readonly (readonly [what: string, ghost: GhostName, setting: Setting, target: number])[] = [
  ['Broker goes where the wheel is', 'Broker', { wheel: [1, 21, 'right'], ghost: [1, 1] }, tileAt(1, 21)],
  [
    'Partition goes to the next junction ahead',
    'Partition',
    { wheel: [2, 21, 'right'], ghost: [1, 1] },
    tileAt(6, 21),
  ],
  [
    'Partition turns back from the junction to the wheel',
    'Partition',
    { wheel: [2, 21, 'right'], ghost: [6, 21] },
    tileAt(2, 21),
  ],
  [
    'Controller guards the flood nearest to the wheel',
    'Controller',
    {
      wheel: [1, 15, 'down'],
      ghost: [19, 1],
      floods: [
        [2, 3],
        [1, 17],
      ],
    },
    tileAt(1, 17),
  ],
  [
    'Controller comes from the far side of Broker when there is nothing to guard',
    'Controller',
    { wheel: [10, 17, 'left'], ghost: [1, 1], broker: [10, 13] },
    tileAt(10, 21),
  ],
  [
    'Controller leaves its flood when the wheel is near',
    'Controller',
    { wheel: [10, 9, 'left'], ghost: [6, 9], broker: [14, 9], floods: [[2, 3]] },
    tileAt(6, 9),
  ],
  [
    'Offset follows the trail ten tiles behind',
    'Offset',
    { wheel: [1, 1, 'left'], ghost: [9, 9], trail },
    109,
  ],
  [
    'Offset starts with the oldest of a short trail',
    'Offset',
    { wheel: [1, 1, 'left'], ghost: [9, 9], trail: [42, 43] },
    42,
  ],
];

for (const [what, ghost, setting, target] of cases) {
  test(what, () => assert.equal(targetOf(ghost, setting), target));
}
