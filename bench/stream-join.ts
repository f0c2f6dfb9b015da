// Two streams that meet: each play with the rewards its player has within half a minute, both topics keyed by player.
import type { Bench } from './support/bench.ts';
import { streamBench } from './support/stream-bench.ts';

const measure = streamBench('stream-join');

/** A quarter of the events: the rivals take more for each, and a run of every benchmark has its bound. */
export const streamJoin: Bench = (options) => measure({ ...options, events: Math.ceil(options.events / 4) });
