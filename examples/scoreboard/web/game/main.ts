import { byId, formatCount } from '../shared/dom.ts';
import { pause } from '../shared/follow.ts';
import { KsqlClient } from '../shared/ksql-client.ts';
import type { Direction } from './core/direction.ts';
import { type Game, type GameEvent, newGame, step, stepsPerSecond } from './core/game.ts';
import { EventQueue } from './event-queue.ts';
import { listen } from './input.ts';
import { MiniBoard } from './mini-board.ts';
import { Sound } from './sound.ts';
import { highestScoreOf, statementsFor } from './statements.ts';
import { GameView, placesOf } from './view/game-view.ts';

/** A page that was asleep goes on where it was instead of racing through the time it missed. */
const longestFrameMs = 250;
const nameKey = 'mill-maze-player';

const client = new KsqlClient();
const board = new MiniBoard(client);
const sound = new Sound();
const view = new GameView(byId<HTMLCanvasElement>('maze'));
const queue = new EventQueue((statement) => client.execute(statement), pause, showUnsent);
const cards = { welcome: byId('welcome'), paused: byId('paused'), over: byId('over') };
const nameField = byId<HTMLInputElement>('player');

let game: Game = newGame(0);
let before = placesOf(game);
let player = '';
let best = 0;
let running = false;
let wish: Direction | undefined;
let lastMs = performance.now();
let owedMs = 0;

function frame(nowMs: number): void {
  requestAnimationFrame(frame);
  if (running) {
    owedMs += Math.min(nowMs - lastMs, longestFrameMs);
    const stepMs = 1_000 / stepsPerSecond;
    while (owedMs >= stepMs && running) {
      owedMs -= stepMs;
      before = placesOf(game);
      for (const event of step(game, wish)) happen(event, nowMs);
      wish = undefined;
    }
  }
  lastMs = nowMs;
  view.draw(game, before, running ? (owedMs * stepsPerSecond) / 1_000 : 1, nowMs);
}

function happen(event: GameEvent, nowMs: number): void {
  for (const statement of statementsFor(player, event)) queue.push(statement);
  sound.play(event.kind);
  view.note(event, nowMs);
  showFigures();
  if (event.kind === 'over') finish();
}

function begin(): void {
  const wanted = new URLSearchParams(location.search).get('seed');
  const seed = wanted === null ? crypto.getRandomValues(new Int32Array(1))[0]! : Number(wanted);
  game = newGame(seed);
  before = placesOf(game);
  owedMs = 0;
  wish = undefined;
  running = true;
  show('none');
  showFigures();
  void askForBest();
}

/** The best score so far comes from the table, so it is the same in every browser. */
async function askForBest(): Promise<void> {
  const name = player;
  try {
    const [row] = await client.pull(highestScoreOf(name));
    if (name !== player) return;
    best = Number(row?.[0] ?? 0);
    showFigures();
  } catch {
    // Without an answer the game counts from its own best; the score itself is never in question.
  }
}

function finish(): void {
  running = false;
  const record = game.score > best;
  byId('verdict').textContent = record ? 'A new best!' : 'Game over';
  byId('final').textContent = formatCount(game.score);
  byId('record').textContent = record
    ? `${player}, level ${game.level}. Before: ${formatCount(best)}.`
    : `${player}, level ${game.level}. Your best: ${formatCount(best)}.`;
  best = Math.max(best, game.score);
  show('over');
  byId('again').focus({ preventScroll: true });
}

function togglePause(): void {
  if (game.phase === 'over' || player === '' || !cards.welcome.hidden) return;
  running = !running;
  show(running ? 'none' : 'paused');
}

function toggleSound(): void {
  sound.muted = !sound.muted;
  byId('mute').setAttribute('aria-pressed', String(!sound.muted));
}

function show(card: keyof typeof cards | 'none'): void {
  for (const [name, element] of Object.entries(cards)) element.hidden = name !== card;
  if (card === 'none') byId('maze').focus({ preventScroll: true });
}

function showFigures(): void {
  byId('score').textContent = formatCount(game.score);
  byId('best').textContent = player === '' ? '–' : formatCount(Math.max(best, game.score));
  byId('level').textContent = String(game.level);
  const lives = byId('lives');
  if (lives.childElementCount === game.lives) return;
  lives.setAttribute('aria-label', `${game.lives} lives`);
  lives.replaceChildren(
    ...Array.from({ length: game.lives }, () => {
      const wheel = new Image(20, 20);
      wheel.src = '/web/shared/wheel.svg';
      wheel.alt = '';
      wheel.className = 'life';
      return wheel;
    }),
  );
}

function showUnsent(unsent: number, failing: boolean): void {
  const line = byId('unsent');
  line.dataset.count = String(unsent);
  if (failing) line.dataset.failing = '';
  else if (unsent === 0) delete line.dataset.failing;
  // A move or two on the way is how it should be; say something only when they pile up.
  line.hidden = unsent === 0 || (unsent < 20 && line.dataset.failing === undefined);
  line.textContent = `${unsent} ${unsent === 1 ? 'move waits' : 'moves wait'} for the server. Play on: they are kept and sent in order.`;
}

cards.welcome.addEventListener('submit', (event) => {
  event.preventDefault();
  const name = nameField.value.trim();
  if (name === '') return;
  if (name !== player) best = 0;
  player = name;
  localStorage.setItem(nameKey, name);
  board.setPlayer(name);
  sound.wake();
  begin();
});
byId('again').addEventListener('click', begin);
byId('rename').addEventListener('click', () => {
  show('welcome');
  nameField.select();
});
byId('resume').addEventListener('click', togglePause);
byId('pause').addEventListener('click', togglePause);
byId('mute').addEventListener('click', toggleSound);
document.addEventListener('visibilitychange', () => {
  if (document.hidden && running) togglePause();
});
addEventListener('beforeunload', (event) => {
  if (queue.unsent > 1) event.preventDefault();
});
listen(byId('maze'), document.querySelectorAll<HTMLElement>('.pad button'), {
  steer: (direction) => (wish = direction),
  pause: togglePause,
  mute: toggleSound,
});

nameField.value = localStorage.getItem(nameKey) ?? '';
if (matchMedia('(pointer: fine)').matches) nameField.focus();
showFigures();
requestAnimationFrame(frame);
