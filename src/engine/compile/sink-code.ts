import type { StreamSink } from '../operators/stream-sink.ts';
import { valuesOf } from './fragment.ts';
import { HEADERS, type RowCode } from './row-code.ts';

/** Writes rows to the sink's topic. */
export function sinkCode(sink: StreamSink): RowCode {
  return {
    row(columns, fragment) {
      const row = fragment.local('row');
      return `const ${row} = [${valuesOf(columns)}];
${fragment.constant(sink.writer)}.write(${row}, ${row}, timestampMs, partition, offset, ${HEADERS});`;
    },
    nullRow: (key, fragment) =>
      `${fragment.constant(sink.writer)}.write([${valuesOf(key)}], null, timestampMs, partition, offset, ${HEADERS});`,
  };
}
