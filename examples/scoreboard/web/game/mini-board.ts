import { byId, flash, formatCount, make, showLinkState } from '../shared/dom.ts';
import { followTable } from '../shared/follow.ts';
import type { KsqlClient } from '../shared/ksql-client.ts';
import { slideRows } from '../shared/slide-rows.ts';
import {
  isPlaying,
  type Ranked,
  ranking,
  type Standing,
  standingOf,
  standingsQuery,
} from '../shared/standing.ts';

const shownPlayers = 10;

/** The first ten beside the maze, and the player's own place when it is further down. */
export class MiniBoard {
  readonly #list = byId<HTMLOListElement>('board');
  readonly #empty = byId('board-empty');
  readonly #standings = new Map<string, Standing>();
  readonly #rows = new Map<string, HTMLLIElement>();
  #player = '';
  #painting = false;

  constructor(client: KsqlClient) {
    const link = byId('link');
    void followTable(client, standingsQuery, {
      onRow: (row) => {
        const standing = standingOf(row);
        this.#standings.set(standing.player, standing);
        this.#paintSoon();
      },
      onState: (state) => showLinkState(link, state),
    });
    setInterval(() => this.#paintSoon(), 5_000);
  }

  setPlayer(player: string): void {
    this.#player = player;
    this.#paintSoon();
  }

  /** Many rows may come between two pictures; one painting shows them all. */
  #paintSoon(): void {
    if (this.#painting) return;
    this.#painting = true;
    requestAnimationFrame(() => {
      this.#painting = false;
      this.#paint();
    });
  }

  #paint(): void {
    const ranked = ranking(this.#standings.values());
    const shown = ranked.filter(({ player }, index) => index < shownPlayers || player === this.#player);
    this.#empty.hidden = shown.length > 0;
    const nowMs = Date.now();
    slideRows(
      this.#list,
      shown.map((standing) => this.#rowOf(standing, nowMs)),
    );
  }

  #rowOf(standing: Ranked, nowMs: number): HTMLLIElement {
    let row = this.#rows.get(standing.player);
    if (row === undefined) {
      row = make('li', '', make('span'), make('span', '', standing.player), make('span'));
      this.#rows.set(standing.player, row);
    }
    const [rank, , score] = row.children as unknown as [HTMLElement, HTMLElement, HTMLElement];
    rank.textContent = String(standing.rank);
    const text = formatCount(standing.bestScore);
    if (score.textContent !== text) {
      if (score.textContent !== '') flash(row);
      score.textContent = text;
    }
    row.classList.toggle('me', standing.player === this.#player);
    row.classList.toggle('playing', isPlaying(standing, nowMs));
    return row;
  }
}
