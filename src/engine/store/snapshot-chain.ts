import { Buffer } from 'node:buffer';
import { nextTurn } from '../../base/async.ts';
import type { FileSystem } from '../../base/fs.ts';
import { RecordCursor } from '../../record/record-cursor.ts';
import {
  checkSnapshot,
  readSnapshot,
  type SnapshotBatch,
  type SnapshotHeader,
  type SnapshotRecords,
  type StateRecord,
  writeSnapshot,
} from './snapshot.ts';
import { mergeSnapshots } from './snapshot-merge.ts';

export interface SnapshotFiles {
  readonly fs: FileSystem;
  readonly folder: string;
  /** What the names of the files begin with. */
  readonly name: string;
}

interface Link extends SnapshotHeader {
  readonly file: string;
}

/**
 * The snapshots of one changelog, each of the part that follows the one before. New ones are small; two neighbours become
 * one when the later is no longer small beside the earlier, so that a record is written again as often as the number of
 * keys can be halved, and there are not many files.
 *
 *   changelog   0 ------------------------------------ 800 ------- 900 -- 950 --->
 *   chain       [ 0-800: last record per key           ] [800-900  ] [900-950]
 */
export class SnapshotChain {
  readonly #files: SnapshotFiles;
  readonly #topicId: string;
  readonly #links: Link[] = [];
  #isStopped = false;

  private constructor(files: SnapshotFiles, topicId: string) {
    this.#files = files;
    this.#topicId = topicId;
  }

  /** With the files that are whole and follow one another from the beginning; all others are removed. */
  static async open(files: SnapshotFiles, topicId: string): Promise<SnapshotChain> {
    const chain = new SnapshotChain(files, topicId);
    await chain.#load();
    return chain;
  }

  /** The changelog goes on from here. */
  get end(): number {
    return this.#links.at(-1)?.to ?? 0;
  }

  /** Of the files. */
  get records(): readonly number[] {
    return this.#links.map(({ records }) => records);
  }

  /** Whatever is being written is left: the next to open the chain removes it. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Every record, earlier ones first. */
  async visit(visit: (cursor: RecordCursor) => void): Promise<void> {
    const cursor = new RecordCursor();
    for (const link of this.#links)
      for await (const { bytes, at } of this.#read(link)) {
        cursor.reset(bytes, at);
        while (cursor.next()) visit(cursor);
        await nextTurn();
      }
  }

  /** What follows the chain up to `to`: each key once, in any order. */
  async append(records: readonly StateRecord[], to: number): Promise<void> {
    const isFirst = this.#links.length === 0;
    const kept = isFirst ? records.filter(({ value }) => value !== null) : records;
    const sorted = kept.toSorted((a, b) => Buffer.compare(a.key, b.key));
    this.#links.push(await this.#write(this.end, to, [sorted]));
    while (this.#lastIsLarge()) await this.#mergeLast();
  }

  #lastIsLarge(): boolean {
    const [earlier, later] = this.#links.slice(-2);
    return earlier !== undefined && later !== undefined && later.records * 2 >= earlier.records;
  }

  async #mergeLast(): Promise<void> {
    const [earlier, later] = this.#links.slice(-2) as [Link, Link];
    const records = mergeSnapshots(this.#read(earlier), this.#read(later), this.#links.length === 2);
    const merged = await this.#write(earlier.from, later.to, records);
    this.#links.splice(-2, 2, merged);
    for (const { file } of [earlier, later]) await this.#files.fs.remove(this.#path(file));
  }

  async #write(from: number, to: number, records: SnapshotRecords): Promise<Link> {
    const { fs, folder, name } = this.#files;
    const file = `${name}.${from}-${to}`;
    const whole = this.#untilStopped(records);
    const header = { topicId: this.#topicId, from, to };
    return { ...header, file, records: await writeSnapshot(fs, folder, file, header, whole) };
  }

  async *#untilStopped(records: SnapshotRecords): AsyncIterable<readonly StateRecord[]> {
    for await (const some of records) {
      if (this.#isStopped) throw new Error('the query has stopped');
      yield some;
    }
  }

  async #load(): Promise<void> {
    const { fs, folder, name } = this.#files;
    const names = (await fs.list(folder)).filter((file) => file === name || file.startsWith(`${name}.`));
    const found: Link[] = [];
    for (const file of names) {
      const header = file.endsWith('.tmp')
        ? undefined
        : await checkSnapshot(fs, this.#path(file), this.#topicId);
      if (header) found.push({ ...header, file });
    }
    // A crash between the writing of a merged file and the removal of its parts leaves both.
    for (let next: Link | undefined; ; this.#links.push(next)) {
      const { end } = this;
      next = found.filter(({ from }) => from === end).sort((a, b) => b.to - a.to)[0];
      if (next === undefined) break;
    }
    const used = new Set(this.#links.map(({ file }) => file));
    for (const file of names) if (!used.has(file)) await fs.remove(this.#path(file));
  }

  #read({ file }: Link): AsyncIterable<SnapshotBatch> {
    return readSnapshot(this.#files.fs, this.#path(file));
  }

  #path(file: string): string {
    return `${this.#files.folder}/${file}`;
  }
}
