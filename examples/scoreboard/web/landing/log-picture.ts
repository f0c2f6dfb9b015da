import { byId, formatCount, make } from '../shared/dom.ts';
import { type LogRecord, type Overview, type Position, readRecords } from './overview.ts';

/** Matches the width of `.cell` with its gap in landing.css. */
const cellPx = 62;
const laneTopPx = 92;
const lanePx = 34;

const clockTime = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

interface Reader {
  readonly id: string;
  readonly label: string;
  readonly kind: 'query' | 'group';
  readonly offset: number;
}

/**
 * One partition, drawn as the talk draws it:
 *
 *   | 41 | 42 | 43 | 44 | 45 | <- writer
 *             ^              ^
 *             report         STATS_PER_USER        each reader in a lane of its own, at its next offset
 *
 * The track moves left as the log grows; while the pointer rests on it, it stands still.
 */
export class LogPicture {
  readonly #box = byId('log');
  readonly #track = byId('track');
  readonly #detail = byId('record');
  readonly #writer = make('div', 'writer', make('span', '', 'writer'));
  readonly #cells = new Map<number, HTMLElement>();
  readonly #markers = new Map<string, HTMLElement>();
  #topic = '';
  #partition = 0;
  /** Pixel positions count from here, so that a log of a billion records still has small ones. */
  #origin = 0;
  #loadedTo = 0;
  /** The end of the log at the last question: nothing new can be read before it moves. */
  #askedAt = -1;
  #loading = false;
  #held = false;
  #latest: Overview | undefined;

  constructor() {
    const hold = (held: boolean) => () => {
      this.#held = held;
      this.#box.classList.toggle('held', held);
      if (!held && this.#latest !== undefined) this.update(this.#latest);
    };
    this.#track.addEventListener('pointerenter', hold(true));
    this.#track.addEventListener('pointerleave', hold(false));
    // Another width shows other records: begin again.
    let width = this.#box.clientWidth;
    new ResizeObserver(() => {
      if (this.#box.clientWidth === width) return;
      width = this.#box.clientWidth;
      this.select(this.#topic, this.#partition);
    }).observe(this.#box);
  }

  select(topic: string, partition: number): void {
    this.#topic = topic;
    this.#partition = partition;
    this.#cells.clear();
    this.#markers.clear();
    this.#track.replaceChildren(this.#writer);
    this.#loadedTo = -1;
    this.#askedAt = -1;
    if (this.#latest !== undefined) this.update(this.#latest);
  }

  update(overview: Overview): void {
    this.#latest = overview;
    const log = overview.topics
      .find(({ name }) => name === this.#topic)
      ?.partitions.find(({ partition }) => partition === this.#partition);
    if (log === undefined || this.#held) return;
    const end = log.highWatermark;
    const first = Math.max(log.logStartOffset, end - this.#visibleCells());
    if (this.#loadedTo < 0 || end < this.#loadedTo) {
      this.#origin = first;
      this.#loadedTo = first;
      this.#jump();
    }
    this.#track.style.transform = `translateX(${-(first - this.#origin) * cellPx}px)`;
    this.#writer.style.left = `${(end - this.#origin) * cellPx}px`;
    this.#writer.firstElementChild!.textContent = `writer → ${formatCount(end)}`;
    this.#placeReaders(readersOf(overview, this.#topic, this.#partition), first, end);
    void this.#load(Math.max(this.#loadedTo, first), end, first);
  }

  /** Another log is no movement of this one: everything takes its place at once. */
  #jump(): void {
    this.#track.classList.add('jump');
    requestAnimationFrame(() => requestAnimationFrame(() => this.#track.classList.remove('jump')));
  }

  /** Room for the writer's place after the last cell. */
  #visibleCells(): number {
    return Math.max(2, Math.floor((this.#box.clientWidth - 110) / cellPx));
  }

  async #load(from: number, end: number, first: number): Promise<void> {
    if (this.#loading || from >= end || end === this.#askedAt) return;
    this.#loading = true;
    const [topic, partition] = [this.#topic, this.#partition];
    try {
      const records = await readRecords(topic, partition, from, end - from);
      if (topic !== this.#topic || partition !== this.#partition) return;
      this.#askedAt = end;
      for (const record of records) this.#addCell(record);
      const loadedTo = (records.at(-1)?.offset ?? from - 1) + 1;
      for (let offset = from; offset < loadedTo; offset++) this.#addMark(offset);
      this.#loadedTo = loadedTo;
      for (const [offset, cell] of this.#cells) {
        if (offset >= first - 4) continue;
        cell.remove();
        this.#cells.delete(offset);
      }
    } catch {
      // The next overview asks again.
    } finally {
      this.#loading = false;
    }
  }

  #addCell(record: LogRecord): void {
    if (this.#cells.has(record.offset)) return;
    const [title, detail] = summaryOf(record);
    const cell = make(
      'button',
      'cell',
      make('b', '', title),
      make('span', '', detail),
      make('i', '', formatCount(record.offset)),
    );
    cell.type = 'button';
    cell.style.left = `${(record.offset - this.#origin) * cellPx}px`;
    cell.style.setProperty('--hue', String(hueOf(title)));
    const show = (): void => this.#show(record);
    cell.addEventListener('pointerenter', show);
    cell.addEventListener('focus', show);
    this.#cells.set(record.offset, cell);
    this.#track.append(cell);
  }

  /** An offset without a record between others: where a transaction ended. */
  #addMark(offset: number): void {
    if (this.#cells.has(offset)) return;
    const mark = make('div', 'cell mark', make('span', '', '✓'), make('i', '', formatCount(offset)));
    mark.title = 'the end of a transaction: everything before it counts at once';
    mark.style.left = `${(offset - this.#origin) * cellPx}px`;
    this.#cells.set(offset, mark);
    this.#track.append(mark);
  }

  #show({ partition, offset, timestampMs, key, value }: LogRecord): void {
    const time = clockTime.format(timestampMs);
    this.#detail.replaceChildren(
      make('span', 'badge', `partition ${partition}, offset ${formatCount(offset)}`),
      make('span', 'muted', time),
      make('code', '', `key ${JSON.stringify(key)}`),
      make('code', '', JSON.stringify(value)),
    );
  }

  #placeReaders(readers: readonly Reader[], first: number, end: number): void {
    const here = new Set(readers.map(({ id }) => id));
    for (const [id, marker] of this.#markers) {
      if (here.has(id)) continue;
      marker.remove();
      this.#markers.delete(id);
    }
    for (const [lane, reader] of readers.entries()) {
      let marker = this.#markers.get(reader.id);
      if (marker === undefined) {
        marker = make('div', `reader ${reader.kind}`, make('span'));
        marker.title = `${reader.kind === 'query' ? 'SQL query' : 'consumer group'} ${reader.id}`;
        this.#markers.set(reader.id, marker);
        this.#track.append(marker);
      }
      const behind = end - reader.offset;
      const outside = reader.offset < first;
      marker.classList.toggle('outside', outside);
      marker.style.left = `${(Math.max(reader.offset, first) - this.#origin) * cellPx}px`;
      marker.style.setProperty('--lane', String(lane));
      const distance = behind <= 0 ? '' : outside ? ` · ${formatCount(behind)} behind` : ` · ${behind}`;
      marker.firstElementChild!.textContent = `${outside ? '◂ ' : ''}${reader.label} @ ${formatCount(reader.offset)}${distance}`;
      // A label that would leave the picture on the right hangs to the left of its mark.
      marker.classList.toggle('leftward', (reader.offset - first) * cellPx > this.#box.clientWidth / 2);
    }
    this.#box.style.height = `${laneTopPx + Math.max(1, readers.length) * lanePx + 10}px`;
  }
}

function readersOf(overview: Overview, topic: string, partition: number): Reader[] {
  const at = (positions: readonly Position[]): number | undefined =>
    positions.find((position) => position.topic === topic && position.partition === partition)?.offset;
  const readers: Reader[] = [];
  for (const { id, sink, positions } of overview.queries) {
    const offset = at(positions);
    if (offset !== undefined) readers.push({ id, label: sink ?? id, kind: 'query', offset });
  }
  for (const { groupId, positions } of overview.groups) {
    const offset = at(positions);
    // A query commits its offsets as a consumer group that ends with its name: it is already in the picture.
    if (overview.queries.some(({ id }) => groupId.endsWith(id))) continue;
    if (offset !== undefined) readers.push({ id: groupId, label: groupId, kind: 'group', offset });
  }
  return readers;
}

/** Two short lines for a cell: who, and how much. */
function summaryOf({ key, value }: LogRecord): [string, string] {
  const fields = flatten(value);
  const words = [key, ...fields].filter((field) => typeof field === 'string');
  const numbers = fields.filter((field) => typeof field === 'number');
  return [
    String(words[0] ?? (value === null ? '∅' : '·')),
    numbers.length > 0 ? formatCount(numbers[0]!) : '',
  ];
}

function flatten(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [value];
  return Object.values(value).flatMap(flatten);
}

/** The same player has the same colour in every picture. */
export function hueOf(text: string): number {
  let hash = 7;
  for (const character of text) hash = (hash * 31 + character.codePointAt(0)!) % 360_007;
  return (hash * 47) % 360;
}
