import type { Direction } from '../core/direction.ts';
import type { Ghost, GhostName } from '../core/ghosts.ts';
import { offsets } from '../core/maze.ts';
import { colourOf, type Palette } from './palette.ts';

type Context = CanvasRenderingContext2D;

const fullTurn = 2 * Math.PI;

/** The player: a mill wheel. `broken` from 0 (whole) to 1 (gone) lets its paddles fly off. */
export function paintWheel(context: Context, palette: Palette, angle: number, broken: number): void {
  context.save();
  context.globalAlpha = 1 - broken;
  context.rotate(angle + broken * 2);
  const paddles = 8;
  for (let paddle = 0; paddle < paddles; paddle++) {
    context.save();
    context.rotate((paddle / paddles) * fullTurn);
    context.translate(0.44 + broken * 1.1, 0);
    context.rotate(broken * 5);
    context.fillStyle = palette['wheel-light'];
    roundedBox(context, -0.07, -0.13, 0.22, 0.26, 0.05);
    context.fill();
    context.restore();
  }
  context.scale(1 - broken * 0.6, 1 - broken * 0.6);
  context.fillStyle = palette.wheel;
  disc(context, 0, 0, 0.45);
  context.fillStyle = palette['maze-water'];
  disc(context, 0, 0, 0.31);
  context.strokeStyle = palette.wheel;
  context.lineWidth = 0.09;
  context.beginPath();
  for (let spoke = 0; spoke < 4; spoke++) {
    const turn = (spoke / 8) * fullTurn;
    context.moveTo(-0.36 * Math.cos(turn), -0.36 * Math.sin(turn));
    context.lineTo(0.36 * Math.cos(turn), 0.36 * Math.sin(turn));
  }
  context.stroke();
  context.fillStyle = palette['wheel-light'];
  disc(context, 0, 0, 0.13);
  context.restore();
}

/** Each ghost wears what it is: a rack, three columns, a gear, a pointer. */
const bodies: Readonly<Record<GhostName, (context: Context, time: number, heading: Direction) => void>> = {
  Broker: (context) => {
    roundedBox(context, -0.48, -0.5, 0.96, 1, 0.2);
    context.fill();
    context.globalAlpha = 0.35;
    context.fillStyle = '#000';
    for (const y of [0.14, 0.3]) {
      roundedBox(context, -0.32, y, 0.64, 0.07, 0.03);
      context.fill();
    }
  },
  Partition: (context, time) => {
    for (const [column, x] of [-0.5, -0.155, 0.19].entries()) {
      const sway = 0.05 * Math.sin(time * 5 + column * 1.6);
      roundedBox(context, x, -0.48 + sway, 0.31, 0.98, 0.13);
      context.fill();
    }
    roundedBox(context, -0.46, -0.4, 0.92, 0.5, 0.14);
    context.fill();
  },
  Controller: (context, time) => {
    context.save();
    context.rotate(time * 0.9);
    for (let tooth = 0; tooth < 8; tooth++) {
      context.rotate(fullTurn / 8);
      roundedBox(context, -0.11, -0.55, 0.22, 0.3, 0.06);
      context.fill();
    }
    context.restore();
    disc(context, 0, 0, 0.43);
  },
  Offset: (context, _time, heading) => {
    const [dx, dy] = offsets[heading];
    context.save();
    context.rotate(Math.atan2(dy, dx));
    context.lineJoin = 'round';
    context.lineWidth = 0.2;
    context.strokeStyle = context.fillStyle;
    context.beginPath();
    context.moveTo(-0.4, -0.36);
    context.lineTo(0.12, -0.36);
    context.lineTo(0.48, 0);
    context.lineTo(0.12, 0.36);
    context.lineTo(-0.4, 0.36);
    context.lineTo(-0.26, 0);
    context.closePath();
    context.fill();
    context.stroke();
    context.restore();
  },
};

/** `fading`: the flood is about to end. */
export function paintGhost(
  context: Context,
  palette: Palette,
  ghost: Ghost,
  time: number,
  fading: boolean,
): void {
  context.save();
  context.translate(0, 0.035 * Math.sin(time * 6 + ghost.name.length));
  if (ghost.mode !== 'homing') {
    const blink = fading && Math.floor(time * 6) % 2 === 0;
    context.fillStyle = ghost.afraid && !blink ? palette.water : palette[colourOf[ghost.name]];
    context.save();
    bodies[ghost.name](context, time, ghost.direction);
    context.restore();
  }
  paintEyes(context, ghost, time);
  context.restore();
}

function paintEyes(context: Context, ghost: Ghost, time: number): void {
  const [dx, dy] = offsets[ghost.direction];
  for (const side of [-1, 1]) {
    const x = side * 0.19 + dx * 0.05;
    const y = -0.13 + dy * 0.05;
    context.fillStyle = '#fff';
    disc(context, x, y, 0.145);
    context.fillStyle = '#10202b';
    disc(context, x + dx * 0.06, y + dy * 0.06, ghost.afraid ? 0.05 : 0.08);
  }
  if (!ghost.afraid) return;
  context.strokeStyle = '#fff';
  context.lineWidth = 0.06;
  context.lineCap = 'round';
  context.beginPath();
  for (let dot = 0; dot <= 6; dot++) {
    const y = 0.2 + 0.04 * Math.sin(dot * 2 + time * 12);
    context.lineTo(-0.24 + dot * 0.08, y);
  }
  context.stroke();
}

export function paintGrain(context: Context, palette: Palette): void {
  context.save();
  context.rotate(-0.6);
  context.fillStyle = palette['maze-grain'];
  context.beginPath();
  context.ellipse(0, 0, 0.16, 0.1, 0, 0, fullTurn);
  context.fill();
  context.restore();
}

/** A flood in waiting: a drop that breathes. */
export function paintFlood(context: Context, palette: Palette, time: number): void {
  context.save();
  const breath = 1 + 0.12 * Math.sin(time * 5);
  context.scale(breath, breath);
  context.fillStyle = palette.water;
  context.beginPath();
  context.moveTo(0, -0.42);
  context.bezierCurveTo(0.12, -0.18, 0.32, 0, 0.3, 0.14);
  context.arc(0, 0.12, 0.3, 0.07, Math.PI - 0.07);
  context.bezierCurveTo(-0.32, 0, -0.12, -0.18, 0, -0.42);
  context.fill();
  context.fillStyle = 'rgb(255 255 255 / 55%)';
  disc(context, -0.1, 0.1, 0.07);
  context.restore();
}

/** The bonus: a sack of flour. */
export function paintSack(context: Context, palette: Palette, time: number): void {
  context.save();
  context.rotate(0.08 * Math.sin(time * 4));
  context.fillStyle = '#f5ecd8';
  context.strokeStyle = palette.wheel;
  context.lineWidth = 0.07;
  context.beginPath();
  context.moveTo(-0.16, -0.3);
  context.bezierCurveTo(-0.62, 0.1, -0.5, 0.48, 0, 0.48);
  context.bezierCurveTo(0.5, 0.48, 0.62, 0.1, 0.16, -0.3);
  context.lineTo(0.26, -0.5);
  context.lineTo(-0.26, -0.5);
  context.closePath();
  context.fill();
  context.stroke();
  context.beginPath();
  context.moveTo(-0.22, -0.28);
  context.lineTo(0.22, -0.28);
  context.stroke();
  context.restore();
}

function disc(context: Context, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, fullTurn);
  context.fill();
}

function roundedBox(
  context: Context,
  x: number,
  y: number,
  width: number,
  height: number,
  radius: number,
): void {
  context.beginPath();
  context.roundRect(x, y, width, height, radius);
}
