import type { RecordFields } from './packed-block.ts';
import type { StoreKey } from './store-key.ts';

/** How values are made of records that a restart has left as they are: see {@link PackedRecords}. */
export interface Packing<Value> {
  /** Null: the record is of no key and counts for nothing. */
  readonly keyOf: (record: RecordFields) => StoreKey | null;
  /** `hashOfKey` of its key, where that can be told without making the key; else undefined. */
  readonly hashOf?: ((record: RecordFields) => number | undefined) | undefined;
  /** Of a record with a value. Null: it says that there is nothing of this key. Undefined: it cannot be read. */
  readonly read: (record: RecordFields, partition: number) => Value | null | undefined;
  /** Whether every record with a value gives one. */
  readonly isSure: boolean;
}

/** What is to be done of a record. One that cannot be read counts for nothing: the one before it stands. */
export function whatFollows<Value>(
  { read }: Packing<Value>,
  record: RecordFields,
  partition: number,
  mustLook: boolean,
): 'value' | 'deletion' | 'nothing' {
  if (record.valueLength < 0) return 'deletion';
  const value = mustLook ? read(record, partition) : record;
  if (value === undefined) return 'nothing';
  return value === null ? 'deletion' : 'value';
}
