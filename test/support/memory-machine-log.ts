import { Buffer } from 'node:buffer';
import { Deferred } from '../../src/base/async.ts';
import { batchTotalBytes, patchBaseOffset } from '../../src/record/batch.ts';
import { controlBatch, sealBatch } from '../../src/record/batch-builder.ts';
import type { MachineLog } from '../../src/topics/machine-log.ts';

/** A machine's log without a disk. `hold` keeps appends from becoming durable until `release` or `fail`. */
export class MemoryMachineLog implements MachineLog {
  readonly name = 'notes-0';
  readonly batches: Buffer[] = [];
  #held: Deferred[] | undefined;
  #nextOffset = 0;

  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    for (const deferred of this.#held ?? []) deferred.resolve();
    this.#held = undefined;
  }

  fail(): void {
    for (const deferred of this.#held ?? []) deferred.reject(new Error('EIO'));
    this.#held = undefined;
  }

  async firstOffset(): Promise<number> {
    return 0;
  }

  async read(offset: number) {
    if (offset >= this.#nextOffset) return { bytes: Buffer.alloc(0), nextOffset: offset };
    return { bytes: Buffer.concat(this.batches), nextOffset: this.#nextOffset };
  }

  append: MachineLog['append'] = (batch, producer) => {
    sealBatch(batch, producer === undefined ? {} : { ...producer, transactional: true });
    return this.#enter(batch);
  };

  appendMarker: NonNullable<MachineLog['appendMarker']> = (marker) =>
    this.#enter(controlBatch({ ...marker, timestampMs: 0 }));

  #enter(batch: Buffer): Promise<void> {
    patchBaseOffset(batch, 0, this.#nextOffset);
    this.#nextOffset += batch.readInt32BE(23) + 1;
    this.batches.push(batch.subarray(0, batchTotalBytes(batch, 0)));
    if (this.#held === undefined) return Promise.resolve();
    const deferred = new Deferred();
    this.#held.push(deferred);
    return deferred.promise;
  }
}
