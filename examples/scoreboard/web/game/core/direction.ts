export type Direction = 'up' | 'left' | 'down' | 'right';

export const directions: readonly Direction[] = ['up', 'left', 'down', 'right'];

export const opposite: Readonly<Record<Direction, Direction>> = {
  up: 'down',
  down: 'up',
  left: 'right',
  right: 'left',
};
