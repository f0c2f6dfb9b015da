import type { Direction } from './core/direction.ts';

const keys: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowLeft: 'left',
  ArrowDown: 'down',
  ArrowRight: 'right',
  KeyW: 'up',
  KeyA: 'left',
  KeyS: 'down',
  KeyD: 'right',
};

/** A swipe shorter than this is a shaky tap. */
const swipePx = 18;

export interface Commands {
  steer(direction: Direction): void;
  pause(): void;
  mute(): void;
}

/** Turns keys, swipes on the maze and presses on the pad into commands. */
export function listen(maze: HTMLElement, pad: Iterable<HTMLElement>, commands: Commands): void {
  addEventListener('keydown', (event) => {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = keys[event.code];
    if (direction !== undefined) {
      commands.steer(direction);
      event.preventDefault();
    } else if (event.repeat) return;
    else if (event.code === 'KeyP' || event.code === 'Escape') commands.pause();
    else if (event.code === 'KeyM') commands.mute();
    else if (event.code === 'Space' && !(event.target instanceof HTMLButtonElement)) {
      commands.pause();
      event.preventDefault();
    }
  });

  let from: { x: number; y: number } | undefined;
  maze.addEventListener('pointerdown', (event) => {
    from = { x: event.clientX, y: event.clientY };
  });
  maze.addEventListener('pointermove', (event) => {
    if (from === undefined) return;
    const dx = event.clientX - from.x;
    const dy = event.clientY - from.y;
    if (Math.max(Math.abs(dx), Math.abs(dy)) < swipePx) return;
    commands.steer(Math.abs(dx) > Math.abs(dy) ? (dx > 0 ? 'right' : 'left') : dy > 0 ? 'down' : 'up');
    // Without lifting the finger the next bend can be drawn from here.
    from = { x: event.clientX, y: event.clientY };
  });
  for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => (from = undefined));

  for (const button of pad) {
    button.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      commands.steer(button.dataset.way as Direction);
    });
  }
}
