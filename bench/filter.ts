// A stateless query: one comparison, half of the events pass. What reading, decoding and writing cost.
import { streamBench } from './support/stream-bench.ts';

export const filter = streamBench('filter');
