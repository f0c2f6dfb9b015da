import type { Column } from '../../data/schema.ts';
import type { SqlValue } from '../../data/types.ts';
import type { RecordCursor } from '../../record/record-cursor.ts';
import type { Decode, Encode } from '../../serde/format.ts';
import { jsonFormat } from '../../serde/json.ts';
import type { Aggregator } from '../../sql/functions/aggregate.ts';
import type { Group } from '../operators/aggregate.ts';
import type { Store } from './store.ts';
import type { StoreKeyOf } from './store-key.ts';

/** A record of a changelog or snapshot. */
export interface StateRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly timestampMs: number;
}

/**
 * The durable form of an aggregation's groups, in its changelog and in snapshots of it:
 *
 *   key    JSON object of the group's key columns     {"USER":"bob"}
 *   value  JSON object of its aggregates' states      {"S0":10,"S1":[3,2.5]}
 *   time   the group's
 */
export class GroupChangelog {
  readonly #store: Store<Group>;
  readonly #keyOf: StoreKeyOf;
  readonly #keyWidth: number;
  readonly #aggregators: readonly Aggregator[];
  readonly #encodeKey: Encode;
  readonly #encodeValue: Encode;
  readonly #decodeKey: Decode;
  readonly #decodeValue: Decode;

  constructor(
    store: Store<Group>,
    key: readonly Column[],
    keyOf: StoreKeyOf,
    aggregators: readonly Aggregator[],
  ) {
    const states = aggregators.map(({ stateType }, index) => ({ name: `S${index}`, type: stateType }));
    const keyOptions = { part: 'key', wrapSingle: true } as const;
    this.#store = store;
    this.#keyOf = keyOf;
    this.#keyWidth = key.length;
    this.#aggregators = aggregators;
    this.#encodeKey = jsonFormat.encoder(key, keyOptions);
    this.#decodeKey = jsonFormat.decoder(key, keyOptions);
    this.#encodeValue = jsonFormat.encoder(states, { part: 'value' });
    this.#decodeValue = jsonFormat.decoder(states, { part: 'value' });
  }

  get dirtyCount(): number {
    return this.#store.dirtyCount;
  }

  get size(): number {
    return this.#store.size;
  }

  /** What was written since the last call, the last state per group. */
  *takeDirty(): Generator<StateRecord> {
    for (const group of this.#store.takeDirty()) yield this.#record(group);
  }

  *all(): Generator<StateRecord> {
    for (const group of this.#store.entries()) yield this.#record(group);
  }

  /** Takes over the state that the cursor's record holds. */
  load({ bytes, keyStart, keyLength, valueStart, valueLength, timestampMs }: RecordCursor): void {
    const key: SqlValue[] = [];
    const saved: SqlValue[] = [];
    this.#decodeKey(bytes, keyStart, keyStart + keyLength, key, 0);
    this.#decodeValue(bytes, valueStart, valueStart + valueLength, saved, 0);
    const storeKey = this.#keyOf(key);
    if (storeKey === null) return;
    const states = this.#aggregators.map((aggregator, index) => aggregator.load(saved[index] ?? null));
    this.#store.add(storeKey, { key: key.slice(0, this.#keyWidth), states, timestampMs, isDirty: false });
  }

  #record({ key, states, timestampMs }: Group): StateRecord {
    const saved = states.map((state, index) => (this.#aggregators[index] as Aggregator).save(state));
    return {
      key: this.#encodeKey(key, 0) as Uint8Array,
      value: this.#encodeValue(saved, 0) as Uint8Array,
      timestampMs,
    };
  }
}
