// The talk's pipeline: left join with the losses, group by player, three maxima.
import { streamBench } from './support/stream-bench.ts';

export const scoreboard = streamBench('scoreboard');
