import { byId, flash, formatCount, make, showLinkState } from '../shared/dom.ts';
import { followTable } from '../shared/follow.ts';
import { KsqlClient } from '../shared/ksql-client.ts';
import { slideRows } from '../shared/slide-rows.ts';
import {
  isPlaying,
  type Ranked,
  ranking,
  type Standing,
  standingOf,
  standingsQuery,
} from '../shared/standing.ts';

interface PlayerRow {
  readonly element: HTMLTableRowElement;
  readonly cells: Readonly<Record<'rank' | 'score' | 'level' | 'losses' | 'now', HTMLElement>>;
}

const standings = new Map<string, Standing>();
const playerRows = new Map<string, PlayerRow>();
const body = byId('rows');
let paintPending = false;

function paintSoon(): void {
  if (paintPending) return;
  paintPending = true;
  requestAnimationFrame(() => {
    paintPending = false;
    paint();
  });
}

function paint(): void {
  const ranked = ranking(standings.values());
  const nowMs = Date.now();
  const playing = ranked.filter((standing) => isPlaying(standing, nowMs)).length;
  byId('empty').hidden = ranked.length > 0;
  byId('players').textContent = ranked.length === 1 ? '1 player' : `${formatCount(ranked.length)} players`;
  byId('playing').textContent = playing === 0 ? 'nobody in a game' : `${formatCount(playing)} in a game now`;
  slideRows(
    body,
    ranked.map((standing) => paintRow(standing, nowMs)),
  );
}

function paintRow(standing: Ranked, nowMs: number): HTMLElement {
  let row = playerRows.get(standing.player);
  if (row === undefined) {
    row = newRow(standing.player);
    playerRows.set(standing.player, row);
  }
  const { element, cells } = row;
  element.dataset.rank = String(standing.rank);
  setText(cells.rank, String(standing.rank));
  if (setText(cells.score, formatCount(standing.bestScore))) flash(element);
  setText(cells.level, String(standing.bestLevel));
  setText(cells.losses, formatCount(standing.losses));
  paintNow(cells.now, standing, nowMs);
  return element;
}

function newRow(player: string): PlayerRow {
  const rank = make('span', 'medal');
  const cells = {
    rank,
    score: make('td', 'score number'),
    level: make('td', 'number'),
    losses: make('td', 'number'),
    now: make('td', 'now'),
  };
  const name = make('td', 'player', player);
  name.title = player;
  const rankCell = make('td', 'rank number', rank);
  return {
    element: make('tr', '', rankCell, name, cells.score, cells.level, cells.losses, cells.now),
    cells,
  };
}

function paintNow(cell: HTMLElement, standing: Standing, nowMs: number): void {
  const text = isPlaying(standing, nowMs) ? 'playing' : '';
  const detail = text === '' ? '' : ` · ${formatCount(standing.latestScore)}`;
  if (cell.dataset.text === text + detail) return;
  cell.dataset.text = text + detail;
  if (text === '') cell.replaceChildren();
  else cell.replaceChildren(make('span', 'badge good', make('span', 'word', text + detail)));
}

/** Whether a text that was there before has changed. */
function setText(element: HTMLElement, text: string): boolean {
  const before = element.textContent;
  if (before === text) return false;
  element.textContent = text;
  return before !== '';
}

void followTable(new KsqlClient(), standingsQuery, {
  onRow: (row) => {
    const standing = standingOf(row);
    standings.set(standing.player, standing);
    paintSoon();
  },
  onState: (state) => showLinkState(byId('link'), state),
});
// "Playing" ends by silence: nobody sends an event for it.
setInterval(paintSoon, 2_000);
