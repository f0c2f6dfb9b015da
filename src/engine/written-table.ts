import type { Row } from '../data/schema.ts';
import type { SqlValue } from '../data/types.ts';
import { ByteWriter } from '../serde/byte-writer.ts';
import { format } from '../serde/formats.ts';
import type { SinkStep } from '../sql/plan.ts';
import { formatOptions } from './operators/source.ts';
import type { MaterializedTable, StoredRow } from './running-query.ts';

/**
 * A table as its topic tells it. PROTOBUF has no null unless it was asked for: what is not there is read as 0, '' or an
 * empty list. ksqlDB keeps rows in their topic's format, so its pull queries answer so too; here rows are kept as they
 * are, and become so when they are read.
 */
export function asWritten(table: MaterializedTable, sink: SinkStep): MaterializedTable {
  if (!losesNulls(sink)) return table;
  const read = rowReader(sink);
  return {
    get size() {
      return table.size;
    },
    get: (key) => {
      const stored = table.get(key);
      return stored && read(stored);
    },
    windowsOf: (key) => table.windowsOf(key).map(read),
    *scan() {
      for (const stored of table.scan()) yield read(stored);
    },
    first: (count, keep) => table.first(count, (stored) => keep(read(stored))).map(read),
  };
}

function losesNulls({ valueFormat }: SinkStep): boolean {
  return valueFormat.name.startsWith('PROTOBUF') && valueFormat.nullable === undefined;
}

/** Writes and reads; whatever schema a registry has for it, its values are those of the columns. */
function rowReader({ schema, valueFormat }: SinkStep): (stored: StoredRow) => StoredRow {
  const { key, value } = schema;
  const options = formatOptions(valueFormat, 'value');
  const write = format('PROTOBUF_NOSR').writer(value, options);
  const decode = format('PROTOBUF_NOSR').decoder(value, options);
  const out = new ByteWriter();
  return ({ row, timestampMs }) => {
    out.reset();
    write(row, key.length, out);
    const read: SqlValue[] = row.slice(0, key.length);
    decode(out.bytes, 0, out.length, read, key.length);
    return { row: read as Row, timestampMs };
  };
}
