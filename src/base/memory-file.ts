import { type Random, randomInt } from './random.ts';

/** How the last surviving write of a file ends: after any byte, at a disk sector, or in zeros from a sector on. */
export type Tear = 'bytes' | 'sector' | 'zeros';

/** Which unsynced changes outlive a power cut. */
export interface Survival {
  keepsChange(): boolean;
  tear(): Tear | undefined;
  readonly random: Random;
}

type Change =
  | { readonly kind: 'write'; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly length: number };

const SECTOR_BYTES = 512;

/**
 * A file twice: as programs see it and as the disk has it.
 *
 *   write, truncate --> live
 *                  \--> unsynced changes --sync--> durable
 *
 * Invariant: durable plus all unsynced changes in order equals live, until a sync fails. Then, as on Linux, the
 * changes it should have written count as clean: a later sync that succeeds does not write them.
 */
export class MemoryFile {
  readonly #live: Contents;
  readonly #durable: Contents;
  #unsynced: Change[] = [];
  #abandonedChanges = 0;

  constructor(live = new Contents(), durable = live.copy()) {
    this.#live = live;
    this.#durable = durable;
  }

  get length(): number {
    return this.#live.length;
  }

  read(target: Uint8Array, position: number): number {
    return this.#live.read(target, position);
  }

  write(bytes: Uint8Array, position: number): void {
    this.#change({ kind: 'write', position, bytes });
  }

  truncate(length: number): void {
    this.#change({ kind: 'truncate', length });
  }

  sync(): void {
    for (const change of this.#unsynced.slice(this.#abandonedChanges)) this.#durable.apply(change);
    this.#unsynced = [];
    this.#abandonedChanges = 0;
  }

  failSync(): void {
    this.#abandonedChanges = this.#unsynced.length;
  }

  /** The file after the process was killed: what was written is still in the page cache. */
  survivingKill(): MemoryFile {
    const file = new MemoryFile(this.#live.copy(), this.#durable.copy());
    file.#unsynced = [...this.#unsynced];
    file.#abandonedChanges = this.#abandonedChanges;
    return file;
  }

  /** The file after the power was cut. */
  survivingPowerCut(survival: Survival): MemoryFile {
    const contents = this.#durable.copy();
    const kept = this.#unsynced.filter(() => survival.keepsChange());
    const last = kept.at(-1);
    const tear = last?.kind === 'write' ? survival.tear() : undefined;
    if (last?.kind === 'write' && tear) kept[kept.length - 1] = torn(last, tear, survival.random);
    for (const change of kept) contents.apply(change);
    return new MemoryFile(contents);
  }

  #change(change: Change): void {
    this.#live.apply(change);
    this.#unsynced.push(change);
  }
}

function torn(write: Change & { kind: 'write' }, tear: Tear, random: Random): Change {
  const { position, bytes } = write;
  const anywhere = randomInt(random, bytes.length + 1);
  if (tear === 'bytes') return { ...write, bytes: bytes.subarray(0, anywhere) };
  const cut = Math.max(0, anywhere - ((position + anywhere) % SECTOR_BYTES));
  if (tear === 'sector') return { ...write, bytes: bytes.subarray(0, cut) };
  return { ...write, bytes: new Uint8Array(bytes).fill(0, cut) };
}

/** Bytes that grow; a gap reads as zeros. */
class Contents {
  #bytes: Uint8Array;
  length: number;

  constructor(bytes = new Uint8Array(0), length = 0) {
    this.#bytes = bytes;
    this.length = length;
  }

  copy(): Contents {
    return new Contents(this.#bytes.slice(0, this.length), this.length);
  }

  read(target: Uint8Array, position: number): number {
    const available = this.#bytes.subarray(Math.min(position, this.length), this.length);
    const filled = available.subarray(0, target.length);
    target.set(filled);
    return filled.length;
  }

  apply(change: Change): void {
    if (change.kind === 'write') this.#write(change.bytes, change.position);
    else this.#truncate(change.length);
  }

  #write(bytes: Uint8Array, position: number): void {
    if (bytes.length === 0) return;
    const end = position + bytes.length;
    this.#reserve(end);
    this.#bytes.set(bytes, position);
    this.length = Math.max(this.length, end);
  }

  #truncate(length: number): void {
    this.#reserve(length);
    if (length < this.length) this.#bytes.fill(0, length, this.length);
    this.length = length;
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(length, this.#bytes.length * 2, SECTOR_BYTES));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
