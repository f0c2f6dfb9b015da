import type { Column } from '../../data/schema.ts';
import type { SqlValue } from '../../data/types.ts';
import { ByteWriter } from '../../serde/byte-writer.ts';
import type { GroupLayout } from '../group-layout.ts';
import type { ChangelogCodec } from './changelog.ts';
import type { Group } from './group-store.ts';
import type { Packing } from './packing.ts';
import type { StoreKeyOf } from './store-key.ts';
import { hashOfPlainText } from './store-key-hash.ts';

const QUOTE = 0x22;

/** Groups of the records of their changelog; `onRead` restores what those below were told. */
export function groupPacking(
  codec: ChangelogCodec,
  key: readonly Column[],
  keyOf: StoreKeyOf,
  layout: GroupLayout,
  onRead: (group: Group) => void,
): Packing<Group> {
  const { decodeKey, decodeValue } = codec;
  const isText = key.length === 1 && key[0]?.type.kind === 'STRING';
  return {
    isSure: true,
    hashOf: isText ? textHash(codec) : undefined,
    keyOf: ({ bytes, keyStart, keyLength }) => {
      const columns: SqlValue[] = [];
      decodeKey(bytes, keyStart, keyStart + keyLength, columns, 0);
      return keyOf(columns);
    },
    read: ({ bytes, keyStart, keyLength, valueStart, valueLength, timestampMs }) => {
      const columns: SqlValue[] = [];
      const saved: SqlValue[] = [];
      decodeKey(bytes, keyStart, keyStart + keyLength, columns, 0);
      decodeValue(bytes, valueStart, valueStart + valueLength, saved, 0);
      const group = layout.create(...columns);
      layout.load(group, saved);
      group.timestampMs = timestampMs;
      group.isKnown = true;
      if (!layout.isOfFixedSize) group.stateBytes = layout.stateBytes(group);
      onRead(group);
      return group;
    },
  };
}

/** A text that is written without escapes lies in the key as it is: {"USER":"bob"} */
function textHash({ writeKey }: ChangelogCodec): Packing<Group>['hashOf'] {
  const out = new ByteWriter();
  writeKey([''], 0, out);
  const empty = Uint8Array.from(out.bytes.subarray(0, out.length));
  const before = empty.lastIndexOf(QUOTE);
  const after = empty.length - before;
  return ({ bytes, keyStart, keyLength }) => {
    const start = keyStart + before;
    const end = keyStart + keyLength - after;
    if (end < start) return undefined;
    for (let at = 0; at < before; at++) if (bytes[keyStart + at] !== empty[at]) return undefined;
    for (let at = 0; at < after; at++) if (bytes[end + at] !== empty[before + at]) return undefined;
    return hashOfPlainText(bytes, start, end);
  };
}
