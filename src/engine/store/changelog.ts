import type { Column } from '../../data/schema.ts';
import type { RecordCursor } from '../../record/record-cursor.ts';
import type { Decode, Write } from '../../serde/format.ts';
import { jsonFormat } from '../../serde/json.ts';
import type { BoundCall } from '../group-layout.ts';
import type { TopicOutput } from '../round-output.ts';

/** The durable form of a store: the topic beside it. `taken` is what `takeDirty` gave. */
export interface Changelog {
  readonly size: number;
  readonly dirtyCount: number;
  /** What was changed since the last call. */
  takeDirty(): readonly unknown[];
  /** Appends it. */
  write(taken: readonly unknown[], output: TopicOutput): void;
  /** The round that took it has been committed. */
  settle(taken: readonly unknown[]): void;
  /** Takes over the state that the cursor's record holds. */
  load(cursor: RecordCursor): void;
}

/** How all changelogs write: JSON objects of the key's columns and of what is saved of a key. */
export interface ChangelogCodec {
  readonly writeKey: Write;
  readonly decodeKey: Decode;
  readonly writeValue: Write;
  readonly decodeValue: Decode;
}

export function changelogCodec(key: readonly Column[], saved: readonly Column[]): ChangelogCodec {
  const keyOptions = { part: 'key', wrapSingle: true } as const;
  return {
    writeKey: jsonFormat.writer(key, keyOptions),
    decodeKey: jsonFormat.decoder(key, keyOptions),
    writeValue: jsonFormat.writer(saved, { part: 'value' }),
    decodeValue: jsonFormat.decoder(saved, { part: 'value' }),
  };
}

/** The states of a group's aggregates, by names that last. */
export function stateColumns(calls: readonly BoundCall[]): Column[] {
  return calls.map(({ aggregator }, index) => ({ name: `S${index}`, type: aggregator.stateType }));
}
