import { byId, flash, formatCount, make } from '../shared/dom.ts';
import { followStream, followTable } from '../shared/follow.ts';
import type { KsqlClient, Row } from '../shared/ksql-client.ts';
import { slideRows } from '../shared/slide-rows.ts';
import { hueOf } from './log-picture.ts';
import { readRecords } from './overview.ts';

const shownRows = 9;
const gamePartitions = 6;

interface GameEventValue {
  readonly USER?: string;
  readonly GAME?: { readonly SCORE: number; readonly LIVES: number; readonly LEVEL: number };
}

/** The same events twice: as they come (left) and as what they add up to (right). */
export class FoldPicture {
  readonly #events = byId('events');
  readonly #stats = byId('stats');
  readonly #rows = new Map<string, { element: HTMLTableRowElement; score: number }>();
  readonly #changed = new Set<string>();
  readonly #arrived: Row[] = [];
  #painting = false;

  constructor(client: KsqlClient) {
    void this.#start(client);
    void followTable(client, 'SELECT USER, HIGHEST_SCORE, HIGHEST_LEVEL, TOTAL_LOSSES FROM STATS_PER_USER', {
      onRow: (row) => this.#fold(row),
      onState: () => {},
    });
  }

  async #start(client: KsqlClient): Promise<void> {
    // What happened before the page was opened, so that it never starts empty.
    const partitions = Array.from({ length: gamePartitions }, (_, partition) => partition);
    const past = await Promise.all(
      partitions.map((partition) =>
        readRecords('USER_GAME', partition, -shownRows, shownRows).catch(() => []),
      ),
    );
    for (const { value } of past
      .flat()
      .sort((a, b) => a.timestampMs - b.timestampMs)
      .slice(-shownRows)) {
      const { USER, GAME } = (value ?? {}) as GameEventValue;
      if (USER !== undefined && GAME !== undefined) this.#arrive([USER, GAME.SCORE, GAME.LIVES, GAME.LEVEL]);
    }
    await followStream(
      client,
      'SELECT USER, GAME->SCORE, GAME->LIVES, GAME->LEVEL FROM USER_GAME EMIT CHANGES;',
      {
        onRow: (row) => this.#arrive(row),
        onState: () => {},
      },
    );
  }

  #arrive(row: Row): void {
    this.#arrived.push(row);
    if (this.#arrived.length > shownRows) this.#arrived.shift();
    this.#paintSoon();
  }

  #fold(row: Row): void {
    const player = String(row[0]);
    const known = this.#rows.get(player);
    const element = known?.element ?? rowFor(player);
    for (const [index, cell] of [...element.cells].entries())
      if (index > 0) cell.textContent = formatCount(Number(row[index]));
    this.#rows.set(player, { element, score: Number(row[1]) });
    this.#changed.add(player);
    this.#paintSoon();
  }

  #paintSoon(): void {
    if (this.#painting) return;
    this.#painting = true;
    requestAnimationFrame(() => {
      this.#painting = false;
      this.#paint();
    });
  }

  #paint(): void {
    const news = this.#arrived.splice(0).map(([player, ...numbers]) => {
      const row = rowFor(String(player));
      for (const [index, value] of numbers.entries())
        row.cells[index + 1]!.textContent = formatCount(Number(value));
      row.classList.add('new');
      return row;
    });
    this.#events.prepend(...news.reverse());
    while (this.#events.childElementCount > shownRows) this.#events.lastElementChild!.remove();
    byId('no-events').hidden = this.#events.childElementCount > 0;

    const best = [...this.#rows].sort(([, a], [, b]) => b.score - a.score).slice(0, shownRows);
    slideRows(
      this.#stats,
      best.map(([, { element }]) => element),
    );
    for (const player of this.#changed) flash(this.#rows.get(player)!.element);
    this.#changed.clear();
    byId('no-stats').hidden = best.length > 0;
  }
}

function rowFor(player: string): HTMLTableRowElement {
  const name = make('td', 'who', player);
  name.style.setProperty('--hue', String(hueOf(player)));
  return make('tr', '', name, make('td', 'number'), make('td', 'number'), make('td', 'number'));
}
