import type { GhostName } from '../core/ghosts.ts';

const names = [
  'maze-water',
  'maze-ripple',
  'maze-bank',
  'maze-bank-top',
  'maze-bank-shade',
  'maze-grain',
  'wheel',
  'wheel-light',
  'water',
  'panel',
  'ink',
  'grain',
  'broker',
  'partition',
  'controller',
  'offset',
] as const;

export type Palette = Readonly<Record<(typeof names)[number], string>>;

/** The page's own custom properties, so that the canvas follows light and dark with the rest. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(
    names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  ) as Palette;
}

export const colourOf: Readonly<Record<GhostName, keyof Palette>> = {
  Broker: 'broker',
  Partition: 'partition',
  Controller: 'controller',
  Offset: 'offset',
};
