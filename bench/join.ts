// Every event looked up in a table: an inner join of a stream without keys with a keyed table.
import { streamBench } from './support/stream-bench.ts';

export const join = streamBench('join');
