import { columnOf, columns, gateTile, millTiles, rowOf, rows, tileAt, tiles } from '../core/maze.ts';
import type { Palette } from './palette.ts';

/** Everything that stands still, painted once for a size and a palette. One unit is one tile. */
export function paintMaze(context: CanvasRenderingContext2D, palette: Palette): void {
  context.fillStyle = palette['maze-water'];
  context.fillRect(0, 0, columns, rows);
  paintRipples(context, palette);
  paintMill(context, palette);
  // The same banks three times, each a little higher and narrower: shade, side and top.
  paintBanks(context, palette['maze-bank-shade'], 0.74, 0.1);
  paintBanks(context, palette['maze-bank'], 0.7, 0);
  paintBanks(context, palette['maze-bank-top'], 0.46, -0.04);
}

function isBank(x: number, y: number): boolean {
  if (y < 0 || y >= rows) return true;
  if (x >= 0 && x < columns) return tiles[tileAt(x, y)] === 'bank';
  // Beyond the edge the bank goes on, but for the tunnel.
  return tiles[tileAt(x < 0 ? 0 : columns - 1, y)] === 'bank';
}

/** Neighbouring bank tiles flow into each other: thick round strokes between their centres. */
function paintBanks(context: CanvasRenderingContext2D, colour: string, width: number, shift: number): void {
  context.save();
  context.translate(0.5, 0.5 + shift);
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = width;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.beginPath();
  for (let y = -1; y <= rows; y++) {
    for (let x = -1; x <= columns; x++) {
      if (!isBank(x, y)) continue;
      const right = isBank(x + 1, y);
      const below = isBank(x, y + 1);
      context.moveTo(x, y);
      context.lineTo(x + (right ? 1 : 0.001), y);
      if (below) {
        context.moveTo(x, y);
        context.lineTo(x, y + 1);
      }
      if (right && below && isBank(x + 1, y + 1)) context.fillRect(x, y, 1, 1);
    }
  }
  context.stroke();
  context.restore();
}

function paintRipples(context: CanvasRenderingContext2D, palette: Palette): void {
  context.strokeStyle = palette['maze-ripple'];
  context.lineWidth = 0.07;
  context.lineCap = 'round';
  tiles.forEach((kind, tile) => {
    if (kind === 'bank' || kind === 'mill' || kind === 'gate') return;
    // A fixed scatter from the tile's number: the picture must not change when it is painted again.
    const scatter = ((tile * 2654435761) >>> 0) / 2 ** 32;
    const x = columnOf(tile) + 0.2 + scatter * 0.4;
    const y = rowOf(tile) + 0.25 + ((scatter * 7) % 0.5);
    context.beginPath();
    context.arc(x, y, 0.18, 0.15 * Math.PI, 0.85 * Math.PI);
    context.stroke();
  });
}

function paintMill(context: CanvasRenderingContext2D, palette: Palette): void {
  const [first, last] = [millTiles[0]!, millTiles.at(-1)!];
  context.fillStyle = palette['maze-bank-shade'];
  context.globalAlpha = 0.55;
  context.fillRect(columnOf(first) - 0.2, rowOf(first) - 0.2, columnOf(last) - columnOf(first) + 1.4, 1.4);
  context.globalAlpha = 1;
  const x = columnOf(gateTile);
  const y = rowOf(gateTile);
  context.fillStyle = palette.wheel;
  context.fillRect(x - 0.2, y + 0.36, 1.4, 0.28);
  context.fillStyle = palette['wheel-light'];
  for (let plank = 0; plank < 5; plank++) context.fillRect(x - 0.16 + plank * 0.28, y + 0.4, 0.2, 0.2);
}
