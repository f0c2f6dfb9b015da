import { bonusTile, type Game, type GameEvent, stepsPerSecond } from '../core/game.ts';
import { columnOf, columns, rowOf, rows, tiles } from '../core/maze.ts';
import { positionOf } from '../core/walker.ts';
import { paintMaze } from './maze-picture.ts';
import { type Palette, readPalette } from './palette.ts';
import { paintFlood, paintGhost, paintGrain, paintSack, paintWheel } from './walkers-picture.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where everybody was one step ago: what is drawn lies between then and now, at any refresh rate. */
export interface Places {
  readonly wheel: Point;
  readonly ghosts: readonly Point[];
}

export function placesOf(game: Game): Places {
  return { wheel: positionOf(game.wheel), ghosts: game.ghosts.map(positionOf) };
}

interface Note {
  readonly text: string;
  readonly at: Point;
  readonly sinceMs: number;
}

const noteMs = 900;

/** Draws a {@link Game} on a canvas; knows nothing of steps, keys or the network. */
export class GameView {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #still = document.createElement('canvas');
  #palette: Palette = readPalette();
  #notes: Note[] = [];
  #spin = 0;
  #wheelAt: Point = { x: 0, y: 0 };

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d', { alpha: false })!;
    new ResizeObserver(() => this.#prepare()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#prepare());
    this.#prepare();
  }

  /** Something worth a word in the maze. */
  note(event: GameEvent, nowMs: number): void {
    const text =
      event.kind === 'ghost' || event.kind === 'bonus'
        ? `+${event.gained}`
        : event.kind === 'extraLife'
          ? '+1 life'
          : '';
    if (text === '') return;
    this.#notes.push({ text, at: { x: columnOf(event.tile), y: rowOf(event.tile) }, sinceMs: nowMs });
  }

  draw(game: Game, before: Places, part: number, nowMs: number): void {
    const context = this.#context;
    const tilePx = this.#canvas.width / columns;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.#still, 0, 0);
    context.setTransform(tilePx, 0, 0, tilePx, tilePx / 2, tilePx / 2);
    const time = nowMs / 1_000;
    this.#drawGrains(game, time);
    if (game.bonusSteps > 0) {
      this.#at({ x: columnOf(bonusTile), y: rowOf(bonusTile) }, () =>
        paintSack(context, this.#palette, time),
      );
    }
    this.#drawWheel(game, before, part);
    if (game.phase !== 'cleared') this.#drawGhosts(game, before, part, time);
    this.#drawNotes(nowMs);
    this.#drawBanner(game);
  }

  /** Fits the canvas to its box in device pixels and paints what stands still. */
  #prepare(): void {
    const { clientWidth } = this.#canvas;
    if (clientWidth === 0) return;
    const tilePx = Math.max(8, Math.round((clientWidth * devicePixelRatio) / columns));
    for (const canvas of [this.#canvas, this.#still]) {
      canvas.width = tilePx * columns;
      canvas.height = tilePx * rows;
    }
    this.#palette = readPalette();
    const context = this.#still.getContext('2d')!;
    context.scale(tilePx, tilePx);
    paintMaze(context, this.#palette);
  }

  #drawGrains(game: Game, time: number): void {
    for (let tile = 0; tile < tiles.length; tile++) {
      const grain = game.grains[tile];
      if (grain === 0) continue;
      this.#at({ x: columnOf(tile), y: rowOf(tile) }, () =>
        grain === 1
          ? paintGrain(this.#context, this.#palette)
          : paintFlood(this.#context, this.#palette, time),
      );
    }
  }

  #drawWheel(game: Game, before: Places, part: number): void {
    const at = between(before.wheel, positionOf(game.wheel), part);
    // It rolls as far as it moves; on the way down it turns like on the way right.
    const rolled = at.x - this.#wheelAt.x + (at.y - this.#wheelAt.y);
    if (Math.abs(rolled) < 2) this.#spin += rolled * 1.4;
    this.#wheelAt = at;
    const broken = game.phase === 'caught' ? Math.min(game.phaseStep / stepsPerSecond, 1) : 0;
    if (game.phase !== 'over')
      this.#wrapped(at, () => paintWheel(this.#context, this.#palette, this.#spin, broken));
  }

  #drawGhosts(game: Game, before: Places, part: number, time: number): void {
    const fading = game.floodSteps > 0 && game.floodSteps < 2 * stepsPerSecond;
    for (const [index, ghost] of game.ghosts.entries()) {
      const at = between(before.ghosts[index] ?? positionOf(ghost), positionOf(ghost), part);
      this.#wrapped(at, () => paintGhost(this.#context, this.#palette, ghost, time, fading));
    }
  }

  #drawNotes(nowMs: number): void {
    this.#notes = this.#notes.filter(({ sinceMs }) => nowMs - sinceMs < noteMs);
    const context = this.#context;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.font = '700 0.8px system-ui, sans-serif';
    for (const { text, at, sinceMs } of this.#notes) {
      const age = (nowMs - sinceMs) / noteMs;
      context.globalAlpha = 1 - age * age;
      context.lineWidth = 0.22;
      context.lineJoin = 'round';
      context.strokeStyle = this.#palette.panel;
      context.strokeText(text, at.x, at.y - age * 1.2);
      context.fillStyle = this.#palette.grain;
      context.fillText(text, at.x, at.y - age * 1.2);
    }
    context.globalAlpha = 1;
  }

  #drawBanner(game: Game): void {
    const text = bannerOf(game);
    if (text === undefined) return;
    const context = this.#context;
    const at = { x: (columns - 1) / 2, y: 13 };
    context.font = '700 0.82px system-ui, sans-serif';
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    const width = context.measureText(text).width + 1;
    context.fillStyle = this.#palette.panel;
    context.beginPath();
    context.roundRect(at.x - width / 2, at.y - 0.62, width, 1.24, 0.62);
    context.fill();
    context.fillStyle = this.#palette.ink;
    context.fillText(text, at.x, at.y + 0.04);
  }

  /** In the tunnel one half shows on each side. */
  #wrapped(at: Point, paint: () => void): void {
    this.#at(at, paint);
    if (at.x < 0.5) this.#at({ x: at.x + columns, y: at.y }, paint);
    if (at.x > columns - 1.5) this.#at({ x: at.x - columns, y: at.y }, paint);
  }

  #at({ x, y }: Point, paint: () => void): void {
    this.#context.save();
    this.#context.translate(x, y);
    paint();
    this.#context.restore();
  }
}

function bannerOf(game: Game): string | undefined {
  if (game.phase === 'ready') return game.level === 1 ? 'Ready?' : `Level ${game.level}`;
  if (game.phase === 'cleared') return 'All the grain is in';
  return undefined;
}

function between(from: Point, to: Point, part: number): Point {
  // Through the tunnel, or back to the start: a jump is no movement.
  if (Math.abs(to.x - from.x) > 1 || Math.abs(to.y - from.y) > 1) return to;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}
