import { type Direction, opposite } from './direction.ts';
import { arrive, chooseWay, type Ghost, type GhostName, newGhosts, realmOf, type Scene } from './ghosts.ts';
import { columns, doorstepTile, neighbour, startTile, tiles } from './maze.ts';
import type { Chance } from './seeded.ts';
import { nearestTile, positionOf, turnRound, type Walker, walk } from './walker.ts';

/** The game advances in fixed steps, however often it is drawn. */
export const stepsPerSecond = 60;

const seconds = (count: number): number => Math.round(count * stepsPerSecond);

export const points = { grain: 10, flood: 50, ghost: 100, bonus: 250 } as const;

const firstLives = 3;
const extraLifeAt = 5_000;
/** The bonus floats by when this many grains are eaten. */
const bonusAfter: readonly number[] = [70, 150];
const reach = 0.62;

/**
 *   ready --> playing --> caught --> ready (lives left) or over
 *                   \---> cleared --> ready (next level)
 */
export type Phase = 'ready' | 'playing' | 'caught' | 'cleared' | 'over';

const phaseSteps: Readonly<Record<Phase, number>> = {
  ready: seconds(2),
  playing: 0,
  caught: seconds(1.4),
  cleared: seconds(1.8),
  over: 0,
};

export type GameEventKind =
  | 'started'
  | 'grain'
  | 'flood'
  | 'ghost'
  | 'bonus'
  | 'extraLife'
  | 'caught'
  | 'cleared'
  | 'level'
  | 'over';

/** Something that happened in a step, with the standing right after it. */
export interface GameEvent {
  readonly kind: GameEventKind;
  readonly score: number;
  readonly lives: number;
  readonly level: number;
  readonly tile: number;
  readonly gained: number;
  readonly ghost?: GhostName;
}

/**
 * One game of Mill Maze, as plain data that {@link step} moves on.
 * Invariants: walkers never enter a bank; `score` never falls; the same seed and wishes give the same game.
 */
export interface Game {
  readonly chance: Chance;
  phase: Phase;
  /** Steps since the phase began. */
  phaseStep: number;
  /** Steps since the game began. */
  clock: number;
  score: number;
  lives: number;
  level: number;
  wheel: Walker;
  /** Where the wheel will turn as soon as it can. */
  wish: Direction;
  ghosts: Ghost[];
  /** Per tile: 0 empty, 1 grain, 2 flood. */
  grains: Uint8Array;
  grainsLeft: number;
  trail: number[];
  /** Steps the flood still lasts. */
  floodSteps: number;
  caughtInFlood: number;
  bonusSteps: number;
  /** Steps of play on this level: decides between resting and chasing. */
  levelStep: number;
}

export function newGame(seed: number): Game {
  return {
    chance: { state: seed | 0 },
    phase: 'ready',
    phaseStep: 0,
    clock: 0,
    score: 0,
    lives: firstLives,
    level: 1,
    wheel: newWheel(),
    wish: 'left',
    ghosts: newGhosts(),
    ...fullMaze(),
    trail: [],
    floodSteps: 0,
    caughtInFlood: 0,
    bonusSteps: 0,
    levelStep: 0,
  };
}

/** Advances by 1/60 s; `wish` is the way the player wants to go, kept until it is possible. */
export function step(game: Game, wish?: Direction): GameEvent[] {
  const events: GameEvent[] = [];
  if (wish !== undefined) game.wish = wish;
  if (game.phase === 'over') return events;
  if (game.clock++ === 0) tell(game, events, 'started');
  game.phaseStep++;
  if (game.phase === 'playing') play(game, events);
  else if (game.phaseStep >= phaseSteps[game.phase]) leavePhase(game, events);
  return events;
}

/** Ghosts rest in their corners for 5 s out of every 25 s, from the third time on they always chase. */
function isResting(game: Game): boolean {
  return game.levelStep < seconds(75) && game.levelStep % seconds(25) < seconds(5);
}

export function sceneOf(game: Game): Scene {
  return {
    wheel: game.wheel,
    ghosts: game.ghosts,
    trail: game.trail,
    floods: tiles.flatMap((_kind, tile) => (game.grains[tile] === 2 ? [tile] : [])),
    chance: game.chance,
    resting: isResting(game),
  };
}

function play(game: Game, events: GameEvent[]): void {
  const wasResting = isResting(game);
  game.levelStep++;
  if (game.bonusSteps > 0) game.bonusSteps--;
  if (game.floodSteps > 0 && --game.floodSteps === 0) for (const ghost of game.ghosts) ghost.afraid = false;
  moveWheel(game);
  eat(game, events);
  if (wasResting !== isResting(game)) turnRoamers(game);
  moveGhosts(game);
  meetGhosts(game, events);
  if (game.phase === 'playing' && game.grainsLeft === 0) {
    enterPhase(game, 'cleared');
    tell(game, events, 'cleared');
  }
}

function moveWheel(game: Game): void {
  const { wheel } = game;
  if (wheel.progress > 0 && game.wish === opposite[wheel.direction]) turnRound(wheel, 'streets');
  walk(wheel, 30, 'streets', (tile) => {
    if (game.trail.at(-1) !== tile) game.trail.push(tile);
    if (game.trail.length > 64) game.trail.shift();
    return neighbour(tile, game.wish) >= 0 ? game.wish : wheel.direction;
  });
}

function eat(game: Game, events: GameEvent[]): void {
  const tile = nearestTile(game.wheel);
  const grain = game.grains[tile]!;
  if (grain > 0) {
    game.grains[tile] = 0;
    game.grainsLeft--;
    if (grain === 2) startFlood(game);
    gain(game, events, grain === 2 ? 'flood' : 'grain', grain === 2 ? points.flood : points.grain, tile);
    if (bonusAfter.includes(fullCount - game.grainsLeft)) game.bonusSteps = seconds(9);
  }
  if (game.bonusSteps > 0 && tile === bonusTile) {
    game.bonusSteps = 0;
    gain(game, events, 'bonus', points.bonus * game.level, tile);
  }
}

function startFlood(game: Game): void {
  game.floodSteps = floodStepsOf(game.level);
  game.caughtInFlood = 0;
  for (const ghost of game.ghosts) if (ghost.mode !== 'homing') ghost.afraid = true;
  turnRoamers(game);
}

export function floodStepsOf(level: number): number {
  return seconds(Math.max(2.5, 7.5 - level * 0.7));
}

function turnRoamers(game: Game): void {
  for (const ghost of game.ghosts) if (ghost.mode === 'roaming') turnRound(ghost, 'streets');
}

function moveGhosts(game: Game): void {
  const scene = sceneOf(game);
  for (const ghost of game.ghosts) {
    if (ghost.mode === 'waiting' && --ghost.waitSteps <= 0) ghost.mode = 'leaving';
    walk(ghost, ghostSpeed(ghost, game.level), realmOf(ghost), () => {
      arrive(ghost);
      return chooseWay(ghost, scene);
    });
    arrive(ghost);
  }
}

function ghostSpeed(ghost: Ghost, level: number): number {
  if (ghost.mode === 'homing') return 60;
  if (ghost.mode === 'leaving') return 16;
  if (ghost.afraid) return 15;
  return Math.min(24 + level, 31);
}

function meetGhosts(game: Game, events: GameEvent[]): void {
  for (const ghost of game.ghosts) {
    if (ghost.mode !== 'roaming' || !touches(game.wheel, ghost)) continue;
    if (ghost.afraid) {
      ghost.afraid = false;
      ghost.mode = 'homing';
      const reward = points.ghost * 2 ** game.caughtInFlood++;
      gain(game, events, 'ghost', reward, nearestTile(game.wheel), ghost.name);
    } else {
      game.lives--;
      enterPhase(game, 'caught');
      tell(game, events, 'caught', 0, nearestTile(game.wheel), ghost.name);
      return;
    }
  }
}

function touches(a: Walker, b: Walker): boolean {
  const from = positionOf(a);
  const to = positionOf(b);
  const dx = Math.abs(from.x - to.x);
  return Math.min(dx, columns - dx) < reach && Math.abs(from.y - to.y) < reach;
}

function leavePhase(game: Game, events: GameEvent[]): void {
  if (game.phase === 'ready') {
    enterPhase(game, 'playing');
    return;
  }
  if (game.phase === 'caught' && game.lives === 0) {
    enterPhase(game, 'over');
    tell(game, events, 'over');
    return;
  }
  if (game.phase === 'cleared') {
    game.level++;
    Object.assign(game, fullMaze());
    tell(game, events, 'level');
  }
  Object.assign(game, {
    wheel: newWheel(),
    wish: 'left',
    ghosts: newGhosts(),
    trail: [],
    floodSteps: 0,
    bonusSteps: 0,
    levelStep: 0,
  });
  enterPhase(game, 'ready');
}

function enterPhase(game: Game, phase: Phase): void {
  game.phase = phase;
  game.phaseStep = 0;
}

function gain(
  game: Game,
  events: GameEvent[],
  kind: GameEventKind,
  gained: number,
  tile: number,
  ghost?: GhostName,
): void {
  const before = game.score;
  game.score += gained;
  tell(game, events, kind, gained, tile, ghost);
  if (before < extraLifeAt && game.score >= extraLifeAt) {
    game.lives++;
    tell(game, events, 'extraLife', 0, tile);
  }
}

function tell(
  game: Game,
  events: GameEvent[],
  kind: GameEventKind,
  gained = 0,
  tile = game.wheel.tile,
  ghost?: GhostName,
): void {
  const { score, lives, level } = game;
  events.push({ kind, score, lives, level, tile, gained, ...(ghost && { ghost }) });
}

function newWheel(): Walker {
  return { tile: startTile, direction: 'left', progress: 0 };
}

function fullMaze(): { grains: Uint8Array; grainsLeft: number } {
  return {
    grains: Uint8Array.from(tiles, (kind) => (kind === 'grain' ? 1 : kind === 'flood' ? 2 : 0)),
    grainsLeft: fullCount,
  };
}

export const bonusTile = doorstepTile;
const fullCount = tiles.filter((kind) => kind === 'grain' || kind === 'flood').length;
