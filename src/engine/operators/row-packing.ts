import { SerdeError } from '../../serde/format.ts';
import { KeptRow } from '../store/kept-row.ts';
import type { Packing } from '../store/packing.ts';
import type { StoreKeyOf } from '../store/store-key.ts';
import type { SourceDecoder } from './source.ts';

/** Rows of a table's topic. Undefined where more than a record's key and value is needed to tell its row. */
export function rowPacking(decoder: SourceDecoder, keyOf: StoreKeyOf): Packing<KeptRow> | undefined {
  if (!decoder.ignoresHeaders) return undefined;
  return {
    isSure: false,
    keyOf: (record) => keyOf(decoder.decodeKey(record)),
    read: (record, partition) => {
      try {
        const { row, timestampMs } = decoder.decode(record, partition);
        return row && new KeptRow(row, timestampMs);
      } catch (error) {
        // It was skipped, and reported, when it was processed.
        if (!(error instanceof SerdeError)) throw error;
        return undefined;
      }
    },
  };
}
